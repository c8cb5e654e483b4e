// The board of reception: columns of doctors, kept fresh, moved by dragging, run by keys.

import { drawCard, drawClosed, drawDoctor } from "./board_cards.js";

const REFRESH = 1500; // ms between looks at what others changed
const LOST_AFTER = 8; // failed looks in a row until the page says so
const SLOT_HEIGHT = 19; // px for a quarter of an hour

const board = document.getElementById("board");
const grid = document.getElementById("board-grid");
let feed = JSON.parse(document.getElementById("board-feed").textContent);
let version = "";
let failures = 0;
let isDragging = false;
let isLooking = false;
let calendar = null;

function start() {
  if (grid) calendar = window.EventCalendar.create(grid, options());
  window.setInterval(() => isLooking || refresh(), REFRESH);
  document.addEventListener("visibilitychange", refresh);
  document.body.addEventListener("appointments-changed", () => refresh());
  document.addEventListener("keydown", pressKey);
  document.getElementById("board-on").addEventListener("change", (event) => {
    if (event.target.value) event.target.form.requestSubmit();
  });
  document.getElementById("board-print").addEventListener("click", () => window.print());
}

function options() {
  return {
    view: "resourceTimeGridDay",
    date: feed.on,
    locale: document.documentElement.lang,
    timeZone: feed.offset,
    headerToolbar: false,
    dayHeaderFormat: () => "",
    allDaySlot: false,
    nowIndicator: true,
    height: "100%",
    columnWidth: "minmax(8.5rem, 1fr)",
    slotDuration: "00:15",
    slotLabelInterval: "01:00",
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    slotHeight: SLOT_HEIGHT,
    slotMinTime: feed.first,
    slotMaxTime: feed.last,
    scrollTime: scrollTime(),
    slotEventOverlap: false,
    pointer: true,
    editable: true,
    eventDurationEditable: false,
    longPressDelay: 400,
    eventTimeFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    resources: resources(),
    resourceLabelContent: ({ resource }) => ({ domNodes: drawDoctor(resource.extendedProps) }),
    events: events(),
    eventContent: ({ event, timeText }) => content(event, timeText),
    eventClick: ({ event }) => openAppointment(event),
    eventDragStart: () => {
      isDragging = true;
    },
    eventDragStop: () => {
      isDragging = false;
    },
    eventDrop: move,
    dateClick: ({ dateStr, resource }) => book(dateStr, resource),
  };
}

/** Two hours before now on the day itself, else the beginning of the day. */
function scrollTime() {
  const local = new Date(Date.now() + minutesOf(feed.offset) * 60000).toISOString();
  if (local.slice(0, 10) !== feed.on) return feed.first;
  const hour = Math.max(0, Number(local.slice(11, 13)) - 2);
  return `${String(hour).padStart(2, "0")}:00`;
}

