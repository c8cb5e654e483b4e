const PAUSE = 2000;
const messages = document.getElementById("messages");

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("messages").innerHTML;
  if (fresh !== messages.innerHTML) {
    messages.innerHTML = fresh;
  }
}

setInterval(() => refresh().catch(() => {}), PAUSE);
