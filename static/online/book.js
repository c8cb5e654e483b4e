/** Comfort for the pages of online booking: each works without it. */

const isFramed = window.parent !== window;

function tellHeight() {
  const { height } = document.querySelector("#page").closest("body").getBoundingClientRect();
  window.parent.postMessage({ type: "clinic-booking:height", height }, "*");
}

/** Show whose clock it is to those whose own clock shows another time. */
function showZone() {
  const note = document.querySelector("[data-zone]");
  if (!note) {
    return;
  }
  const now = new Date();
  const read = (timeZone) => now.toLocaleString("en", { timeZone });
  if (read(note.dataset.zone) !== read(undefined)) {
    note.hidden = false;
  }
}

/** A second press changes nothing on the server; here it is not even sent. */
function sendOnce(event) {
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (event.target.target !== "_blank") {
    event.target.dataset.sent = "1";
  }
}

/** The sixth figure is the end of the code. */
function sendWholeCode({ target }) {
  if (target.matches(".code-form input") && /^\d{6}$/.test(target.value.replace(/\D/g, ""))) {
    target.form.requestSubmit();
  }
}

document.addEventListener("submit", sendOnce);
document.addEventListener("input", sendWholeCode);
document.addEventListener("htmx:afterSettle", showZone);
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
});
showZone();
if (isFramed) {
  document.documentElement.classList.add("is-framed");
  new ResizeObserver(tellHeight).observe(document.body);
  window.parent.postMessage({ type: "clinic-booking:page" }, "*");
} else {
  document.querySelector("input.code")?.focus(); // a frame must not take the page's focus
}
