// The key `/` leads to the search box, on every page; Escape leads out of it, so that other keys work.
import { findAll } from "./dom.js";
import { keyOf } from "./keys.js";
import { isTyping } from "./typing.js";

export function startSearchKey() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      leave(event);
      return;
    }
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

/**
 * What was typed stays, and so does what it found: the browser would clear the box.
 * @param {KeyboardEvent} event
 */
function leave(event) {
  const box = event.target;
  if (box instanceof HTMLInputElement && box.matches("[data-search]") && !event.isComposing && !event.defaultPrevented) {
    event.preventDefault();
    box.blur();
  }
}
