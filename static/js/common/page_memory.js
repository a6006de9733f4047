// What a reader had on a page before leaving it. Back, Forward and a reload bring it back: how far the page was scrolled, and
// what its modules keep. A link to the same page begins anew.
//
// The memory lasts as long as the tab.

import { find } from "./dom.js";

const STORED_AS = "heimdex-pages";
const MAX_PAGES = 50;
/** How long a page that was brought back may still grow, ms. */
const GROWS_MS = 3_000;

/** @typedef {Record<string, unknown>} PageState */

/** The address of the page that is shown: while Back is on its way, the browser's own is already the next one. */
let shown = address();
/** @type {Map<string, () => unknown>} by the name of a module, what it wants to have back */
const readers = new Map();
/** @type {PageState | null} what is to be brought back, while Back or Forward or a reload is on its way */
let returning = null;

export const pageShown = () => shown;

/**
 * Have a state kept when the page is left.
 * @param {string} name
 * @param {() => unknown} read the state, as JSON can hold it
 * @param {AbortSignal} signal
 */
export function keepState(name, read, signal) {
  readers.set(name, read);
  signal.addEventListener("abort", () => readers.get(name) === read && readers.delete(name));
}

/**
 * The state that was kept under a name, when the reader returns to this page; undefined when the page begins anew.
 * @param {string} name
 * @returns {unknown}
 */
export function keptState(name) {
  return returning?.[name];
}

/** Scroll back to where the reader was; whatever mounts later begins anew. */
export function finishReturn() {
  const scroll = returning?.scroll;
  returning = null;
  if (typeof scroll === "number") {
    holdScroll(scroll);
  }
}

/**
 * Stay scrolled so far while the page still grows (parts that come after it, lines whose height is only guessed until
 * they are drawn), until the reader does something.
 * @param {number} top px
 */
function holdScroll(top) {
  const scroll = () => window.scrollTo({ top, behavior: "instant" });
  const growing = new ResizeObserver(scroll);
  const end = new AbortController();
  end.signal.addEventListener("abort", () => growing.disconnect());
  for (const name of ["wheel", "touchstart", "pointerdown", "keydown", "popstate", "htmx:beforeHistorySave"]) {
    window.addEventListener(name, () => end.abort(), { signal: end.signal, capture: true, passive: true });
  }
  setTimeout(() => end.abort(), GROWS_MS);
  scroll();
  growing.observe(find(document, "#main"));
}

export function startPageMemory() {
  history.scrollRestoration = "manual";
  const [visit] = performance.getEntriesByType("navigation");
  if (visit instanceof PerformanceNavigationTiming && visit.type !== "navigate") {
    returning = stored().get(shown) ?? {};
  }
  window.addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  // At Back this comes when the address is the next page's already.
  document.addEventListener("htmx:beforeHistorySave", () => returning || save());
  for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) {
    document.addEventListener(name, () => (shown = address()));
  }
  window.addEventListener(
    "popstate",
    () => {
      if (shown !== address()) {
        save();
        shown = address();
        returning = stored().get(shown) ?? {};
      }
    },
    { capture: true },
  );
}

function save() {
  const pages = stored();
  pages.delete(shown);
  pages.set(shown, { scroll: scrollY, ...Object.fromEntries([...readers].map(([name, read]) => [name, read()])) });
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify([...pages].slice(-MAX_PAGES)));
  } catch {
    // A browser that keeps nothing begins every page anew.
  }
}

/** @returns {Map<string, PageState>} by address, the one left last at the end */
function stored() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(STORED_AS) ?? "[]"));
  } catch {
    return new Map();
  }
}

function address() {
  return location.pathname + location.search;
}
