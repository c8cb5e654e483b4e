// The one dialog, #dialog, which htmx fills, and the question before what cannot be undone.

const SIZES = ["modal-sm", "modal-lg", "modal-xl"];
let typed = false;

export function startDialog() {
  const frame = document.getElementById("dialog-frame");
  const content = document.getElementById("dialog");
  const modal = window.tabler.Modal.getOrCreateInstance(frame);

  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === content) showOrClose(modal, content);
  });
  document.body.addEventListener("dialog:close", () => close(modal));
  content.addEventListener("input", () => {
    typed = true;
  });
  frame.addEventListener("hide.bs.modal", (event) => {
    if (typed) keepTyped(event, modal);
  });
  frame.addEventListener("hidden.bs.modal", () => content.replaceChildren());
  frame.addEventListener("shown.bs.modal", () => focusFirst(content));
  startQuestions();
}

function showOrClose(modal, content) {
  if (!content.firstElementChild) {
    close(modal);
    return;
  }
  const size = content.querySelector("[data-dialog-size]")?.dataset.dialogSize;
  const box = content.parentElement;
  box.classList.remove(...SIZES);
  if (size) box.classList.add(`modal-${size}`);
  const isOpen = content.closest(".modal").classList.contains("show");
  if (isOpen) focusFirst(content);
  else typed = false;
  modal.show();
}

function close(modal) {
  typed = false;
  modal.hide();
}

async function keepTyped(event, modal) {
  event.preventDefault();
  const { leaveTitle, leaveText, leaveAction } = document.getElementById("ask").dataset;
  if (await ask({ title: leaveTitle, text: leaveText, action: leaveAction })) close(modal);
}

function focusFirst(content) {
  const wrong = content.querySelector("[aria-invalid=true]");
  const first = content.querySelector("[autofocus], .modal-body :is(input:not([type=hidden]), select, textarea)");
  (wrong ?? first ?? content.querySelector(".btn-primary"))?.focus();
}

/** Ask a question; resolves to whether the answer is yes. */
export function ask({ title, text = "", action = "", danger = false }) {
  const box = document.getElementById("ask");
  const yes = box.querySelector("[value=yes]");
  box.querySelector(".ask-title").textContent = title;
  box.querySelector(".ask-text").textContent = text;
  yes.textContent = action || yes.dataset.default;
  yes.classList.toggle("btn-danger", danger);
  yes.classList.toggle("btn-primary", !danger);
  box.returnValue = "";
  window.setTimeout(() => box.showModal()); // an Escape that leads here must not close it at once
  return new Promise((resolve) => {
    box.addEventListener("close", () => resolve(box.returnValue === "yes"), { once: true });
  });
}

function startQuestions() {
  document.body.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const { confirmText, confirmAction, confirmDanger } = event.detail.elt.dataset;
    const question = {
      title: event.detail.question,
      text: confirmText,
      action: confirmAction,
      danger: confirmDanger !== undefined,
    };
    if (await ask(question)) event.detail.issueRequest(true);
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.hasAttribute("hx-post")) return;
    event.preventDefault();
    const { confirm, confirmText, confirmAction, confirmDanger } = form.dataset;
    const question = {
      title: confirm,
      text: confirmText,
      action: confirmAction,
      danger: confirmDanger !== undefined,
    };
    if (await ask(question)) {
      delete form.dataset.confirm;
      form.requestSubmit(event.submitter);
    }
  });
}
