// Exports wherever they are shown: the dialog, the list, one export, a video's chips.
import { startCountdowns } from "../common/countdown.js";
import { focusIsLost } from "../common/dialogs.js";
import { closest, findAll } from "../common/dom.js";
import { startSelection } from "../common/selection.js";
import { startBatchForm } from "./batch_form.js";
import { startForm } from "./export_form.js";

// What our pages answer to htmx is always worth showing: the same form with its errors, or a sentence.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  const { status } = detail.xhr;
  const ours = ["dialog", "export-panel", "finish-fields"].includes(detail.target?.id ?? "");
  const html = /^text\/html/.test(detail.xhr.getResponseHeader("Content-Type") ?? "");
  if (ours && !detail.boosted && html && status >= 400 && !/^\s*<!doctype/i.test(detail.serverResponse)) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

// Only one video speaks at a time.
document.addEventListener(
  "play",
  (event) => {
    if (closest(event, "#export-panel")) {
      findAll(document, "video", HTMLVideoElement).forEach((video) => video !== event.target && video.pause());
    }
  },
  { capture: true },
);

// *Play* in the list opens the dialog and means what it says.
let playNext = false;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target?.id === "dialog") {
    playNext = event.detail.elt.matches("[data-play]");
  }
});

/**
 * Serve one part of a page until `signal` says that it has gone.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
export function mount(element, signal) {
  startCountdowns();
  const form = element.querySelector("[data-export-form]");
  if (form instanceof HTMLFormElement) {
    startForm(form, signal);
  }
  const batch = element.querySelector("[data-batch-form]");
  if (batch instanceof HTMLFormElement) {
    startBatchForm(batch, signal);
  }
  if (element.id === "exports") {
    startSelection(element, "export", signal);
  }
  if (element.id === "export-panel") {
    keepFocus(element);
    announce(element, signal);
    hideBroken(element);
    if (playNext) {
      playNext = false;
      element.querySelector("video")?.play().catch(() => {}); // a browser may want one more press
    }
  }
}

/**
 * What had the focus is gone when one state of the dialog follows another: the heading takes it.
 * @param {HTMLElement} panel
 */
function keepFocus(panel) {
  if (panel.closest("dialog[open]") && (focusIsLost() || document.activeElement?.matches("dialog"))) {
    panel.querySelector("h2")?.focus();
  }
}

/**
 * A screen reader hears each new stage once, and not every percent.
 * @param {HTMLElement} panel
 * @param {AbortSignal} signal
 */
function announce(panel, signal) {
  const region = panel.querySelector("[data-announce]");
  if (!region) {
    return;
  }
  const tell = () => {
    const stage = panel.querySelector("[data-stage]")?.textContent ?? "";
    if (stage && region.textContent !== stage) {
      region.textContent = stage;
    }
  };
  panel.addEventListener("htmx:afterSettle", tell, { signal });
  tell();
}

/** @param {HTMLElement} panel */
function hideBroken(panel) {
  for (const picture of findAll(panel, ".still__picture", HTMLImageElement)) {
    const mark = (/** @type {boolean} */ broken) => picture.closest(".still")?.classList.toggle("still--none", broken);
    if (picture.complete && !picture.naturalWidth) {
      mark(true);
    }
    picture.addEventListener("error", () => mark(true));
    picture.addEventListener("load", () => mark(false));
  }
}
