// The shared dialog that htmx fills, and dialogs of a page opened with commandfor / command="show-modal".
import { startDialogHistory } from "./dialog_history.js";
import { closest, find } from "./dom.js";
import { pageShown } from "./page_memory.js";

/** @param {HTMLDialogElement} dialog */
function open(dialog) {
  if (!dialog.open) {
    dialog.showModal();
  }
}

/** @returns {boolean} whether the focus is nowhere: what had it is gone */
export function focusIsLost() {
  return !document.activeElement || document.activeElement === document.body;
}

/**
 * A menu closes when one of its items opens a dialog; the focus then goes back to the menu's button.
 * @param {Element} opener
 * @param {HTMLDialogElement} dialog
 */
function returnFocusToMenu(opener, dialog) {
  const summary = opener.closest("details.menu")?.querySelector("summary");
  dialog.addEventListener("close", () => setTimeout(() => focusIsLost() && summary?.focus()), { once: true });
}

/**
 * What opened the dialog may be replaced while it is open (a chip whose export went on): the focus then goes to what
 * stands in its place under the same id, as soon as that is there.
 * @param {HTMLDialogElement} dialog
 * @param {string} id
 */
function returnFocus(dialog, id) {
  const giveBack = () => {
    if (focusIsLost() && !dialog.open) {
      document.getElementById(id)?.focus();
    }
  };
  setTimeout(giveBack);
  document.addEventListener("htmx:afterSettle", giveBack, { once: true });
}

export function startDialogs() {
  const shared = find(document, "#dialog", HTMLDialogElement);
  let opener = "";
  let page = "";
  startDialogHistory();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === shared) {
      opener = event.detail.elt.id;
      returnFocusToMenu(event.detail.elt, shared);
      page = pageShown();
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === shared && page !== pageShown()) {
      event.detail.shouldSwap = false; // the page was left before its dialog came
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === shared && shared.childElementCount) {
      open(shared);
    }
  });
  shared.addEventListener("keydown", (event) => {
    // On the heading, where the focus begins, Enter takes the form as it is; from a field, with Ctrl.
    const isPlain = event.target instanceof Element && event.target.matches("h2, dialog");
    if (event.key === "Enter" && !event.repeat && (isPlain || event.ctrlKey || event.metaKey)) {
      const submit = shared.querySelector("[data-submit]:not(:disabled)");
      if (submit instanceof HTMLButtonElement) {
        event.preventDefault();
        submit.click();
      }
    }
  });
  shared.addEventListener("close", () => {
    shared.replaceChildren();
    document.body.dispatchEvent(new CustomEvent("exports-changed"));
    if (opener) {
      returnFocus(shared, opener);
    }
  });
  document.addEventListener("click", (event) => {
    if (closest(event, "[data-close]")) {
      closest(event, "dialog", HTMLDialogElement)?.close();
    } else if (event.target instanceof HTMLDialogElement && isOutside(event.target, event)) {
      event.target.close();
    }
    const button = closest(event, "[command='show-modal']");
    if (button) {
      showModal(button);
    }
  });
}

/**
 * Browsers that know `command` have opened the dialog themselves.
 * @param {HTMLElement} button
 */
function showModal(button) {
  const dialog = find(document, `#${button.getAttribute("commandfor")}`, HTMLDialogElement);
  returnFocusToMenu(button, dialog);
  if (!("command" in HTMLButtonElement.prototype)) {
    open(dialog);
  }
}

/**
 * A click on the backdrop is a click on the dialog outside its box.
 * @param {HTMLDialogElement} dialog
 * @param {MouseEvent} event
 */
function isOutside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside && event.detail > 0;
}
