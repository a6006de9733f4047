// Times and sizes as people read and write them.
import { _, fill } from "./i18n.js";

const CLOCK = /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,7}(?:[.,]\d{0,9})?)$/;

/** @param {number} number */
const two = (number) => String(number).padStart(2, "0");

/**
 * Seconds as a position: `4:12`, `1:02:07`.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/**
 * Milliseconds as an exact position: `4:12.380`.
 * @param {number} ms
 */
export function exactClock(ms) {
  return `${clock(ms / 1000)}.${String(ms % 1000).padStart(3, "0")}`;
}

/**
 * A position as people type it, in ms: `4:12.380`, `1:02:07.5`, `252.38`; null for anything else.
 * @param {string} text
 * @returns {number | null}
 */
export function parseClock(text) {
  const match = CLOCK.exec(text.trim());
  if (!match) {
    return null;
  }
  const [hours, minutes] = [Number(match[1] ?? 0), Number(match[2] ?? 0)];
  const seconds = Number(match[3].replace(",", "."));
  if ((match[2] !== undefined && seconds >= 60) || (match[1] !== undefined && minutes >= 60)) {
    return null;
  }
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}

/**
 * A length in ms, to the millisecond: `2.5 s`.
 * @param {number} ms
 */
export function exactSeconds(ms) {
  const digits = String(ms % 1000).padStart(3, "0").replace(/0+$/, "") || "0";
  return fill(_("%(seconds)s s"), { seconds: `${Math.floor(ms / 1000)}.${digits}` });
}

/**
 * Whole seconds as a duration: `40 s`, `5 min 3 s`, `23 h 59 min`.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 60) {
    return fill(_("%(seconds)s s"), { seconds });
  }
  if (seconds < 3600) {
    return fill(_("%(minutes)s min %(seconds)s s"), { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
  }
  return fill(_("%(hours)s h %(minutes)s min"), {
    hours: Math.floor(seconds / 3600),
    minutes: Math.floor(seconds / 60) % 60,
  });
}

/**
 * Seconds left, roughly: `40 s`, `5 min`, `2 h 10 min`; `…` when it cannot be said.
 * @param {number} seconds
 */
export function remaining(seconds) {
  if (!Number.isFinite(seconds)) {
    return "…";
  }
  if (seconds < 60) {
    return fill(_("%(count)s s"), { count: Math.max(1, Math.round(seconds)) });
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return fill(_("%(count)s min"), { count: minutes });
  }
  return fill(_("%(hours)s h %(minutes)s min"), { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/**
 * Bytes as `12.4 MB`.
 * @param {number} bytes
 */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/**
 * Bytes of an estimate, always in MB: `0.4 MB`, `123 MB`.
 * @param {number} bytes
 */
export function megabytes(bytes) {
  const mega = bytes / 1e6;
  return mega >= 100 ? `${Math.round(mega)} MB` : `${mega.toFixed(1)} MB`;
}
