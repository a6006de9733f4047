// The key `/` leads to the search box, on every page.
import { findAll } from "./dom.js";
import { keyOf } from "./keys.js";
import { isTyping } from "./typing.js";

export function startSearchKey() {
  document.addEventListener("keydown", (event) => {
    if (keyOf(event) !== "/" || isTyping(event)) {
      return;
    }
    const box = findAll(document, "[data-search]", HTMLInputElement).find((input) => input.checkVisibility({ visibilityProperty: true }));
    const link = document.querySelector("[data-search-link]");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (link instanceof HTMLAnchorElement) {
      event.preventDefault();
      link.click();
    }
  });
}
