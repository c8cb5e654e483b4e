/* The form of a course: lines are added by one tap and filled in from what is prescribed often. */

const form = document.querySelector("[data-prescribe]");
const list = form.querySelector("[data-lines]");
const blank = form.querySelector("[data-blank]");
const total = form.querySelector("[name=line-TOTAL_FORMS]");

const field = (line, name) => line.querySelector(`[name$="-${name}"]`);

function addLine() {
  const number = Number(total.value);
  const holder = document.createElement("ol");
  holder.innerHTML = blank.innerHTML.replaceAll("__prefix__", number);
  const line = holder.firstElementChild;
  total.value = number + 1;
  list.append(line);
  follow(line);
  return line;
}

/** The first line that names no service yet, or a new one. */
function freeLine() {
  return [...list.children].find((line) => !field(line, "service").value) ?? addLine();
}

function fill(line, habit) {
  field(line, "service").value = habit.service;
  field(line, "sessions").value = habit.sessions;
  field(line, "every_min_days").value = habit.everyMinDays;
  field(line, "every_max_days").value = habit.everyMaxDays;
  field(line, "is_repeat_exam").checked = habit.exam === "True";
  follow(line);
}

/** Offer only the specialists of the service; a repeat examination is one session. */
function follow(line) {
  const service = field(line, "service").value;
  const specialist = field(line, "specialist");
  for (const option of specialist.options) {
    const offers = (option.dataset.services ?? "").split(" ");
    option.hidden = Boolean(option.value && service && !offers.includes(service));
  }
  if (specialist.selectedOptions[0]?.hidden) specialist.value = "";
  const isExam = field(line, "is_repeat_exam").checked;
  line.querySelector(".line-fields").toggleAttribute("data-exam", isExam);
  const sessions = field(line, "sessions");
  sessions.readOnly = isExam;
  if (isExam) sessions.value = 1;
  const label = line.querySelector("[data-interval-label]");
  label.textContent = isExam ? label.dataset.afterCourse : label.dataset.between;
}

form.addEventListener("click", (event) => {
  const habit = event.target.closest("[data-habit]");
  if (habit) {
    const line = freeLine();
    fill(line, habit.dataset);
    line.scrollIntoView({ block: "nearest" });
  }
  if (event.target.closest("[data-add]")) field(addLine(), "service").focus();
  const remove = event.target.closest("[data-remove]");
  if (remove) {
    // An empty service leaves the line out; the numbers of the others stay as they are.
    const line = remove.closest("[data-line]");
    field(line, "service").value = "";
    if (list.children.length > 1) line.hidden = true;
  }
});

form.addEventListener("change", (event) => {
  const line = event.target.closest("[data-line]");
  if (line) follow(line);
});

for (const line of list.children) follow(line);
