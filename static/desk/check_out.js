// The bill as it is typed: sums, change and debt at once. The server counts again and decides.
// All sums are whole kopecks.

const form = document.getElementById("check-out");
if (form) start();

function start() {
  document.getElementById("line-add").hidden = false;
  document.getElementById("check-out-left").hidden = false;
  for (const line of linesOf()) prepare(line);
  dropEmptyLines();
  form.addEventListener("input", count);
  form.addEventListener("change", ({ target }) => {
    if (target.matches("[data-line] select")) fillPrice(target);
  });
  form.addEventListener("click", ({ target }) => {
    const remove = target.closest("[data-line-remove]");
    const fill = target.closest("[data-fill]");
    if (remove) removeLine(remove.closest("[data-line]"));
    if (fill) fillSum(fill.dataset.fill);
    if (target.closest("#line-add")) addLine();
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
  count();
}

function linesOf() {
  return [...form.querySelectorAll("[data-line]")];
}

function field(line, name) {
  return line.querySelector(`[name$="-${name}"]`);
}

function prepare(line) {
  line.querySelector("[data-line-remove]").hidden = false;
  line.querySelector(".bill-remove-check").hidden = true;
  if (field(line, "DELETE").checked) line.hidden = true;
}

/** The spare line is for browsers without scripts. */
function dropEmptyLines() {
  for (const line of linesOf().slice(1)) {
    const isWrong = line.querySelector(".errorlist");
    if (!field(line, "service").value && !isWrong) removeLine(line);
  }
}

function addLine() {
  const total = form.elements["lines-TOTAL_FORMS"];
  const holder = document.createElement("div");
  const { innerHTML } = document.getElementById("line-template");
  holder.innerHTML = innerHTML.replaceAll("__prefix__", total.value);
  total.value = Number(total.value) + 1;
  const line = holder.firstElementChild;
  document.getElementById("check-out-lines").append(line);
  prepare(line);
  field(line, "service").focus();
  count();
}

function removeLine(line) {
  field(line, "DELETE").checked = true;
  line.hidden = true;
  count();
}

function fillPrice(select) {
  const line = select.closest("[data-line]");
  const price = select.selectedOptions[0].dataset.price;
  field(line, "price").value = price ? write(read(price)) : "";
  if (price && !field(line, "quantity").value) field(line, "quantity").value = "1";
  count();
}

function fillSum(name) {
  const sums = getSums();
  const { points } = form.elements;
  if (name === "points") points.value = getPayable(sums.owed);
  else {
    const others = sums.points + sums.card + sums.transfer + sums.cash - sums[name];
    form.elements[name].value = write(Math.max(0, sums.owed - others));
  }
  count();
}

/** "2 500,50" is 250050; what is no number is nothing. */
function read(text) {
  const sum = Number(String(text).replace(/[\s₽]/g, "").replace(",", "."));
  return Number.isFinite(sum) ? Math.round(sum * 100) : 0;
}

function write(kopecks) {
  const sum = (kopecks / 100).toFixed(2).replace(".", ",");
  return sum.endsWith(",00") ? sum.slice(0, -3) : sum;
}

function say(kopecks) {
  const format = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 2 });
  return `${format.format(kopecks / 100)}\u00a0₽`;
}

function sumOf(line) {
  if (line.hidden || !field(line, "service").value || field(line, "package")?.value) return 0;
  const quantity = Number.parseInt(field(line, "quantity").value || "1", 10) || 0;
  return quantity * read(field(line, "price").value) - read(field(line, "discount").value);
}

/** What was given back stays forgiven for the services that are still on the bill. */
function getForgiven() {
  const { returned, written } = form.dataset;
  const typed = {};
  for (const line of linesOf()) {
    const service = field(line, "service").value;
    typed[service] = (typed[service] ?? 0) + sumOf(line);
  }
  const kept = Object.entries(JSON.parse(written));
  return Math.min(
    read(returned),
    kept.reduce((sum, [service, before]) => sum + Math.min(read(before), typed[service] ?? 0), 0),
  );
}

function getSums() {
  const { paid } = form.dataset;
  const total = linesOf().reduce((sum, line) => sum + sumOf(line), 0) - getForgiven();
  const { points, card, transfer, cash } = form.elements;
  return {
    owed: total - read(paid),
    points: read(points?.value ?? ""),
    card: read(card.value),
    transfer: read(transfer.value),
    cash: read(cash.value),
  };
}

/** Points by the clinic's share of the bill, by the balance and by what is owed. */
function getPayable(owed) {
  const { share, balance, paid, paidPoints } = form.dataset;
  const total = owed + read(paid);
  const byShare = Math.floor((total * Math.round(Number(share) * 100)) / 10000 - read(paidPoints) / 100);
  return Math.max(0, Math.min(byShare, Number(balance), Math.floor(owed / 100)));
}

function count() {
  for (const line of linesOf()) {
    line.querySelector("[data-line-sum]").textContent = field(line, "service").value ? say(sumOf(line)) : "";
  }
  const sums = getSums();
  const beforeCash = sums.owed - sums.points - sums.card - sums.transfer;
  const debt = Math.max(0, beforeCash - sums.cash);
  const over = beforeCash < 0 ? -beforeCash : 0;
  const change = over ? 0 : Math.max(0, sums.cash - beforeCash);
  show("owed", say(sums.owed));
  for (const [name, sum] of Object.entries({ debt, over, change })) {
    show(name, say(sum));
    form.querySelector(`[data-row=${name}]`).hidden = !sum;
  }
  form.querySelector("[data-row=even]").hidden = Boolean(debt || over || change);
  showPayable(getPayable(sums.owed), sums);
}

function showPayable(payable, sums) {
  for (const button of form.querySelectorAll("[data-fill]")) button.hidden = false;
  const button = form.querySelector("[data-fill=points]");
  if (!button) return;
  const figure = new Intl.NumberFormat(document.documentElement.lang).format(payable);
  show("payable", figure);
  button.querySelector("span").textContent = button.dataset.text.replace("{points}", figure);
  button.disabled = !payable || sums.points === payable * 100;
}

function show(name, text) {
  form.querySelector(`[data-sum=${name}]`).textContent = text;
}
