// Times that run: `data-countdown` holds the seconds left, `data-elapsed` the seconds gone, each when the server wrote
// the page. Counted from then by the browser's own steady clock, so a wrong wall clock does no harm. `data-words` is the
// sentence with %(time)s in it, `data-over` what is said when a countdown has ended.
import { findAll } from "./dom.js";
import { duration } from "./format.js";
import { fill } from "./i18n.js";

/** @type {WeakMap<Element, number>} */
const started = new WeakMap();
const over = new WeakSet();

/** @param {HTMLElement} element */
function secondsSince(element) {
  const start = started.get(element) ?? performance.now();
  started.set(element, start);
  return (performance.now() - start) / 1000;
}

/**
 * @param {HTMLElement} element
 * @param {string} words
 */
function say(element, words) {
  if (element.textContent !== words) {
    element.textContent = words;
  }
}

/**
 * @param {HTMLElement} element
 * @param {number} seconds
 */
function sayTime(element, seconds) {
  say(element, fill(element.dataset.words ?? "", { time: duration(seconds) }));
}

function tick() {
  for (const element of findAll(document, "[data-elapsed]")) {
    sayTime(element, Math.floor(Number(element.dataset.elapsed) + secondsSince(element)));
  }
  for (const element of findAll(document, "[data-countdown]")) {
    const left = Math.ceil(Number(element.dataset.countdown) - secondsSince(element));
    if (left > 0) {
      sayTime(element, left);
    } else if (!over.has(element)) {
      over.add(element);
      say(element, element.dataset.over ?? "");
      element.dispatchEvent(new CustomEvent("time-over", { bubbles: true }));
      document.body.dispatchEvent(new CustomEvent("exports-changed"));
    }
  }
}

let running = false;

/** Start the clock; a second call changes nothing. */
export function startCountdowns() {
  if (!running) {
    running = true;
    setInterval(tick, 1000);
  }
  tick();
}
