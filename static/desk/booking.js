// The dialogs of booking and moving: an offered time fills the fields, keys walk the search, closing lets go.

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-take][type=button]");
  if (chip) take(chip);
});

document.addEventListener("keydown", (event) => {
  if (event.target.id === "guest-search") walkFromField(event);
  else if (event.target.closest?.("#guest-hits")) walkHits(event);
});

// Closed without booking: the time that was held is for others.
document.addEventListener("hide.bs.modal", (event) => {
  const held = event.target.querySelector("[data-release]");
  if (held && !event.defaultPrevented) {
    window.htmx.ajax("POST", held.dataset.release, { source: document.body, swap: "none" });
  }
});

function take(chip) {
  const { form } = chip;
  const [employee, on, clock] = chip.value.split(" ");
  Object.assign(form.elements.employee, { value: employee });
  Object.assign(form.elements.on, { value: on });
  Object.assign(form.elements.clock, { value: clock });
  form.elements.clock.dispatchEvent(new Event("change", { bubbles: true }));
}

function walkFromField(event) {
  if (!["ArrowDown", "Enter"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "ArrowDown") document.querySelector("#guest-hits button")?.focus();
  else chooseFirst(event.target);
}

/** Enter may come before the answer to the last letters: the hits of the first ones do not count. */
function chooseFirst(field) {
  if (!field.value.trim()) return;
  const hits = document.getElementById("guest-hits");
  const foundFor = hits.querySelector("[data-found-for]")?.dataset.foundFor;
  if (foundFor === field.value.trim()) hits.querySelector("button").click();
  else hits.addEventListener("htmx:afterSettle", () => chooseFirst(field), { once: true });
}

function walkHits(event) {
  const hits = [...document.querySelectorAll("#guest-hits button")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = hits.indexOf(event.target) + step;
  if (next < 0) document.getElementById("guest-search").focus();
  else hits[Math.min(next, hits.length - 1)].focus();
}
