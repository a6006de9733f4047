// Several rows of a list chosen at once, by mouse (Shift for a range), keys and touch, or all that the list has on all its
// pages. What is chosen stays so when the list, or a row of it, is renewed.
//
// Keys in a box: arrows go to the next box, with Shift they take its state along; Shift+Space chooses the range; Ctrl/Cmd+A
// all of the page; Escape none.
import { find, findAll } from "./dom.js";
import { text } from "./messages.js";
import { clearErrors, toast } from "./toasts.js";

/**
 * @typedef {object} Chosen
 * @property {Set<string>} here values of the boxes that are ticked
 * @property {Set<string>} others chosen rows of other pages
 * @property {string} list which rows the list has: others of another list are chosen no more
 */

/** @type {Map<string, Chosen>} by the boxes' name */
const chosenOf = new Map();
const STEPS = new Map([
  ["ArrowDown", 1],
  ["ArrowRight", 1],
  ["ArrowUp", -1],
  ["ArrowLeft", -1],
]);

/**
 * @param {HTMLElement} list holds the boxes and the form `#chosen` that they belong to
 * @param {string} name of the boxes
 * @param {AbortSignal} signal
 */
export function startSelection(list, name, signal) {
  const form = list.querySelector("#chosen");
  if (!(form instanceof HTMLFormElement)) {
    return;
  }
  const all = find(form, "[data-choose-all]", HTMLButtonElement);
  const [matching] = findAll(form, "[data-choose-matching]", HTMLButtonElement);
  const shown = matching ? `${matching.dataset.chooseMatching} ${matching.textContent}` : "";
  const chosen = chosenOf.get(name) ?? { here: new Set(), others: new Set(), list: shown };
  chosenOf.set(name, chosen);
  if (chosen.list !== shown) {
    chosen.others.clear();
    chosen.list = shown;
  }
  let last = -1;
  let shift = false;

  const boxes = () => findAll(list, `input[name=${name}][form=chosen]`, HTMLInputElement);
  const tell = () => {
    const present = boxes();
    chosen.here.clear();
    present.filter((box) => box.checked).forEach((box) => chosen.here.add(box.value));
    const isWhole = chosen.here.size === present.length;
    all.hidden = isWhole;
    if (matching) {
      matching.hidden = !isWhole || chosen.others.size > 0;
    }
    showChosen(form, chosen);
  };
  /** @param {boolean} checked */
  const chooseAll = (checked) => {
    boxes().forEach((box) => (box.checked = checked));
    tell();
  };
  const chooseNone = () => {
    chosen.others.clear();
    chooseAll(false);
  };
  const chooseMatching = async () => {
    matching.disabled = true;
    const ids = await idsOf(matching.dataset.chooseMatching ?? "");
    matching.disabled = false;
    const present = new Set(boxes().map((box) => box.value));
    chosen.others = new Set(ids.filter((id) => !present.has(id)));
    tell();
  };
  const restore = () => {
    boxes().forEach((box) => (box.checked = chosen.here.has(box.value)));
    tell();
  };
  /** @param {MouseEvent} event */
  const pressed = (event) => {
    const present = boxes();
    const at = present.findIndex((box) => box === event.target);
    if (at < 0) {
      return;
    }
    if ((event.shiftKey || shift) && last >= 0) {
      present.slice(Math.min(at, last), Math.max(at, last) + 1).forEach((box) => (box.checked = present[at].checked));
    }
    last = at;
    shift = false;
    tell();
  };
  /** @param {KeyboardEvent} event */
  const typed = (event) => {
    const present = boxes();
    const at = present.findIndex((box) => box === event.target);
    const next = present[at + (STEPS.get(event.key) ?? 0)];
    shift = event.key === " " && event.shiftKey;
    if (event.key === "Escape" && chosen.here.size + chosen.others.size && !document.querySelector("dialog[open]")) {
      chooseNone();
    } else if (at >= 0 && (event.ctrlKey || event.metaKey) && event.code === "KeyA") {
      event.preventDefault();
      chooseAll(true);
    } else if (at >= 0 && STEPS.has(event.key)) {
      event.preventDefault();
      if (next && event.shiftKey) {
        next.checked = present[at].checked;
        last = present.indexOf(next);
        tell();
      }
      next?.focus();
    }
  };

  list.addEventListener("click", pressed, { signal });
  list.addEventListener("keydown", typed, { signal });
  list.addEventListener("htmx:afterSwap", restore, { signal });
  all.addEventListener("click", () => chooseAll(true), { signal });
  matching?.addEventListener("click", chooseMatching, { signal });
  form.addEventListener("reset", () => setTimeout(chooseNone), { signal });
  restore();
}

/**
 * How many are chosen, and those of other pages as a field of the form.
 * @param {HTMLFormElement} form
 * @param {Chosen} chosen
 */
function showChosen(form, chosen) {
  const count = chosen.here.size + chosen.others.size;
  find(form, "[data-chosen-count]").textContent = count ? text.selected(count) : "";
  const others = find(form, "[data-chosen-others]", HTMLInputElement);
  others.value = [...chosen.others].join(" ");
  form.toggleAttribute("data-has-others", chosen.others.size > 0);
  for (const button of findAll(form, "[data-chosen-most]", HTMLButtonElement)) {
    const most = Number(button.dataset.chosenMost);
    button.disabled = count > most;
    button.title = count > most ? text.atMost(most) : "";
  }
}

/**
 * The ids of the rows of all pages; none, and a message, when the server does not answer.
 * @param {string} url
 * @returns {Promise<string[]>}
 */
async function idsOf(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    const { ids } = await answer.json();
    clearErrors("select all");
    return ids;
  } catch {
    toast(text.noConnection(), { bad: true, action: "select all" });
    return [];
  }
}
