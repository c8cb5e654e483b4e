// What holds for every htmx request: the CSRF token, the progress line, one press at a time,
// and plain words when it fails. A failed request never replaces what is on the page.

import { readCookie } from "./cookies.js";
import { say, showSignIn } from "./toasts.js";

const WORDS = { 403: "forbidden", 404: "missing", 410: "missing", 429: "often" };
let running = 0;

export function startRequests() {
  const { body } = document;
  body.addEventListener("htmx:configRequest", addToken);
  body.addEventListener("htmx:configRequest", dropEmptyFilters);
  document.addEventListener("submit", pressOnce);
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-pressed]").forEach(release));
  body.addEventListener("htmx:beforeSend", begin);
  body.addEventListener("htmx:afterRequest", end);
  body.addEventListener("htmx:sendError", () => say("offline"));
  body.addEventListener("htmx:timeout", () => say("slow"));
  body.addEventListener("htmx:responseError", (event) => explain(event.detail.xhr));
}

/** The token changes with every sign-in, also in another tab: the cookie has the newest. */
function addToken({ detail }) {
  const token = readCookie("csrftoken");
  if (!token || detail.verb === "get") return;
  detail.headers["X-CSRFToken"] = token;
  if (detail.parameters.csrfmiddlewaretoken) detail.parameters.csrfmiddlewaretoken = token;
}

/** The address of a filtered list names only the filters that are set. */
function dropEmptyFilters({ detail }) {
  if (!detail.elt.matches(".filters")) return;
  for (const [name, value] of [...detail.formData]) {
    if (value === "") detail.formData.delete(name);
  }
}

/** A plain form goes once, however often its button is pressed. */
function pressOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.target === "_blank") return;
  window.setTimeout(() => {
    if (event.defaultPrevented) return;
    for (const button of submitsOf(form)) {
      button.disabled = true;
      button.dataset.pressed = "";
    }
  });
}

/** Back in history: the page is as it was, and so are its buttons. */
function release(button) {
  button.disabled = false;
  delete button.dataset.pressed;
}

function begin(event) {
  running += 1;
  document.documentElement.classList.add("is-loading");
  for (const button of submitsOf(event.detail.elt)) button.disabled = true;
}

function end(event) {
  running = Math.max(0, running - 1);
  document.documentElement.classList.toggle("is-loading", running > 0);
  for (const button of submitsOf(event.detail.elt)) button.disabled = false;
}

function submitsOf(element) {
  return element.matches("form") ? element.querySelectorAll("[type=submit]:not([data-off])") : [];
}

function explain(xhr) {
  if (xhr.getResponseHeader("HX-Trigger")?.includes('"toasts"')) return;
  if (xhr.status === 401) showSignIn();
  else if (xhr.getResponseHeader("X-Reason") === "csrf") say("stale");
  else say(WORDS[xhr.status] ?? "failed");
}
