// Short messages in the corner. Messages that the server put in the page become toasts too.
import { copyOf, find, findAll } from "./dom.js";
import { text } from "./messages.js";

const STAY_MS = 6000;
/** Where the messages are. It may be in a dialog when that is replaced, so it is kept here. @type {HTMLElement} */
let region;

/**
 * Show a message; a bad one stays until it is dismissed, or until `action`, which it is about, succeeds.
 * @param {string} message
 * @param {{ bad?: boolean, label?: string, act?: () => void, action?: string }} [options] a button with a label, and
 *   what it does
 */
export function toast(message, { bad = false, label = "", act = () => {}, action = "" } = {}) {
  if (!bad) {
    clearErrors(action);
  }
  place();
  const element = copyOf(find(document, "#toast-template", HTMLTemplateElement));
  find(element, "[data-text]").textContent = message;
  element.classList.toggle("toast--bad", bad);
  element.dataset.action = bad ? action : "";
  const button = find(element, "[data-toast-act]");
  button.hidden = !label;
  button.textContent = label;
  button.addEventListener("click", () => {
    element.remove();
    act();
  });
  find(element, "[data-dismiss]").addEventListener("click", () => element.remove());
  for (const other of findAll(region, ".toast")) {
    if (find(other, "[data-text]").textContent === message && !label) {
      other.remove(); // it is said once
    }
  }
  while (region.childElementCount >= 3) {
    region.firstElementChild?.remove();
  }
  region.append(element);
  if (!bad) {
    leaveLater(element);
  }
}

/** Put the messages into the dialog that is open: what is around a modal one lies below it, and nobody can hear or press it. */
function place() {
  const around = findAll(document, "dialog:modal").at(-1) ?? document.body;
  if (region.parentElement !== around) {
    around.append(region);
  }
}

/**
 * Remove the errors that are said of an action.
 * @param {string} action
 */
export function clearErrors(action) {
  for (const element of action ? findAll(region, ".toast--bad") : []) {
    if (element.dataset.action === action) {
      element.remove();
    }
  }
}

/**
 * It stays while the pointer or the focus is on it.
 * @param {HTMLElement} element
 */
function leaveLater(element) {
  setTimeout(() => {
    if (element.matches(":hover, :focus-within")) {
      leaveLater(element);
    } else {
      element.remove();
    }
  }, STAY_MS);
}

/** The action of a request. @param {HtmxRequestDetail} detail */
export const actionOf = ({ requestConfig }) => (requestConfig ? `${requestConfig.verb} ${requestConfig.path}` : "");

/** @param {HtmxEvent} [event] of the answer with which the messages came */
function fromPage(event) {
  for (const list of findAll(document, "[data-messages]")) {
    for (const item of findAll(list, ":scope > *")) {
      toast(item.textContent ?? "", { bad: item.dataset.level === "error", action: event ? actionOf(event.detail) : "" });
    }
    list.remove();
  }
}

export function startToasts() {
  region = find(document, "#toasts");
  fromPage();
  document.addEventListener("toggle", ({ target }) => target instanceof HTMLDialogElement && place(), { capture: true });
  document.addEventListener("close", place, { capture: true });
  document.addEventListener("htmx:afterSwap", place);
  document.addEventListener("htmx:afterSettle", fromPage);
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (!detail.boosted && detail.requestConfig?.verb !== "get") {
      toast(messageOf(detail.xhr.responseText) ?? text.noConnection(), { bad: true, action: actionOf(detail) });
    }
  });
  document.addEventListener("htmx:sendError", ({ detail }) => {
    const isAsked = detail.boosted || detail.requestConfig?.verb !== "get" || detail.target?.id === "dialog"; // and not by the page itself
    if (isAsked) {
      toast(text.noConnection(), { bad: true, action: actionOf(detail) });
    }
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => detail.successful && clearErrors(actionOf(detail)));
  document.addEventListener("heimdex:toast", (event) => toast(event.detail.value ?? event.detail));
}

/**
 * The `message` of our one error shape, if that is what the answer is; null otherwise.
 * @param {string} answer
 * @returns {string | null}
 */
export function messageOf(answer) {
  try {
    return JSON.parse(answer).message ?? null;
  } catch {
    return null;
  }
}
