// Who speaks: the names before the lines, and a speaker of its own for one line.
import { find } from "../common/dom.js";
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { fetchSpeakers, sendBorder } from "./correction_api.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {Cue[]} parts.cues
 * @param {(made: { speaker: string, cue: Cue | undefined }) => void} parts.made a name was given, which can be undone
 * @param {AbortSignal} parts.signal
 */
export function startSpeakers({ page, cues, made, signal }) {
  const { speakerLines = "", speakerList = "", speakersApi = "" } = find(page, "[data-correction]").dataset;

  async function draw() {
    const names = await fetchSpeakers(speakerLines);
    for (const { element, at } of names.length ? cues : []) {
      const before = element.previousElementSibling;
      const shown = before?.matches(".scene__speaker") ? before : null;
      if (!names[at]) {
        shown?.remove();
      } else if (!shown) {
        element.before(label(names[at]), " ");
      } else if (shown.textContent !== names[at]) {
        shown.textContent = names[at];
      }
    }
  }

  document.addEventListener(
    "speakers-changed",
    ({ detail }) => {
      const cue = cues[detail?.line ?? -1];
      if (cue) {
        find(document, "#dialog", HTMLDialogElement).close();
      }
      draw();
      if (detail?.made) {
        made({ speaker: detail.made, cue });
      }
    },
    { signal },
  );

  return {
    /** Ask who speaks on a line. @param {Cue} cue */
    ask({ at, element }) {
      const query = new URLSearchParams({ line: String(at), text: element.textContent ?? "" });
      htmx.ajax("get", `${speakerList}?${query}`, { target: "#dialog", swap: "innerHTML" });
    },
    /** @param {string} id */
    async undo(id) {
      const { status, message } = await sendBorder(`${speakersApi}/${id}`, null);
      if (status >= 300 && status !== 404) {
        toast(message || text.noConnection(), { bad: true, action: "undo speaker" });
      } else {
        clearErrors("undo speaker");
      }
      await draw();
    },
  };
}

/** @param {string} name */
function label(name) {
  const element = document.createElement("b");
  element.className = "scene__speaker";
  element.textContent = name;
  return element;
}
