// The rule builder: rows of controls over a textarea that holds the rule as JSON.
//
// The tree is the truth; the textarea follows it. A change of structure draws the tree anew, a
// change of a value touches nothing that is being typed in. What is not complete yet is left out
// of the live count and marked when the form is about to go.

import { drawControl, el, select } from "./rule-controls.js";
import { countLevels, isComplete, listConditions, MODES, readRule, startingValue, writeRule } from "./rule-model.js";

const PAUSE = 350;
const SVG = "http://www.w3.org/2000/svg";

class RuleBuilder {
  constructor(box) {
    this.box = box;
    this.area = box.querySelector("textarea");
    const catalogue = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    this.topics = catalogue.topics;
    this.limits = catalogue.limits;
    this.traits = new Map(this.topics.flatMap(({ traits }) => traits).map((trait) => [trait.code, trait]));
    this.root = readRule(parse(this.area.value));
    this.past = [];
    this.elements = new Map();
    this.start();
  }

  start() {
    this.tree = el("div", { class: "rule-tree" });
    this.undoButton = this.button("arrow-back-up", gettext("Undo"), () => this.undo(), "btn btn-sm btn-quiet rule-undo");
    this.figure = el("span", { class: "rule-figure" }, "…");
    this.note = el("span", { class: "rule-note" });
    this.bar = drawBar();
    const size = el("div", { class: "rule-size", role: "status", "aria-live": "polite" }, this.figure, this.note);
    const foot = el("div", { class: "rule-foot" }, size, this.undoButton, this.bar.frame);
    const json = el("details", { class: "rule-json" }, el("summary", {}, gettext("The rule as JSON")));
    this.area.before(this.tree, foot, json);
    json.append(this.area);
    this.area.addEventListener("change", () => this.readArea());
    this.area.form?.addEventListener("submit", (event) => this.beforeSubmit(event));
    document.addEventListener("click", ({ target }) => this.closeOthers(target));
    this.draw();
    this.changed();
  }

  // Changes

  /** Remember how it was, change the structure, draw it anew, put the focus where it belongs. */
  rebuild(change, focusOn) {
    this.past.push(structuredClone(this.root));
    change();
    this.draw();
    this.changed();
    this.elements.get(focusOn)?.querySelector("select, input, summary, button")?.focus();
  }

  undo() {
    if (!this.past.length) return;
    this.root = this.past.pop();
    this.draw();
    this.changed();
    (this.past.length ? this.undoButton : this.tree.querySelector("select")).focus();
  }

