// What may go from the open clip: pauses, filler words, repeated starts. Each is seen, heard, cut and put back.
import { closest, copyOf, find, findAll } from "../common/dom.js";
import { clock, exactSeconds } from "../common/format.js";
import { text } from "../common/messages.js";
import { fetchCuts } from "./clip_api.js";
import { without, withSpan } from "./ranges.js";

/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {import("./clip_api.js").TightCut} TightCut */
/** @typedef {TightCut & { at: number, isTaken: boolean }} Hint `at`: its number */

const LEFT_MS = 20; // so little may be kept of what is cut, by rounding

/**
 * Whether a cut is made: nothing of it is kept.
 * @param {Span[]} ranges
 * @param {TightCut} cut
 */
export const isTaken = (ranges, { span: [from, to] }) => ranges.every(([start, end]) => Math.min(end, to) - Math.max(start, from) < LEFT_MS);

/**
 * The ranges with cuts made.
 * @param {Span[]} ranges
 * @param {TightCut[]} cuts
 */
export const withCuts = (ranges, cuts) => cuts.reduce((kept, { span }) => without(kept, span), ranges);

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {string} parts.api
 * @param {() => { id: string, ranges: Span[] } | null} parts.clip the open one
 * @param {() => boolean} parts.isSaved whether the server has it as it is here
 * @param {(ranges: Span[]) => void} parts.change
 * @param {(cut: Span) => void} parts.hear plays how it sounds without a span
 * @param {() => void} parts.draw the hints have changed
 * @param {AbortSignal} parts.signal
 */
