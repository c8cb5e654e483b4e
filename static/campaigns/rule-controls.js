// The control for each kind of value. A control tells `changed(value)` whatever the user does.

const MANY = 8;
const SHOWN = 3;

/** An element: el("p", { class: "x", onclick: f }, "text", child). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function drawControl(condition, trait, operator, changed) {
  switch (operator.input) {
    case "none":
      return null;
    case "number":
      return withUnit(numberBox(condition.value, trait, changed, gettext("Number")), trait);
    case "days":
      return numberBox(condition.value, trait, changed, gettext("Days"));
    case "numbers":
      return withUnit(pair(condition, (value, save, label) => numberBox(value, trait, save, label), changed), trait);
    case "date":
      return dateBox(condition.value, changed, gettext("Date"));
    case "dates":
      return pair(condition, dateBox, changed);
    case "text":
      return textBox(condition.value, changed);
    case "choices":
      return choices(condition.value, trait, changed);
    default:
      return activity(condition, trait, operator, changed);
  }
}

function box(type, value, changed, label, more = {}) {
  return el("input", {
    type,
    class: `form-control rule-${type}`,
    value: value ?? "",
    "aria-label": label,
    oninput: ({ target }) => changed(target.value),
    ...more,
  });
}

function numberBox(value, trait, changed, label) {
  const step = trait.unit ? "0.01" : "1";
  const read = (text) => changed(text === "" ? "" : Number(text));
  return box("number", value, read, label, { min: 0, step, max: trait.most ?? undefined, inputmode: "decimal" });
}

function dateBox(value, changed, label) {
  return box("date", value, changed, label);
}

function textBox(value, changed) {
  return box("text", value, changed, gettext("Text to look for"), { maxlength: 100 });
}

function withUnit(control, trait) {
  return trait.unit ? el("span", { class: "rule-united" }, control, el("span", { class: "rule-unit" }, trait.unit)) : control;
}

function pair(condition, draw, changed) {
  const ends = [...condition.value];
  const save = (place) => (value) => {
    ends[place] = value;
    changed([...ends]);
  };
  const first = draw(ends[0], save(0), gettext("From"));
  const last = draw(ends[1], save(1), gettext("To"));
  return el("span", { class: "rule-pair" }, first, el("span", { "aria-hidden": "true" }, "–"), last);
}

/** A closed list that says what is chosen, and opens to check boxes with a search over them. */
export function choices(chosen, trait, changed) {
  const picked = new Set(chosen);
  const summary = el("summary", { class: "form-select rule-chosen" });
  const say = () => {
    const labels = trait.options.filter((option) => picked.has(option.value)).map((option) => option.label);
    const rest = labels.length - SHOWN;
    const more = rest > 0 ? interpolate(gettext("and %s more"), [rest]) : "";
    summary.textContent = labels.length ? `${labels.slice(0, SHOWN).join(", ")} ${more}`.trim() : gettext("Choose…");
    summary.classList.toggle("is-empty", !labels.length);
    summary.title = labels.join(", ");
  };
  const rows = trait.options.map((option) => choiceRow(option, picked, () => {
    say();
    changed(trait.options.map(({ value }) => value).filter((value) => picked.has(value)));
  }));
  say();
  const search = rows.length > MANY ? searchBox(rows) : null;
  const list = el("div", { class: "rule-options", role: "group", "aria-label": trait.label }, ...rows);
  const details = el("details", { class: "rule-choices" }, summary, el("div", { class: "rule-popover" }, search, list));
  details.addEventListener("toggle", () => details.open && (search ?? list.querySelector("input"))?.focus());
  details.addEventListener("keydown", (event) => closeOnEscape(event, details));
  return details;
}

function choiceRow(option, picked, changed) {
  const input = el("input", {
    type: "checkbox",
    class: "form-check-input",
    onchange: ({ target }) => {
      picked[target.checked ? "add" : "delete"](option.value);
      changed();
    },
  });
  input.checked = picked.has(option.value);
  return el("label", { class: "rule-option" }, input, el("span", {}, option.label));
}

function searchBox(rows) {
  return el("input", {
    type: "search",
    class: "form-control rule-search",
    placeholder: gettext("Find…"),
    "aria-label": gettext("Find…"),
    onkeydown: (event) => event.key === "Enter" && event.preventDefault(),
    oninput: ({ target }) => {
      const text = target.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(text);
    },
  });
}

function closeOnEscape(event, details) {
  if (event.key !== "Escape" || !details.open) return;
  event.stopPropagation();
  details.open = false;
  details.querySelector("summary").focus();
}

/** What, within which time, how often. */
function activity(condition, trait, operator, changed) {
  const value = { ...condition.value };
  const save = (more) => {
    Object.assign(value, more);
    for (const key of Object.keys(value)) if (value[key] === undefined) delete value[key];
    changed({ ...value });
  };
  const days = numberBox(value.days, {}, (text) => save({ days: text }), gettext("Days"));
  const unit = el("span", { class: "rule-unit" }, gettext("days"));
  const since = el("span", { class: "rule-united" }, days, unit);
  since.hidden = value.days === undefined;
  const period = select(
    [["ever", gettext("at any time")], ["last", gettext("in the last")]],
    value.days === undefined ? "ever" : "last",
    gettext("Within which time"),
    (chosen) => {
      since.hidden = chosen === "ever";
      days.value = chosen === "ever" ? "" : "90";
      save({ days: chosen === "ever" ? undefined : 90 });
    },
  );
  const parts = [choices(value.of, trait, (of) => save({ of })), period, since];
  if (operator.input === "activity_times") parts.push(times(value, save));
  return el("span", { class: "rule-activity" }, ...parts);
}

function times(value, save) {
  const often = (text) => save({ times: text === 1 ? undefined : text });
  const control = numberBox(value.times ?? 1, {}, often, gettext("How many times at least"));
  control.min = 1;
  control.classList.add("rule-times");
  const unit = el("span", { class: "rule-unit" }, gettext("times or more"));
  return el("span", { class: "rule-united" }, control, unit);
}

/** A native select of [value, label] pairs. */
export function select(pairs, chosen, label, changed, more = {}) {
  const options = pairs.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
  return el("select", { class: "form-select", "aria-label": label, onchange: ({ target }) => changed(target.value), ...more }, ...options);
}
