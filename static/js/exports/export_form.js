// The dialog’s form: times are checked while they are typed, by the same rules as on the server; length,
// file size and the stills of the framings follow the range.
import { startFramingEditor } from "./framing_editor.js";
import { startCaptionStyle } from "./caption_style.js";

const _ = (words) => globalThis.gettext?.(words) ?? words;
const CLOCK = /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,7}(?:[.,]\d{0,9})?)$/;
const STILL_WAIT_MS = 500;

/** A position as people type it, in ms: `4:12.380`, `1:02:07.5`, `252.38`; null for anything else. */
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

/** Milliseconds as `4:12.380`. */
export function exactClock(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const start = hours ? `${hours}:${two(minutes)}` : String(minutes);
  return `${start}:${two(seconds % 60)}.${String(ms % 1000).padStart(3, "0")}`;
}

function secondsText(ms) {
  const digits = String(ms % 1000).padStart(3, "0").replace(/0+$/, "") || "0";
  return _("%(seconds)s s").replace("%(seconds)s", `${Math.floor(ms / 1000)}.${digits}`);
}

function sizeText(bytes) {
  const mega = bytes / 1e6;
  return mega >= 100 ? `${Math.round(mega)} MB` : `${mega.toFixed(1)} MB`;
}

// The moment of a range that is shown of it.
function middle({ start, end }) {
  return Math.floor((start + end) / 200) * 100;
}

/** Look after the form until `signal` says that it has gone. */
export function startForm(form, signal) {
  const rules = Object.fromEntries(
    ["durationMs", "longestMs", "shortestMs", "warnMs"].map((name) => [name, Number(form.dataset[name])]),
  );
  const parts = {
    start: form.elements.start,
    end: form.elements.end,
    length: form.querySelector("[data-length]"),
    error: form.querySelector("[data-range-error]"),
    warning: form.querySelector("[data-range-warning]"),
    fine: form.querySelector("[data-range-fine]"),
    submit: form.querySelector("[data-submit]"),
  };
  const noPlaces = parts.submit.disabled;
  let stillTimer = 0;
  let version = ""; // of what was seen in the range

  function read() {
    const [start, end] = [parseClock(parts.start.value), parseClock(parts.end.value)];
    return { start, end, problem: problemOf(start, end) };
  }

  // The sentence for what is wrong with the range, and the fields it is about; null when it makes a Short.
  function problemOf(start, end) {
    const say = form.dataset;
    if (start === null || end === null) {
      return { words: say.sayFormat, at: [start === null && parts.start, end === null && parts.end] };
    }
    if (start > rules.durationMs) {
      return { words: say.sayOutside, at: [parts.start] };
    }
    if (end > rules.durationMs) {
      return { words: say.sayOutside, at: [parts.end] };
    }
    if (end <= start) {
      return { words: say.sayReversed, at: [parts.end] };
    }
    if (end - start > rules.longestMs) {
      return { words: say.sayLong, at: [parts.end] };
    }
    return end - start < rules.shortestMs ? { words: say.sayShort, at: [parts.end] } : null;
  }

  function show({ keepError = false } = {}) {
    const { start, end, problem } = read();
    const span = start !== null && end > start ? end - start : 0;
    parts.length.textContent = span ? secondsText(span) : "–";
    const warn = !problem && span > rules.warnMs;
    parts.warning.hidden = !warn;
    if (!keepError) {
      parts.error.textContent = problem?.words ?? "";
      parts.error.hidden = !problem;
      for (const field of [parts.start, parts.end]) {
        const wrong = problem?.at.includes(field) ?? false;
        field.toggleAttribute("aria-invalid", wrong);
        if (wrong) {
          field.setAttribute("aria-invalid", "true");
          field.setAttribute("aria-describedby", parts.error.id);
        } else {
          field.removeAttribute("aria-describedby");
        }
      }
    }
    parts.fine.hidden = warn || !parts.error.hidden;
    parts.submit.disabled = noPlaces || Boolean(problem);
    showSizes(problem ? 0 : span);
    if (!problem) {
      stillsSoon();
    }
  }

  function showSizes(span) {
    const framing = form.elements.strategy.value;
    for (const radio of form.querySelectorAll("[data-rates]")) {
      const words = radio.closest("label").querySelector("[data-size]");
      const rate = JSON.parse(radio.dataset.rates)[framing];
      if (words && rate && span) {
        words.textContent = words.dataset.words.replace("%(size)s", sizeText((rate * span) / 60_000));
      }
    }
  }

  function stillsSoon() {
    clearTimeout(stillTimer);
    stillTimer = setTimeout(showStills, STILL_WAIT_MS);
  }

  // The frame in the middle of the range, to the tenth of a second; asked for once nothing has changed for a moment.
  function showStills() {
    const span = range();
    if (!span) {
      return;
    }
    for (const picture of form.querySelectorAll("[data-pattern]")) {
      let address = picture.dataset.pattern.replace(/\/0\.jpg$/, `/${middle(span)}.jpg`);
      if (version && address.includes("/smart_crop/")) {
        const framing = wished();
        address += `?${new URLSearchParams({ v: version, ...(framing ? { framing } : {}) })}`;
      }
      if (picture.getAttribute("src") !== address) {
        picture.src = address;
      }
    }
  }

  function nudge(event) {
    const step = { ArrowUp: 100, ArrowDown: -100 }[event.key];
    const now = parseClock(event.target.value);
    if (step && now !== null) {
      event.preventDefault();
      const moved = now + step * (event.shiftKey ? 10 : 1);
      event.target.value = exactClock(Math.min(rules.durationMs, Math.max(0, moved)));
      show();
    }
  }

  for (const field of [parts.start, parts.end]) {
    field.addEventListener("input", () => show());
    field.addEventListener("keydown", nudge);
    field.addEventListener("change", () => {
      const ms = parseClock(field.value);
      if (ms !== null) {
        field.value = exactClock(ms);
      }
    });
  }
  for (const radio of form.querySelectorAll("[name=strategy]")) {
    radio.addEventListener("change", () => show({ keepError: !parts.error.hidden }));
  }
  startPlayerButtons(form, parts, show);
  const range = () => {
    const { start, end, problem } = read();
    return problem ? null : { start, end };
  };
  const wishedNear = startFramingEditor(form, range, signal);
  const wished = () => (range() ? wishedNear(middle(range())) : "");
  startCaptionStyle(form, range, () => (form.elements.strategy.value === "smart_crop" ? wished() : ""), signal);
  form.addEventListener("people-seen", (event) => (version = event.detail), { signal });
  form.addEventListener("framing-wished", stillsSoon, { signal });
  form.querySelector("[data-cancel]").addEventListener("click", (event) => {
    const dialog = form.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  });
  signal.addEventListener("abort", () => clearTimeout(stillTimer));
  show({ keepError: !parts.error.hidden });
}

// On a video's page a time can be taken from its player.
function startPlayerButtons(form, parts, show) {
  const player = document.querySelector("[data-player] video");
  if (!player) {
    return;
  }
  for (const button of form.querySelectorAll("[data-from-player]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      parts[button.dataset.fromPlayer].value = exactClock(Math.round(player.currentTime * 1000));
      show();
    });
  }
}
