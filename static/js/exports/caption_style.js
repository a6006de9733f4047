// Captions and what else is drawn, in the dialog for exports: the preview is made by what draws the file itself, so it is
// requested anew whenever a field about it has rested for a moment.
import { find, findAll } from "../common/dom.js";
import { shownRatio } from "./ratios.js";

/**
 * @typedef {object} Style what a preset has where the form's fields are empty
 * @property {string} [color]
 * @property {string} [accent]
 * @property {string} [edge]
 * @property {string} [progress_color]
 * @property {string | number} [size]
 * @property {number} [words]
 * @property {string} [position]
 * @property {string | number} [height]
 * @property {number} [hook_ms]
 * @property {string | number} [logo_opacity]
 */

const WAIT_MS = 350;
// What belongs to the Short, and not to a preset.
const OF_THE_SHORT = new Set(["captions", "hook", "preset_name", "preset_default", "back", "finish_file"]);
/** @type {("color" | "accent" | "edge")[]} */
const COLOURS = ["color", "accent", "edge"];

/**
 * The fields about captions and what else is drawn, with the range and the framing's overrides, as a query.
 * @param {HTMLFormElement} form
 * @param {import("./framing_plan.js").Span} span
 * @param {string} framing
 */
export function styleQuery(form, span, framing) {
  const fields = new FormData(form);
  const query = new URLSearchParams({ start_ms: String(span.start), end_ms: String(span.end) });
  for (const element of findAll(find(form, "[data-caption-style]"), "[name]", Element)) {
    if (element.closest("#finish-fields")) {
      continue; // nothing of it is in a still
    }
    const name = element.getAttribute("name") ?? "";
    const value = fields.get(name); // null for a box that is not ticked
    if (typeof value === "string" && value && !name.startsWith("preset_") && name !== "back") {
      query.set(name, value);
    }
  }
  const ranges = String(fields.get("ranges") ?? ""); // without what is struck out
  if (ranges) {
    query.set("ranges", ranges);
  }
  if (framing) {
    query.set("framing", framing);
  }
  if (shownRatio(form)) {
    query.set("aspect_ratio", shownRatio(form));
  }
  return query;
}

/**
 * Keep the large preview as the form describes it.
 * @param {HTMLFormElement} form
 * @param {() => import("./framing_plan.js").Span | null} range in ms, or null when it makes no Short
 * @param {() => string} framing the overrides of the framing
 * @param {AbortSignal} signal
 */
export function startCaptionStyle(form, range, framing, signal) {
  const picture = find(form, "[data-overlay-preview]", HTMLImageElement);
  const box = () => find(form, "[data-caption-style]"); // replaced when a preset is kept
  const input = (/** @type {string} */ name) => find(form, `[name=${name}]`, HTMLInputElement);
  let timer = 0;
  let requestedUrl = "";
  let analyses = 0; // shot analyses that have arrived: captions keep off faces

  function address() {
    const span = range();
    const fields = new FormData(form);
    const drawn = fields.get("captions") !== "off" || fields.get("hook") || fields.get("progress") === "yes" || fields.get("logo");
    if (!span || !drawn) {
      return "";
    }
    const query = styleQuery(form, span, framing());
    query.set("analyses", String(analyses));
    const page = (picture.dataset.overlayPreview ?? "").replace(
      `/${picture.dataset.strategy}.jpg`,
      `/${fields.get("strategy")}.jpg`,
    );
    return `${page}?${query}`;
  }

  async function show() {
    const before = requestedUrl;
    requestedUrl = address();
    if (requestedUrl && requestedUrl === before) {
      return;
    }
    if (!requestedUrl) {
      picture.hidden = true;
      picture.removeAttribute("src");
      return;
    }
    const loading = new Image();
    const url = requestedUrl;
    loading.src = url;
    try {
      await loading.decode();
    } catch {
      requestedUrl = url === requestedUrl ? "" : requestedUrl; // requested again at the next change
      return; // a field is half typed, or too many were requested: what is shown stays
    }
    if (url === requestedUrl && !signal.aborted) {
      picture.src = url;
      picture.hidden = false;
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = window.setTimeout(show, WAIT_MS);
  }

  /** A preset counts whole: what was chosen by hand beside the one before it goes. */
  function forgetChoices() {
    let isForgotten = false;
    const put = (/** @type {HTMLInputElement | HTMLSelectElement} */ field, /** @type {string} */ value) => {
      isForgotten ||= field.value !== value;
      field.value = value;
    };
    for (const field of findAll(box(), "[name]", Element)) {
      if (OF_THE_SHORT.has(field.getAttribute("name") ?? "")) {
        continue;
      }
      if (field instanceof HTMLSelectElement && field.querySelector("option[value='']")) {
        put(field, "");
      } else if (field instanceof HTMLInputElement && field.type === "checkbox") {
        isForgotten ||= field.checked;
        field.checked = false;
      } else if (field instanceof HTMLInputElement && field.type !== "color") {
        put(field, "");
      }
    }
    find(box(), "[data-preset-says]").hidden = !isForgotten; // beside what it is about
  }

  // The colour fields show the chosen preset's own colours until a person picks others; empty fields say what it has.
  function showColours() {
    const fields = new FormData(form);
    /** @type {Style} */
    const style = JSON.parse(box().dataset.styles ?? "{}")[String(fields.get("captions"))] ?? {};
    if (style.color && !input("own_colors").checked) {
      for (const name of COLOURS) {
        input(name).value = style[name] ?? "";
      }
    }
    if (style.progress_color && fields.get("progress") !== "yes") {
      input("progress_color").value = style.progress_color;
    }
    const says = {
      size: style.size,
      words: style.words === 0 ? box().dataset.sayFit : style.words,
      height: style.position === "custom" ? style.height : "",
      hook_s: (style.hook_ms ?? 0) / 1000 || "",
      logo_opacity: style.logo_opacity,
    };
    for (const [name, words] of Object.entries(says)) {
      input(name).placeholder = String(words ?? "");
    }
  }

  form.addEventListener(
    "input",
    (event) => {
      const name = (event.target instanceof Element && event.target.getAttribute("name")) || "";
      if (COLOURS.some((colour) => colour === name)) {
        input("own_colors").checked = true;
      }
      if (name === "progress_color") {
        find(form, "[name=progress]", HTMLSelectElement).value = "yes";
      }
      if (name === "captions") {
        forgetChoices();
      }
      if (name === "captions" || name === "own_colors") {
        showColours();
      }
      soon();
    },
    { signal },
  );
  form.addEventListener(
    "htmx:afterSettle",
    () => {
      requestedUrl = ""; // a preset of the same name may have another style now
      showColours();
      soon();
    },
    { signal },
  );
  form.addEventListener(
    "shots-analyzed",
    () => {
      analyses += 1;
      soon();
    },
    { signal },
  );
  form.addEventListener("framing-changed", soon, { signal });
  form.addEventListener(
    "ratio-shown",
    () => {
      picture.hidden = true; // it has the shape of before
      soon();
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer));
  showColours();
  show();
}
