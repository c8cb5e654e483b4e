// Search for a patient from anywhere: "/" or Ctrl-K, arrows, Enter.
// The server answers with links that have role="option"; everything else in the answer is words.

const OPTION = '[role="option"]';

export function startSearch() {
  const form = document.getElementById("search");
  if (!form) return;
  const input = document.getElementById("search-input");
  const results = document.getElementById("search-results");

  document.addEventListener("keydown", (event) => {
    if (isCall(event)) {
      event.preventDefault();
      open(input);
    }
  });
  document.querySelector("[data-search-open]")?.addEventListener("click", () => open(input));
  document.querySelector("[data-search-close]")?.addEventListener("click", () => shut(input, results));
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) hide(input, results);
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) hide(input, results);
  });
  input.addEventListener("focus", () => {
    if (results.firstElementChild && input.value) show(input, results);
  });
  input.addEventListener("keydown", (event) => walk(event, input, results));
  results.addEventListener("htmx:afterSwap", () => {
    results.querySelectorAll(OPTION).forEach((option, index) => {
      option.id ||= `search-hit-${index}`;
      option.tabIndex = -1;
    });
    if (results.firstElementChild) show(input, results);
    else hide(input, results);
    mark(input, results, results.querySelector(OPTION));
  });
}

function isCall(event) {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") return true;
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" || (event.key === "." && event.code === "Slash"); // Russian layout
  return slash && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
}

function open(input) {
  document.body.classList.add("search-is-open");
  input.focus();
  input.select();
}

function shut(input, results) {
  document.body.classList.remove("search-is-open");
  hide(input, results);
  input.blur();
}

function show(input, results) {
  results.hidden = false;
  input.setAttribute("aria-expanded", "true");
}

function hide(input, results) {
  results.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function walk(event, input, results) {
  const options = [...results.querySelectorAll(OPTION)];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    event.preventDefault();
    if (results.hidden) shut(input, results);
    else hide(input, results);
  } else if (event.key === "Enter" && !results.hidden && at >= 0) {
    event.preventDefault();
    options[at].click();
  } else if (step && options.length) {
    event.preventDefault();
    show(input, results);
    mark(input, results, options[(at + step + options.length) % options.length]);
  }
}

function mark(input, results, chosen) {
  for (const option of results.querySelectorAll(OPTION)) {
    option.setAttribute("aria-selected", String(option === chosen));
  }
  if (!chosen) return;
  input.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}
