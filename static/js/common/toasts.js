// Short messages in the corner. Messages that the server put in the page become toasts too.
import { text } from "./messages.js";

const STAY_MS = 6000;

/** Show a message; a bad one stays until it is dismissed. */
export function toast(message, { bad = false } = {}) {
  const region = document.getElementById("toasts");
  const element = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  element.querySelector("[data-text]").textContent = message;
  element.classList.toggle("toast--bad", bad);
  element.querySelector("[data-dismiss]").addEventListener("click", () => element.remove());
  while (region.childElementCount >= 3) {
    region.firstElementChild.remove();
  }
  region.append(element);
  if (!bad) {
    leaveLater(element);
  }
}

// It stays while the pointer or the focus is on it.
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
  for (const list of document.querySelectorAll("[data-messages]")) {
    for (const item of list.children) {
      toast(item.textContent, { bad: item.dataset.level === "error" });
    }
    list.remove();
  }
}

export function startToasts() {
  fromPage();
  document.addEventListener("htmx:afterSettle", fromPage);
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.boosted && event.detail.requestConfig?.verb !== "get") {
      toast(messageOf(event.detail.xhr) ?? text.noConnection(), { bad: true });
    }
  });
  document.addEventListener("heimdex:toast", (event) => toast(event.detail.value ?? event.detail));
}

/** The `message` of our one error shape, if that is what the answer is. */
export function messageOf(xhr) {
  try {
    return JSON.parse(xhr.responseText ?? xhr.getBody?.()).message ?? null;
  } catch {
    return null;
  }
}