  changed() {
    this.area.value = JSON.stringify(writeRule(this.root).rule, null, 2);
    this.undoButton.hidden = !this.past.length;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.count(), PAUSE);
  }

  readArea() {
    const json = parse(this.area.value);
    if (!json) return;
    this.rebuild(() => {
      this.root = readRule(json);
    });
  }

  isReady = (condition) => isComplete(condition, this.operatorOf(condition));

  operatorOf({ trait, op }) {
    return this.traits.get(trait)?.operators.find(({ code }) => code === op);
  }

  // The live count

  async count() {
    this.request?.abort();
    this.request = new AbortController();
    const { rule, places } = writeRule(this.root, { isWanted: this.isReady });
    this.box.classList.add("is-counting");
    try {
      const response = await fetch(this.box.dataset.count, {
        method: "POST",
        headers: { "X-CSRFToken": this.area.form?.elements.csrfmiddlewaretoken?.value ?? "" },
        body: new URLSearchParams({ rule: JSON.stringify(rule) }),
        signal: this.request.signal,
      });
      this.showAnswer(await response.json(), places, response.ok);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.say("—", gettext("No answer from the server. The count will come with the next change."), 0);
    }
    this.box.classList.remove("is-counting");
  }

  showAnswer(answer, places, isOk) {
    this.clearMarks();
    if (!isOk) {
      this.say("—", gettext("Correct what is marked."), 0);
      for (const { path, text } of answer.faults ?? []) this.mark(findPlace(places, path), text);
      return;
    }
    for (const [path, text] of Object.entries(answer.alone)) this.showAlone(places.get(path), text);
    this.say(answer.figure, `${answer.rest} · ${this.explain()}`, answer.share);
  }

  explain() {
    const conditions = listConditions(this.root);
    if (!conditions.length) return gettext("everybody: there are no conditions yet");
    if (!conditions.every(this.isReady)) return gettext("without the conditions that are not complete");
    return gettext("meet the rule now");
  }

  say(figure, note, share) {
    this.figure.textContent = figure;
    this.note.textContent = note;
    this.bar.fill.setAttribute("width", `${share * 100}%`);
  }

  showAlone(condition, text) {
    const chip = this.elements.get(condition)?.querySelector(".rule-alone");
    if (chip) chip.textContent = text;
  }

  // Faults

  mark(node, text) {
    const element = this.elements.get(node) ?? this.tree;
    element.classList.add("is-faulty");
    element.append(el("p", { class: "rule-fault", role: "alert" }, text));
  }

  clearMarks() {
    this.tree.querySelectorAll(".rule-fault").forEach((note) => note.remove());
    for (const element of [this.tree, ...this.tree.querySelectorAll(".is-faulty")]) element.classList.remove("is-faulty");
  }

  beforeSubmit(event) {
    const open = listConditions(this.root).filter((condition) => !this.isReady(condition));
    if (!open.length) return;
    event.preventDefault();
    this.clearMarks();
    for (const condition of open) this.mark(condition, gettext("Complete this condition or remove it."));
    this.elements.get(open[0]).querySelector("select, input, summary").focus();
  }

  // Drawing

  draw() {
    this.elements.clear();
    this.tree.replaceChildren(this.drawGroup(this.root, null));
  }

  drawGroup(group, parent) {
    const modes = MODES.map((mode) => [mode, nameOf(mode)]);
    const mode = select(modes, group.mode, gettext("How the conditions are joined"), (chosen) =>
      this.rebuild(() => { group.mode = chosen; }, group));
    const tools = parent ? this.groupTools(group, parent) : null;
    const items = group.items.map((item, place) => this.drawItem(item, group, place));
    const list = items.length ? el("ol", { class: "rule-items" }, ...items) : null;
    const head = el("div", { class: "rule-head" }, mode, tools);
    const element = el("fieldset", { class: "rule-group", "data-mode": group.mode },
      el("legend", { class: "visually-hidden" }, gettext("Group of conditions")), head, list, this.drawAdd(group));
    this.elements.set(group, element);
    return element;
  }

  groupTools(group, parent) {
    const place = () => parent.items.indexOf(group);
    return el("span", { class: "rule-tools" },
      this.tool("arrows-join", gettext("Dissolve the group"), () =>
        this.rebuild(() => parent.items.splice(place(), 1, ...group.items), parent)),
      this.tool("x", gettext("Remove the group"), () =>
        this.rebuild(() => parent.items.splice(place(), 1), parent)));
  }

  drawItem(item, group, place) {
    const word = place ? el("span", { class: "rule-join", "aria-hidden": "true" }, joinOf(group.mode)) : null;
    const node = item.items ? this.drawGroup(item, group) : this.drawCondition(item, group);
    return el("li", { class: "rule-item" }, word, node);
  }

  drawCondition(condition, group) {
    const trait = this.traits.get(condition.trait);
    const operator = this.operatorOf(condition);
    const parts = [this.traitSelect(condition)];
    if (trait) parts.push(this.operatorSelect(condition, trait));
    if (operator) parts.push(drawControl(condition, trait, operator, (value) => this.setValue(condition, value)));
    const hint = trait?.hint ? el("p", { class: "rule-hint" }, trait.hint) : null;
    const element = el("div", { class: "rule-condition" },
      el("div", { class: "rule-asked" }, ...parts), this.conditionTools(condition, group), hint);
    this.elements.set(condition, element);
    return element;
  }

  setValue(condition, value) {
    condition.value = value;
    this.changed();
  }

  traitSelect(condition) {
    const groups = this.topics.map(({ label, traits }) => el("optgroup", { label },
      ...traits.map(({ code, label: text }) => el("option", { value: code, selected: code === condition.trait }, text))));
    const first = el("option", { value: "", selected: !condition.trait }, gettext("Choose a trait…"));
    const changed = ({ target }) => this.rebuild(() => this.setTrait(condition, target.value), condition);
    return el("select", { class: "form-select rule-trait", "aria-label": gettext("Trait"), onchange: changed }, first, ...groups);
  }

  setTrait(condition, code) {
    const operator = this.traits.get(code)?.operators[0];
    Object.assign(condition, { trait: code, op: operator?.code ?? "", value: operator && startingValue(operator) });
  }

  operatorSelect(condition, trait) {
    const pairs = trait.operators.map(({ code, label }) => [code, label]);
    return select(pairs, condition.op, gettext("Comparison"), (chosen) => this.rebuild(() => {
      condition.op = chosen;
      condition.value = startingValue(this.operatorOf(condition), condition.value);
    }, condition), { class: "form-select rule-operator" });
  }

  conditionTools(condition, group) {
    const place = () => group.items.indexOf(condition);
    const alone = el("span", { class: "rule-alone", title: gettext("So many patients meet this condition alone") });
    const wrapped = { mode: group.mode === "any" ? "all" : "any", items: [condition] };
    return el("span", { class: "rule-tools" }, alone,
      this.tool("copy", gettext("Repeat the condition"), () =>
        this.rebuild(() => group.items.splice(place() + 1, 0, structuredClone(condition)), condition), this.isFull()),
      this.tool("stack-2", gettext("Put into a group of its own"), () =>
        this.rebuild(() => group.items.splice(place(), 1, wrapped), wrapped), countLevels(this.root) >= this.limits.levels),
      this.tool("x", gettext("Remove the condition"), () =>
        this.rebuild(() => group.items.splice(place(), 1), group)));
  }

  drawAdd(group) {
    const blank = () => ({ trait: "", op: "", value: undefined });
    const add = (item) => this.rebuild(() => group.items.push(item), item);
    return el("div", { class: "rule-add" },
      this.button("plus", gettext("Condition"), () => add(blank()), "btn btn-sm btn-secondary", this.isFull()),
      this.button("stack-2", gettext("Group of conditions"), () =>
        add({ mode: group.mode === "any" ? "all" : "any", items: [blank()] }),
      "btn btn-sm btn-quiet", this.isFull() || countLevels(this.root) >= this.limits.levels));
  }

  isFull() {
    return listConditions(this.root).length >= this.limits.conditions;
  }

  tool(icon, label, act, disabled = false) {
    return el("button", { type: "button", class: "rule-tool", "aria-label": label, title: label, disabled, onclick: act }, this.icon(icon));
  }

  button(icon, label, act, look, disabled = false) {
    return el("button", { type: "button", class: look, disabled, onclick: act }, this.icon(icon), label);
  }

  icon(name) {
    const picture = document.createElementNS(SVG, "svg");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `${this.box.dataset.icons}#${name}`);
    picture.setAttribute("class", "icon");
    picture.setAttribute("aria-hidden", "true");
    picture.append(use);
    return picture;
  }

  closeOthers(target) {
    for (const open of this.tree.querySelectorAll("details[open]")) if (!open.contains(target)) open.open = false;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The node at the pointer or the nearest above it: "/all/0/value" is a fault of "/all/0". */
function findPlace(places, path) {
  let at = path;
  while (at && !places.has(at)) at = at.slice(0, at.lastIndexOf("/"));
  return places.get(at);
}

function nameOf(mode) {
  return {
    all: gettext("All of these are true"),
    any: gettext("At least one is true"),
    none: gettext("None of these is true"),
    not_all: gettext("Not all of these are true"),
  }[mode];
}

function joinOf(mode) {
  return mode === "all" || mode === "not_all" ? gettext("and") : gettext("or");
}

function drawBar() {
  const frame = document.createElementNS(SVG, "svg");
  frame.setAttribute("class", "rule-bar");
  frame.setAttribute("aria-hidden", "true");
  const fill = document.createElementNS(SVG, "rect");
  fill.setAttribute("height", "100%");
  frame.append(fill);
  return { frame, fill };
}

for (const box of document.querySelectorAll("[data-rule-builder]")) new RuleBuilder(box);
