// Moments relative to now, with the exact one in the reader's own zone on hover.
import { findAll } from "./dom.js";

const DAY_S = 86_400;
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const STEPS = [
  ["minute", 60],
  ["hour", 3600],
  ["day", DAY_S],
];

/**
 * "3 hours ago"; a date once it is more than a week away.
 * @param {Date} date
 * @param {string} language
 * @param {number} [now] in ms
 */
export function relative(date, language, now = Date.now()) {
  const seconds = (date.getTime() - now) / 1000;
  const far = Math.abs(seconds);
  if (far > 7 * DAY_S) {
    return date.toLocaleDateString(language, { year: "numeric", month: "short", day: "numeric" });
  }
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (far < 45) {
    return format.format(0, "second");
  }
  const [unit, length] = STEPS.findLast(([, step]) => far >= step * 0.75) ?? STEPS[0];
  return format.format(Math.round(seconds / length), unit);
}

export function showTimes() {
  const language = document.documentElement.lang;
  for (const element of findAll(document, "time[data-time]", HTMLTimeElement)) {
    const date = new Date(element.dateTime);
    element.title = date.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
    element.textContent = relative(date, language);
  }
}
