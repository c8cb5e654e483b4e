// On a phone the filters of a list are folded: the search stays, and whatever is set.

export function startFilters() {
  document.addEventListener("click", (event) => {
    const more = event.target.closest("[data-filters-more]");
    if (more) more.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") !== "true"));
  });
}
