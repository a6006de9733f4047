// Menus close when something else is clicked, with Escape, and after a choice; the theme switch lives in one.
import { closest, find, findAll } from "./dom.js";

/** @param {Element | null} [except] */
function closeMenus(except) {
  for (const menu of findAll(document, "details.menu[open]", HTMLDetailsElement)) {
    if (menu !== except) {
      menu.open = false;
    }
  }
}

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "";
  for (const button of findAll(document, "[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

/** @param {string} theme */
function chooseTheme(theme) {
  if (theme) {
    document.documentElement.dataset.theme = theme;
  } else {
    delete document.documentElement.dataset.theme;
  }
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Not remembered, but it holds for this page.
  }
  showTheme();
}

export function startMenus() {
  showTheme();
  document.addEventListener("click", (event) => {
    const choice = closest(event, "[data-theme-choice]");
    if (choice) {
      chooseTheme(choice.dataset.themeChoice ?? "");
      return;
    }
    closeMenus(closest(event, ".menu__item") ? null : closest(event, "details.menu"));
  });
  document.addEventListener("keydown", (event) => {
    const menu = closest(event, "details.menu[open]", HTMLDetailsElement);
    if (event.key === "Escape" && menu) {
      menu.open = false;
      find(menu, "summary").focus();
      event.stopPropagation();
    }
  });
}