function minutesOf(offset) {
  const [hours, minutes] = offset.slice(1).split(":").map(Number);
  return (offset[0] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

function resources() {
  return feed.columns.map((column) => ({
    id: column.id,
    title: column.name,
    extendedProps: column,
  }));
}

function events() {
  const closed = feed.closed.map((period, number) => ({
    id: `closed-${number}`,
    resourceIds: [period.column],
    start: period.start,
    end: period.end,
    display: "background",
    classNames: ["closed", `closed-${period.kind.toLowerCase()}`],
    extendedProps: { closed: period },
  }));
  const cards = feed.cards.map((card) => ({
    id: String(card.id),
    resourceIds: [card.column],
    start: card.start,
    end: card.end,
    startEditable: card.movable,
    classNames: classesOf(card),
    extendedProps: { card },
  }));
  return [...closed, ...cards];
}

function classesOf(card) {
  const state = `is-${card.status.toLowerCase()}`;
  const classes = ["card-event", `tone-${card.tone}`, state, `lines-${linesOf(card)}`];
  const { show } = board.dataset;
  if (show && !card.signs.includes(show)) classes.push("is-faded");
  return classes;
}

/** How many lines of text fit under the name. */
function linesOf({ start, end }) {
  const quarters = (Date.parse(end) - Date.parse(start)) / (15 * 60000);
  const left = quarters * SLOT_HEIGHT - 22;
  return Math.min(3, Math.max(0, Math.floor(left / 15)));
}

function content(event, timeText) {
  const { card, closed } = event.extendedProps;
  if (closed) return { domNodes: drawClosed(closed, board.dataset.icons) };
  if (card) return { domNodes: drawCard(card, timeText, board.dataset.icons) };
  return undefined;
}

// What a press does

function openAppointment(event) {
  const { card } = event.extendedProps;
  if (card) openDialog(board.dataset.appointmentUrl.replace("/0/", `/${card.id}/`));
}

function book(dateStr, resource) {
  const [on, clock] = [dateStr.slice(0, 10), dateStr.slice(11, 16)];
  const asked = new URLSearchParams({ on, clock, employee: resource?.id ?? "" });
  openDialog(`${board.dataset.bookingUrl}?${asked}`);
}

function openDialog(address) {
  window.htmx.ajax("GET", address, { target: "#dialog", source: board });
}

/** The server decides. Whatever it says, the board then shows what is true. */
async function move({ event, newResource, revert }) {
  const { card } = event.extendedProps;
  const start = wallOf(event.start);
  const values = {
    version: card.version,
    on: start.slice(0, 10),
    clock: start.slice(11, 16),
    employee: newResource?.id ?? card.column,
  };
  const address = board.dataset.moveUrl.replace("/0/", `/${card.id}/`);
  try {
    await window.htmx.ajax("POST", address, { target: "#dialog", source: board, values });
  } catch {
    revert(); // no answer came: it stands where it stood
  }
  version = "";
  await refresh();
}

/** The calendar's dates show the clock of the branch when they are read in the browser's zone. */
function wallOf(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString();
}

const KEYS = {
  ArrowLeft: () => document.getElementById("board-previous").click(),
  ArrowRight: () => document.getElementById("board-following").click(),
  KeyT: () => document.getElementById("board-today").click(),
  KeyN: () => document.getElementById("board-book").click(),
};

function pressKey(event) {
  const isTyping = event.target.closest("input, select, textarea, [contenteditable], .modal, dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.code]) return;
  event.preventDefault();
  KEYS[event.code]();
}

// What others change

async function refresh() {
  if (document.hidden || isDragging) return;
  isLooking = true;
  try {
    const headers = version ? { "If-None-Match": version } : {};
    const answer = await fetch(board.dataset.feedUrl, { headers, cache: "no-store" });
    if (answer.status === 200) show(await answer.json(), answer.headers.get("ETag"));
    else if (answer.status !== 304) throw new Error(String(answer.status));
    failures = 0;
  } catch {
    failures += 1;
  }
  isLooking = false;
  showConnection();
}

function show(newer, etag) {
  const isFirst = version === "" && JSON.stringify(newer) === JSON.stringify(feed);
  version = etag;
  const hasMoved = newer.on !== feed.on || newer.columns.length !== feed.columns.length;
  feed = newer;
  if (calendar) {
    if (hasMoved) calendar.setOption("resources", resources());
    calendar.setOption("slotMinTime", feed.first);
    calendar.setOption("slotMaxTime", feed.last);
    calendar.setOption("events", events());
  }
  if (isFirst) return;
  for (const sign of board.querySelectorAll("[data-sign]")) {
    const count = feed.counts[sign.dataset.sign];
    sign.querySelector(".board-sign-count").textContent = count;
    sign.toggleAttribute("data-none", count === 0);
  }
  const list = document.getElementById("board-list");
  if (list) window.htmx.trigger(list, "board-changed");
}

function showConnection() {
  const note = document.getElementById("board-stale");
  note.hidden = failures < LOST_AFTER;
  note.textContent = note.hidden ? "" : board.dataset.offline;
}

start();
