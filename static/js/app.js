// The shell: which module serves which part of a page, moving between pages without stopping uploads, and the
// behaviour that every page shares.
//
// An element with data-module="name" gets `mount(element, signal)` of the module that MODULES names; `signal` is
// aborted when the element leaves the page, so listeners on document and window are added with { signal }.
import { startDialogs } from "./common/dialogs.js";
import { closest, find, findAll } from "./common/dom.js";
import { startMenus } from "./common/menus.js";
import { finishReturn, startPageMemory } from "./common/page_memory.js";
import { startSearchKey } from "./common/search_key.js";
import { showTimes } from "./common/relative_times.js";
import { startToasts, toast } from "./common/toasts.js";
import { startDropping } from "./uploads/dropping.js";
import { startUploads } from "./uploads/upload_queue.js";
import { text } from "./common/messages.js";

/** @type {Record<string, () => Promise<{ mount(element: HTMLElement, signal: AbortSignal): void }>>} */
const MODULES = {
  library: () => import("./library/filters.js"),
  search: () => import("./search/search_page.js"),
  player: () => import("./video/video_page.js"),
  upload: () => import("./uploads/upload_form.js"),
  exports: () => import("./exports/panel.js"),
  captionsCheck: () => import("./common/captions_check.js"),
};
/** @type {Map<Element, { stop: AbortController, done: Promise<void> }>} */
const mounted = new Map();

/** Settles when everything on the page is mounted. */
async function mountAll() {
  for (const [element, { stop }] of mounted) {
    if (!element.isConnected) {
      stop.abort();
      mounted.delete(element);
    }
  }
  for (const element of findAll(document, "[data-module]")) {
    if (element.dataset.module && element.dataset.module in MODULES && !mounted.has(element)) {
      const stop = new AbortController();
      mounted.set(element, { stop, done: mount(element, stop.signal) });
    }
  }
  await Promise.all([...mounted.values()].map(({ done }) => done));
}

/**
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
async function mount(element, signal) {
  const module = await MODULES[element.dataset.module ?? ""]();
  if (!signal.aborted && element.isConnected) {
    module.mount(element, signal);
  }
}

/**
 * Following a link or sending a form replaces #main only: the tray, its uploads and the dialog stay where they are.
 * @param {HtmxEvent} event
 */
function swapMain(event) {
  const { detail } = event;
  const answer = String(detail.serverResponse ?? "");
  const main = find(document, "#main");
  const isPage = /^\s*<!doctype/i.test(answer);
  const isOurs = answer.includes(`data-user="${main.dataset.user}"`) && /<main[^>]*\sid="main"/.test(answer);
  const isRefused = detail.xhr.status >= 400 && !detail.boosted;
  // Another user's page, or the one without a user: the session has ended or changed, so everything is loaded anew.
  if ((detail.boosted || isPage) && !(isPage && isOurs) && !isRefused) {
    detail.shouldSwap = false;
    location.assign(detail.xhr.responseURL || location.href);
    return;
  }
  if (detail.boosted) {
    detail.shouldSwap = true;
    detail.isError = false;
    detail.target = main;
    detail.selectOverride = "#main";
    detail.swapOverride = detail.pathInfo?.anchor ? "outerHTML" : "outerHTML show:window:top";
    if (detail.pathInfo?.anchor?.includes("=")) {
      detail.pathInfo.anchor = undefined; // a second of the video (`#t=12.5`), which htmx would take for an id
    }
  }
}

/** The header stays while pages change; words that were searched for stand on the page of results. */
function clearSearchBox() {
  for (const box of findAll(document, ".header__search [data-search]", HTMLInputElement)) {
    box.value = "";
  }
}

function markNavigation() {
  for (const link of findAll(document, "[data-nav] a", HTMLAnchorElement)) {
    const exports = location.pathname.startsWith("/exports");
    const library = location.pathname === "/" || location.pathname.startsWith("/videos/");
    const here = link.pathname === "/" ? library : exports && link.pathname.startsWith("/exports");
    link.toggleAttribute("aria-current", here);
    if (here) {
      link.setAttribute("aria-current", "page");
    }
  }
}

/** @param {CustomEvent} event */
function pageChanged(event) {
  const main = find(document, "#main");
  if (event.detail?.boosted && event.target === main) {
    main.focus({ preventScroll: true });
    clearSearchBox();
  }
  markNavigation();
  showTimes();
  mountAll();
}

async function pageReturned() {
  markNavigation();
  showTimes();
  await mountAll();
  finishReturn();
}

/** @param {MouseEvent} event */
async function copy(event) {
  const button = closest(event, "[data-copy]");
  if (!button) {
    return;
  }
  event.preventDefault();
  const value = new URL(button.dataset.copy ?? "", location.href).href;
  try {
    await navigator.clipboard.writeText(button.dataset.copyText ?? value);
    toast(button.dataset.copied ?? text.copied(), { action: "copy" });
  } catch {
    toast(text.notCopied(), { bad: true, action: "copy" });
  }
}

/**
 * A file picker of ours says which file was chosen.
 * @param {Event} event
 */
function nameFile(event) {
  const name = closest(event, ".file-pick")?.querySelector("[data-file-name]");
  if (name && event.target instanceof HTMLInputElement) {
    name.textContent = event.target.files?.[0]?.name ?? "";
  }
}

function start() {
  document.documentElement.dataset.scripts = "run";
  startPageMemory();
  startToasts();
  startDialogs();
  startMenus();
  startSearchKey();
  if (startUploads()) {
    startDropping();
  }
  document.addEventListener("htmx:beforeSwap", swapMain);
  document.addEventListener("htmx:afterSettle", pageChanged);
  document.addEventListener("htmx:historyRestore", pageReturned);
  document.addEventListener("click", copy);
  document.addEventListener("change", nameFile);
  // A download is the browser's own business.
  document.addEventListener(
    "click",
    (event) => {
      if (closest(event, "a[download]")) {
        event.stopPropagation();
      }
    },
    { capture: true },
  );
  showTimes();
  setInterval(showTimes, 60_000);
  mountAll().then(finishReturn);
}

start();
