// The dialogs of booking and moving: an offered time fills the fields, keys walk the search, closing lets go.

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-take][type=button]");
  const prescribed = event.target.closest("[data-pick-service]");
  if (chip) take(chip);
  else if (prescribed) pickService(prescribed);
});

// What was asked for is remembered before the fields show what was taken.
document.addEventListener(
  "change",
  ({ target }) => {
    if (target.dataset?.wishAs) target.form.elements[target.dataset.wishAs].value = target.value;
  },
  true,
);

// Whom is settled: the service comes next.
document.addEventListener("guest-chosen", () => {
  const service = document.querySelector("#dialog select[name^=service]");
  if (service && !service.value) service.focus();
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
  const [employee, on, clock, place] = chip.value.split(" ");
  const doctors = form.elements.employee;
  if (![...doctors.options].some((option) => option.value === employee)) {
    doctors.add(new Option(chip.dataset.who, employee));
  }
  Object.assign(doctors, { value: employee });
  Object.assign(form.elements.on, { value: on });
  Object.assign(form.elements.clock, { value: clock });
  if (form.elements.place) Object.assign(form.elements.place, { value: place });
  for (const other of form.querySelectorAll("[data-take]")) {
    other.setAttribute("aria-pressed", String(other.value === chip.value));
  }
  form.elements.clock.dispatchEvent(new Event("change", { bubbles: true }));
}

/** What is prescribed is what is booked; whoever offers it is asked. */
function pickService(button) {
  const fields = [...button.closest("form").querySelectorAll("select[name^=service]")];
  const service = fields.find((field) => !field.value) ?? fields[0];
  service.value = button.dataset.pickService;
  service.dispatchEvent(new Event("change", { bubbles: true }));
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
