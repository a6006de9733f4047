// Short messages in the corner. Messages that the server put in the page become toasts too.
import { copyOf, find, findAll } from "./dom.js";
import { text } from "./messages.js";

const STAY_MS = 6000;

/**
 * Show a message; a bad one stays until it is dismissed.
 * @param {string} message
 * @param {{ bad?: boolean, label?: string, act?: () => void }} [options] a button with a label, and what it does
 */
export function toast(message, { bad = false, label = "", act = () => {} } = {}) {
  const region = find(document, "#toasts");
  const element = copyOf(find(document, "#toast-template", HTMLTemplateElement));
  find(element, "[data-text]").textContent = message;
  element.classList.toggle("toast--bad", bad);
  const button = find(element, "[data-toast-act]");
  button.hidden = !label;
  button.textContent = label;
  button.addEventListener("click", () => {
    element.remove();
    act();
  });
  find(element, "[data-dismiss]").addEventListener("click", () => element.remove());
  while (region.childElementCount >= 3) {
    region.firstElementChild?.remove();
  }
  region.append(element);
  if (!bad) {
    leaveLater(element);
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

function fromPage() {
  for (const list of findAll(document, "[data-messages]")) {
    for (const item of findAll(list, ":scope > *")) {
      toast(item.textContent ?? "", { bad: item.dataset.level === "error" });
    }
    list.remove();
  }
}

export function startToasts() {
  fromPage();
  document.addEventListener("htmx:afterSettle", fromPage);
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (!detail.boosted && detail.requestConfig?.verb !== "get") {
      toast(messageOf(detail.xhr.responseText) ?? text.noConnection(), { bad: true });
    }
  });
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
