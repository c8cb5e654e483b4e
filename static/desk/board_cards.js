// How a doctor, an appointment and closed time are drawn in the columns of the board.

const SVG = "http://www.w3.org/2000/svg";

export function drawDoctor({ name, position, hours }) {
  return [span("doctor-name", name), span("doctor-about", `${hours} · ${position}`)];
}

export function drawCard(card, time, icons) {
  const { patient, service, room, text, marks, note } = card;
  const head = span("card-head", "");
  head.append(picture(card.icon, icons), span("card-who", shorten(patient)));
  for (const mark of marks) head.append(badge(mark, icons));
  const body = span("card-what", [service, room].filter(Boolean).join(" · "));
  const said = [time, patient, service, room, text, ...marks.map((mark) => mark.text), note];
  const hint = span("card-said visually-hidden", said.filter(Boolean).join(", "));
  const shown = span("card-shown", "");
  shown.setAttribute("aria-hidden", "true");
  shown.title = [`${time}  ${patient}`, service, room, text, note].filter(Boolean).join("\n");
  shown.append(head, body);
  return [shown, hint];
}

export function drawClosed({ kind, text }, icons) {
  if (!text) return [];
  const icon = { BREAK: "coffee", HOLD: "lock" }[kind] ?? "beach";
  const label = span("closed-label", "");
  label.append(picture(icon, icons), span("", text));
  return [label];
}

/** «Ковалёва Анна Д.»: what fits a column and still tells two namesakes apart. */
function shorten(name) {
  const [last, first, middle] = name.split(" ");
  return [last, first, middle && `${middle[0]}.`].filter(Boolean).join(" ");
}

function badge({ icon, tone, text }, icons) {
  const mark = span(`card-mark tone-${tone}`, "");
  mark.title = text;
  mark.append(picture(icon, icons));
  return mark;
}

function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function picture(name, icons) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon icon-sm");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}
