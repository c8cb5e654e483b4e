// The editor of a text: variables by a click, earlier texts back, the letter as it is typed.

const editor = document.querySelector("#editor");
const letter = document.querySelector("#letter-form");
const LETTER_DELAY = 500;

let lastField = editor.elements.body;
let timer = 0;

function insert(text) {
  lastField.setRangeText(text, lastField.selectionStart, lastField.selectionEnd, "end");
  lastField.focus();
  lastField.dispatchEvent(new Event("input", { bubbles: true }));
}

function putBack({ subject, body }) {
  if (editor.elements.subject) editor.elements.subject.value = subject;
  editor.elements.body.value = body;
  editor.elements.body.focus();
  editor.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
}

function showLetter() {
  letter.elements.subject.value = editor.elements.subject.value;
  letter.elements.body.value = editor.elements.body.value;
  letter.submit();
}

editor.addEventListener("focusin", ({ target }) => {
  if (target.matches("textarea, input[type=text]")) lastField = target;
});

document.addEventListener("click", ({ target }) => {
  const variable = target.closest("[data-insert]");
  if (variable) insert(variable.dataset.insert);
  const earlier = target.closest("[data-put-back]");
  if (earlier) putBack(earlier.dataset);
});

if (letter) {
  editor.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(showLetter, LETTER_DELAY);
  });
  showLetter();
}
