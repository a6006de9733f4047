// The dialog’s form: times are checked while they are typed, by the same rules as on the server; length,
// file size and the stills of the framings follow the range.
import { find, findAll } from "../common/dom.js";
import { exactClock, exactSeconds, megabytes, parseClock } from "../common/format.js";
import { mediaTime } from "../common/media_clock.js";
import { text } from "../common/messages.js";
import { startCaptionStyle, styleQuery } from "./caption_style.js";
import { startFramingEditor } from "./framing_editor.js";
import { keptMs, problemOf } from "./range_rules.js";
import { checkPlaces, shownRatio, startRatios } from "./ratios.js";
import { startSoundSamples } from "./sound_samples.js";
import { startStage } from "./stage.js";

/** @typedef {import("./framing_plan.js").Span} Span */

const STILL_WAIT_MS = 500;

/**
 * The moment that is shown of a range, the middle of what is kept of it, in ms, to the tenth of a second.
 * @param {Span} span
 * @param {[start: number, end: number][]} kept empty for all of it
 */
function middleOf({ start, end }, kept) {
  const inside = kept.map(([from, to]) => [Math.max(from, start), Math.min(to, end)]).filter(([from, to]) => from < to);
  const ranges = inside.length ? inside : [[start, end]];
  let left = Math.floor(ranges.reduce((sum, [from, to]) => sum + to - from, 0) / 2);
  for (const [from, to] of ranges) {
    if (left < to - from) {
      return Math.max(Math.floor((from + left) / 100) * 100, Math.min(Math.ceil(from / 100) * 100, to));
    }
    left -= to - from;
  }
  return end;
}

