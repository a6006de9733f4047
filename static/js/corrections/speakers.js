// Who speaks: the names before the lines, and a speaker of its own for one line.
import { find } from "../common/dom.js";
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { fetchSpeakers, sendEdit } from "./correction_api.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {Cue[]} parts.cues
 * @param {(edit: import("./edit_history.js").Edit, line: Cue | undefined) => void} parts.done a name was given, to a line or to all of a speaker
 * @param {AbortSignal} parts.signal
 */
export function startSpeakers({ page, cues, done, signal }) {
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

  /**
   * A name that was given.
   * @param {string} id
   * @param {FormData} asked
   * @returns {import("./edit_history.js").Edit}
   */
  function naming(id, asked) {
    const line = asked.get("line");
    const of = line === null ? { was: asked.get("was") } : { line: Number(line), text: asked.get("text") };
    /** @param {string} address @param {object | null} body */
    const send = async (address, body) => {
      const { status, message } = await sendEdit(address, body);
      const isDone = (status > 0 && status < 300) || (!body && status === 404);
      isDone ? clearErrors("speaker") : toast(message || text.noConnection(), { bad: true, action: "speaker" });
      await draw();
      return isDone;
    };
    return {
      id,
      undo: () => send(`${speakersApi}/${id}`, null),
      redo: () => send(speakersApi, { id, name: asked.get("name"), ...of }),
    };
  }

  document.addEventListener(
    "speakers-changed",
    ({ target, detail }) => {
      const cue = cues[detail?.line ?? -1];
      if (cue) {
        find(document, "#dialog", HTMLDialogElement).close();
      }
      draw();
      if (detail?.made && target instanceof HTMLFormElement) {
        done(naming(detail.made, new FormData(target)), cue);
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
  };
}

/** @param {string} name */
function label(name) {
  const element = document.createElement("b");
  element.className = "scene__speaker";
  element.textContent = name;
  return element;
}
