const YEAR = 365 * 24 * 60 * 60;

export function readCookie(name) {
  const start = `${name}=`;
  const pair = document.cookie.split("; ").find((cookie) => cookie.startsWith(start));
  return pair ? decodeURIComponent(pair.slice(start.length)) : "";
}

/** Remember a preference that the server needs to draw the page right at once. */
export function keepPreference(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${YEAR}; samesite=lax`;
}