/**
 * Run the form until `signal` says that it has gone.
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 */
export function startForm(form, signal) {
  const number = (/** @type {string} */ name) => Number(form.dataset[name]);
  const limits = {
    durationMs: number("durationMs"),
    longestMs: number("longestMs"),
    shortestMs: number("shortestMs"),
  };
  const warnMs = number("warnMs");
  /** @type {[number, number][]} */
  const kept = JSON.parse(find(form, "[name=ranges]", HTMLInputElement).value || "[]");
  const middle = (/** @type {Span} */ span) => middleOf(span, kept);
  const parts = {
    start: find(form, "[name=start]", HTMLInputElement),
    end: find(form, "[name=end]", HTMLInputElement),
    length: find(form, "[data-length]"),
    error: find(form, "[data-range-error]"),
    warning: find(form, "[data-range-warning]"),
    fine: find(form, "[data-range-fine]"),
    submit: find(form, "[data-submit]", HTMLButtonElement),
    submitWords: find(form, "[data-submit-words]"),
  };
  const submitWords = parts.submitWords.textContent;
  const noPlaces = parts.submit.disabled;
  let stillTimer = 0;
  let version = ""; // of the range's shot analysis
  const ratios = startRatios(form, signal);

  const strategy = () => String(new FormData(form).get("strategy"));

  function read() {
    const [start, end] = [parseClock(parts.start.value), parseClock(parts.end.value)];
    return { start, end, problem: problemOf(start, end, limits, kept) };
  }

  /** @returns {Span | null} the range in ms; null when it makes no Short */
  function range() {
    const { start, end, problem } = read();
    return problem || start === null || end === null ? null : { start, end };
  }

  function show({ keepError = false } = {}) {
    const { start, end, problem } = read();
    const span = start !== null && end !== null && end > start ? keptMs(kept, start, end) : 0;
    parts.length.textContent = span ? exactSeconds(span) : "–";
    const warn = !problem && span > warnMs;
    parts.warning.hidden = !warn;
    if (!keepError) {
      parts.error.textContent = problem ? (form.dataset[problem.sentence] ?? "") : "";
      parts.error.hidden = !problem;
      markField(parts.start, problem?.at.includes("start"));
      markField(parts.end, problem?.at.includes("end"));
    }
    parts.fine.hidden = warn || !parts.error.hidden;
    const count = ratios().length;
    parts.submitWords.textContent = count > 1 ? text.exportShorts(count) : submitWords;
    parts.submit.disabled = !checkPlaces(form, count) || noPlaces || Boolean(problem);
    showSizes(problem ? 0 : span);
    if (!problem) {
      stillsSoon();
    }
  }

  /**
   * @param {HTMLInputElement} field
   * @param {boolean} [wrong]
   */
  function markField(field, wrong = false) {
    if (wrong) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", parts.error.id);
    } else {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  }

  /** @param {number} span in ms */
  function showSizes(span) {
    for (const radio of findAll(form, "[data-rates]")) {
      const words = radio.closest("label")?.querySelector("[data-size]");
      const rates = JSON.parse(radio.dataset.rates ?? "{}");
      const rate = ratios().reduce((sum, ratio) => sum + (rates[ratio]?.[strategy()] ?? 0), 0);
      if (words instanceof HTMLElement && rate && span) {
        const size = megabytes((rate * span) / 60_000);
        words.textContent = (words.dataset.words ?? "").replace("%(size)s", size);
      }
    }
  }

  function stillsSoon() {
    clearTimeout(stillTimer);
    stillTimer = window.setTimeout(showStills, STILL_WAIT_MS);
  }

  // The frame in the middle of the range, to the tenth of a second; requested once nothing has changed for a moment.
  function showStills() {
    const span = range();
    if (!span) {
      return;
    }
    for (const picture of findAll(form, "[data-pattern]", HTMLImageElement)) {
      let address = (picture.dataset.pattern ?? "").replace(/\/0\.jpg$/, `/${middle(span)}.jpg`);
      const framing = overrides();
      const query = new URLSearchParams({
        ...(shownRatio(form) ? { aspect_ratio: shownRatio(form) } : {}),
        ...(version && address.includes("/smart_crop/") ? { v: version, ...(framing ? { framing } : {}) } : {}),
      });
      address += query.size ? `?${query}` : "";
      if (picture.getAttribute("src") !== address) {
        picture.src = address;
      }
    }
  }

  /**
   * @param {HTMLInputElement} field
   * @param {KeyboardEvent} event
   */
  function nudge(field, event) {
    const step = 100 * (Number(event.key === "ArrowUp") - Number(event.key === "ArrowDown"));
    const now = parseClock(field.value);
    if (step && now !== null) {
      event.preventDefault();
      const moved = now + step * (event.shiftKey ? 10 : 1);
      field.value = exactClock(Math.min(limits.durationMs, Math.max(0, moved)));
      announce(field);
    }
  }

  for (const field of [parts.start, parts.end]) {
    field.addEventListener("input", () => show());
    field.addEventListener("keydown", (event) => nudge(field, event));
    field.addEventListener("change", () => {
      const ms = parseClock(field.value);
      if (ms !== null) {
        field.value = exactClock(ms);
      }
    });
  }
  for (const radio of findAll(form, "[name=strategy]")) {
    radio.addEventListener("change", () => show({ keepError: !parts.error.hidden }));
  }
  for (const box of findAll(form, "[name=aspect_ratios]")) {
    box.addEventListener("change", () => show({ keepError: !parts.error.hidden }));
  }
  form.addEventListener("ratio-shown", showStills, { signal });
  startPlayerButtons(form, parts);
  startSoundSamples(form, range, signal);
  const overridesAt = startFramingEditor(form, range, signal);
  function overrides() {
    const span = range();
    return span ? overridesAt(middle(span)) : "";
  }
  startCaptionStyle(form, range, () => (strategy() === "smart_crop" ? overrides() : ""), signal);
  startStage(
    form,
    () => {
      const span = range();
      const query = span && styleQuery(form, span, strategy() === "smart_crop" ? overrides() : "");
      return query ? `${(find(form, "[data-stage-play]").dataset.url ?? "").replace("center_crop", strategy())}?${query}` : "";
    },
    signal,
  );
  form.addEventListener("shots-analyzed", (event) => (version = event.detail), { signal });
  form.addEventListener("framing-changed", stillsSoon, { signal });
  find(form, "[data-cancel]").addEventListener("click", (event) => {
    const dialog = form.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  });
  signal.addEventListener("abort", () => clearTimeout(stillTimer));
  show({ keepError: !parts.error.hidden });
}

/**
 * Tell what follows the field that its value was changed for the user.
 * @param {HTMLInputElement} field
 */
function announce(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * On a video's page a time can be taken from its player.
 * @param {HTMLFormElement} form
 * @param {{ start: HTMLInputElement, end: HTMLInputElement }} fields
 */
function startPlayerButtons(form, fields) {
  const player = document.querySelector("[data-player] video");
  if (!(player instanceof HTMLVideoElement)) {
    return;
  }
  for (const button of findAll(form, "[data-from-player]")) {
    const field = button.dataset.fromPlayer === "start" ? fields.start : fields.end;
    button.hidden = false;
    button.addEventListener("click", () => {
      field.value = exactClock(Math.round(mediaTime(player) * 1000));
      announce(field);
    });
  }
}
