// Notes in the corner. The server sends them as {notes: [{text, level, undo}]} in HX-Trigger.

const TONES = { success: "success", info: "info", warning: "warning", error: "danger" };
const QUICK = 6000;
const WITH_UNDO = 12000;

export function startToasts() {
  place().querySelectorAll(".note").forEach(startNote);
  document.body.addEventListener("toasts", (event) => event.detail.notes.forEach(showToast));
}

/** `text`: one of the prepared messages of the page (`say("offline")`). */
export function say(name) {
  showToast({ text: place().dataset[name], level: "error", undo: "" });
}

export function showToast({ text, level, undo }) {
  const repeated = [...place().querySelectorAll(".note-text")].find((old) => old.textContent === text);
  if (repeated && !undo) repeated.closest(".note").remove();
  const note = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  note.dataset.level = level;
  note.classList.replace("tone-neutral", `tone-${TONES[level] ?? "neutral"}`);
  note.setAttribute("role", level === "error" ? "alert" : "status");
  note.prepend(pictureOf(level));
  note.querySelector(".note-text").textContent = text;
  addUndo(note, undo);
  place().append(note);
  startNote(note);
}

export function showSignIn() {
  const { signedOut, signIn, signInUrl } = place().dataset;
  showToast({ text: signedOut, level: "warning", undo: "" });
  const link = document.createElement("a");
  Object.assign(link, { href: signInUrl, target: "_blank", textContent: signIn });
  link.className = "d-block fw-bold mt-1";
  place().lastElementChild.querySelector(".note-text").append(link);
}

function place() {
  return document.getElementById("toasts");
}

function pictureOf(level) {
  const icons = document.getElementById("toast-icons").content;
  const holder = icons.querySelector(`[data-level="${level}"]`) ?? icons.querySelector("[data-level=info]");
  return holder.firstElementChild.cloneNode(true);
}

function addUndo(note, undo) {
  const form = note.querySelector(".note-form");
  if (!undo) {
    form.remove();
    return;
  }
  form.action = undo;
  form.setAttribute("hx-post", undo);
  form.setAttribute("hx-swap", "none");
  window.htmx.process(form);
}

function startNote(note) {
  note.querySelector("[data-note-close]").addEventListener("click", () => note.remove());
  const undo = note.querySelector(".note-form");
  undo?.addEventListener("htmx:afterRequest", () => note.remove());
  if (note.dataset.level === "success" || note.dataset.level === "info") {
    leaveLater(note, undo ? WITH_UNDO : QUICK);
  }
}

/** A note does not leave while somebody points at it or has the focus in it. */
function leaveLater(note, delay) {
  let timer = 0;
  const start = () => {
    timer = window.setTimeout(() => note.remove(), delay);
  };
  const hold = () => window.clearTimeout(timer);
  for (const event of ["mouseenter", "focusin"]) note.addEventListener(event, hold);
  for (const event of ["mouseleave", "focusout"]) note.addEventListener(event, start);
  start();
}