export function startTighten({ page, api, clip, isSaved, change, hear, draw, signal }) {
  /** @type {HTMLElement | null} the panel, while it is open */
  let panel = null;
  /** @type {TightCut[]} */
  let cuts = [];
  let openFor = "";
  let speed = "calm";
  let asked = 0;
  /** @type {Span} what the answer is about */
  let looked = [0, 0];

  const placeOf = () => page.querySelector(`[data-clip="${openFor}"] [data-tighten-place]`);
  const button = () => page.querySelector(`[data-clip="${openFor}"] [data-clip-act=tighten]`);

  function toggle() {
    const id = clip()?.id ?? "";
    if (panel && openFor === id) {
      close();
    } else if (id) {
      close();
      [openFor, looked] = [id, ends()];
      refresh();
      load({ isNew: true });
    }
  }

  function close() {
    button()?.setAttribute("aria-expanded", "false");
    panel?.remove();
    [panel, cuts, openFor] = [null, [], ""];
    draw();
  }

  /** Ask the server what may go. @param {{ isNew?: boolean }} [how] a panel that was just opened comes into sight */
  async function load({ isNew = false } = {}) {
    asked += 1;
    const mine = asked;
    looked = ends();
    const answer = await fetchCuts(api, openFor, speed);
    if (mine === asked && panel) {
      cuts = answer.cuts;
      fillList(answer.message);
      draw();
      if (isNew) {
        panel.scrollIntoView({ block: "nearest" });
      }
    }
  }

  /** The list of clips was drawn anew, or the clip has changed. */
  function refresh() {
    if (!openFor) {
      return;
    }
    if (clip()?.id !== openFor) {
      close();
      return;
    }
    const place = placeOf();
    if (place && !place.contains(panel)) {
      panel = copyOf(find(page, "[data-tighten-template]", HTMLTemplateElement));
      const chosen = panel.querySelector(`[value="${speed}"]`);
      chosen?.setAttribute("checked", "");
      place.append(panel);
      button()?.setAttribute("aria-expanded", "true");
      if (cuts.length) {
        fillList("");
      }
    }
    showStates();
    const [start, end] = ends();
    if (isSaved() && (start < looked[0] || end > looked[1])) {
      load(); // the clip was lengthened
    }
  }

  /** Where the open clip begins and ends. @returns {Span} */
  function ends() {
    const ranges = clip()?.ranges ?? [];
    return ranges.length ? [ranges[0][0], ranges[ranges.length - 1][1]] : looked;
  }

  /** Whether the clip, which may have been shortened, still reaches as far as a cut. @param {TightCut} cut */
  function isInside({ span }) {
    const [start, end] = ends();
    return start <= span[0] && span[1] <= end;
  }

  /** @param {string} message why there is nothing */
  function fillList(message) {
    if (!panel) {
      return;
    }
    const row = find(page, "[data-tight-cut-template]", HTMLTemplateElement);
    find(panel, "[data-tight-cuts]").replaceChildren(
      ...cuts.map((cut, at) => {
        const item = copyOf(row);
        item.dataset.tightCut = String(at);
        find(item, "[data-time]").textContent = clock(cut.span[0] / 1000);
        const what = cut.kind === "pause" ? text.pauseOf(tenths(cut.whole)) : `“${cut.text}”`;
        find(item, "[data-what]").textContent = what;
        find(item, "[data-saved]").textContent = `−${tenths(cut.saved)}`;
        find(item, "[data-tight-hear]").setAttribute("aria-label", text.hearCut(what));
        return item;
      }),
    );
    find(panel, "[data-tight-says]").textContent = message || (cuts.length ? "" : text.nothingToTighten());
    showStates();
  }

  /** The kinds whose box is ticked. */
  const kinds = () => new Set(findAll(/** @type {HTMLElement} */ (panel), "[data-tight-kind]", HTMLInputElement).filter((box) => box.checked).map((box) => box.value));

  /** Which cuts are made, and what all of them save. */
  function showStates() {
    const ranges = clip()?.ranges;
    if (!panel || !ranges) {
      return;
    }
    const chosen = kinds();
    for (const item of findAll(panel, "[data-tight-cut]")) {
      const cut = cuts[Number(item.dataset.tightCut)];
      const taken = isTaken(ranges, cut);
      item.hidden = !chosen.has(cut.kind) || !isInside(cut);
      item.dataset.taken = String(taken);
      const take = find(item, "[data-tight-take]");
      take.textContent = taken ? text.putBack() : text.cutOut();
      take.setAttribute("aria-label", `${take.textContent}: ${find(item, "[data-what]").textContent}`);
    }
    for (const box of findAll(panel, "[data-tight-kind]", HTMLInputElement)) {
      const some = cuts.filter((cut) => cut.kind === box.value && isInside(cut));
      const total = box.parentElement?.querySelector("[data-total]");
      if (total) {
        total.textContent = some.length ? `${some.length} · −${tenths(lengthOf(some))}` : cuts.length ? "0" : "";
      }
    }
    const left = cuts.filter((cut) => chosen.has(cut.kind) && isInside(cut) && !isTaken(ranges, cut));
    const all = find(panel, "[data-tight-all]", HTMLButtonElement);
    all.hidden = !cuts.length; // nothing was found, or not yet
    all.disabled = !left.length;
    all.textContent = left.length ? text.cutAll(tenths(lengthOf(left))) : text.allCut();
  }

  /** @param {number} at */
  function toggleCut(at) {
    const [cut, ranges] = [cuts[at], clip()?.ranges];
    if (cut && ranges) {
      change(isTaken(ranges, cut) ? withSpan(ranges, cut.span) : without(ranges, cut.span));
    }
  }

  function takeAll() {
    const ranges = clip()?.ranges;
    if (ranges) {
      const chosen = kinds();
      change(withCuts(ranges, cuts.filter((cut) => chosen.has(cut.kind) && isInside(cut))));
    }
  }

  page.addEventListener(
    "click",
    (event) => {
      const place = closest(event, "[data-tight-cut]");
      const at = Number(place?.dataset.tightCut);
      if (closest(event, "[data-tight-take]")) {
        toggleCut(at);
      } else if (place && (closest(event, "[data-tight-hear]") || place.matches(".pause-mark"))) {
        event.preventDefault();
        event.stopPropagation(); // a mark in the text is no place to play from
        hear(cuts[at].span);
      } else if (closest(event, "[data-tight-all]")) {
        takeAll();
      }
    },
    { signal, capture: true },
  );
  page.addEventListener(
    "change",
    (event) => {
      const field = closest(event, "[data-tight-speed], [data-tight-kind]", HTMLInputElement);
      if (field?.matches("[data-tight-speed]")) {
        speed = field.value;
        load();
      } else if (field) {
        showStates();
        draw();
      }
    },
    { signal },
  );

  return {
    toggle,
    refresh,
    /** What is shown in the text of the open clip. @returns {Hint[]} */
    hints() {
      const ranges = clip()?.ranges ?? [];
      const chosen = panel ? kinds() : new Set();
      const numbered = cuts.map((cut, at) => ({ ...cut, at, isTaken: isTaken(ranges, cut) }));
      return numbered.filter((cut) => chosen.has(cut.kind) && isInside(cut));
    },
  };
}

/** @param {TightCut[]} cuts */
const lengthOf = (cuts) => cuts.reduce((sum, { saved }) => sum + saved, 0);

/** A length to a tenth of a second, at least one. @param {number} ms */
export const tenths = (ms) => exactSeconds(Math.max(100, Math.round(ms / 100) * 100));
