// Contacts of the form: one more line, one line less. Without a script there is one empty line.

const list = document.querySelector("[data-contacts]");
const template = document.querySelector("[data-contact-template]");
const total = document.querySelector("[name=contacts-TOTAL_FORMS]");
const most = Number(document.querySelector("[name=contacts-MAX_NUM_FORMS]").value);
const add = document.querySelector("[data-contact-add]");

function addLine() {
  const number = Number(total.value);
  const line = template.content.firstElementChild.cloneNode(true);
  for (const element of line.querySelectorAll("[name], [id], [for]")) {
    for (const name of ["name", "id", "for"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace("__prefix__", number));
    }
  }
  list.append(line);
  total.value = number + 1;
  line.querySelector("input").focus();
  refresh();
}

/** The form counts its lines, so a removed one stays, empty: an empty line is no contact. */
function removeLine(line) {
  line.querySelector("input").value = "";
  line.hidden = true;
  refresh();
}

function refresh() {
  const lines = [...list.children].filter((line) => !line.hidden);
  for (const line of lines) line.querySelector("[data-contact-remove]").hidden = lines.length < 2;
  add.hidden = Number(total.value) >= most;
}

add.addEventListener("click", addLine);
list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-contact-remove]");
  if (button) removeLine(button.closest("[data-contact]"));
});
refresh();
