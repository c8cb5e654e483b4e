// The left menu (fold, open on a phone) and the switch of colours.

import { keepPreference } from "./cookies.js";

const page = document.documentElement;

export function startMenu() {
  const opener = document.querySelector("[data-menu-open]");
  opener?.addEventListener("click", () => openMenu(opener));
  document.querySelector("[data-menu-close]")?.addEventListener("click", () => closeMenu(opener));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("menu-open")) closeMenu(opener);
  });
  document.querySelector("[data-menu-width]")?.addEventListener("click", switchWidth);
  document.querySelector("[data-theme-switch]")?.addEventListener("click", switchTheme);
}

function openMenu(opener) {
  document.body.classList.add("menu-open");
  opener.setAttribute("aria-expanded", "true");
  document.querySelector(".side-menu a")?.focus();
}

function closeMenu(opener) {
  document.body.classList.remove("menu-open");
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
}

function switchWidth(event) {
  const width = page.dataset.menu === "narrow" ? "wide" : "narrow";
  page.dataset.menu = width;
  event.currentTarget.setAttribute("aria-expanded", String(width === "wide"));
  keepPreference("menu", width);
  window.dispatchEvent(new Event("resize")); // charts and the board measure themselves again
}

function switchTheme(event) {
  const theme = page.dataset.bsTheme === "dark" ? "light" : "dark";
  page.dataset.bsTheme = theme;
  event.currentTarget.setAttribute("aria-pressed", String(theme === "dark"));
  keepPreference("theme", theme);
  document.dispatchEvent(new CustomEvent("crm:theme", { detail: { theme } }));
}
