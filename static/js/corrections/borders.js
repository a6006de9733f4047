// Lines and scenes split and joined by hand, at a word or at what is played.
import { closest } from "../common/dom.js";
import { mediaTime } from "../common/media_clock.js";
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { lastBegun } from "../video/scenes.js";
import { sendEdit } from "./correction_api.js";
import { charactersBefore } from "./line_text.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */
/** @typedef {import("../video/scenes.js").Scene} Scene */
/** @typedef {{ kind: string, line?: number, text?: string, start?: number, at_s?: number, scene_id?: string }} Border what the API takes */

const WAIT_MS = 50;
const WAIT_TIMES = 100;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {Scene[]} parts.scenes
 * @param {Cue[]} parts.cues
 * @param {string} parts.address of the API
 * @param {() => boolean} parts.isSent whether the server has all corrections
 * @param {(ms: number) => Promise<void>} parts.refresh draws the scenes about a moment anew
 * @param {(edit: import("./edit_history.js").Edit) => void} parts.done
 * @param {(ms: number) => void} parts.shown the scenes about a moment are drawn anew
 * @param {AbortSignal} parts.signal
 */
export function startBorders({ page, video, scenes, cues, address, isSent, refresh, done, shown, signal }) {
  let isBusy = false;

  /** @param {Cue} cue */
  const sceneOf = (cue) => scenes.findLast((scene) => scene.element.contains(cue.element)) ?? null;

  /**
   * What can be split and joined before a word.
   * @param {Cue} cue
   * @param {number} start the word's place in the line
   */
  function possibleAt(cue, start) {
    const scene = sceneOf(cue);
    const before = cues[cue.at - 1];
    if (start > 0) {
      return ["split_line", "split_scene"];
    }
    if (before && scene?.element.contains(before.element)) {
      return ["join_lines", "split_scene"];
    }
    return scene && scene !== scenes[0] ? ["join_scenes"] : [];
  }

  /**
   * @param {string} kind
   * @param {Cue} cue
   * @param {number} start
   */
  function act(kind, cue, start) {
    const said = cue.element.textContent ?? "";
    const at = { line: cue.at, text: said, start: charactersBefore(said, start) };
    if (kind === "join_lines") {
      const before = cues[cue.at - 1];
      return make({ kind, line: before.at, text: before.element.textContent ?? "" });
    }
    if (kind === "join_scenes") {
      return joinBefore(sceneOf(cue));
    }
    return make({ kind, ...at });
  }

  /** @param {Scene | null | undefined} scene */
  async function joinBefore(scene) {
    const before = scene && scenes[scenes.indexOf(scene) - 1];
    if (before) {
      await make({ kind: "join_scenes", scene_id: before.element.dataset.scene ?? "" });
    } else {
      toast(text.noSceneBefore(), { bad: true, action: "border" });
    }
  }

  /** @param {Border} body */
  async function make(body) {
    const made = await send(body);
    if (made) {
      const { id, ms } = made;
      done({ id, undo: () => undo(id, ms), redo: async () => Boolean(await send({ ...body, id })) });
    }
  }

  /** @param {Border & { id?: string }} body */
  async function send(body) {
    if (isBusy || !(await sent())) {
      return null;
    }
    isBusy = true;
    const { status, message, id, ms } = await sendEdit(address, body);
    isBusy = false;
    if (!id || status >= 300) {
      toast(message || text.noConnection(), { bad: true, action: "border" });
      return null;
    }
    clearErrors("border");
    await refresh(ms);
    shown(ms);
    return { id, ms };
  }

  /** Wait until the words that were typed are with the server, so that it splits what is seen. */
  async function sent() {
    for (let times = 0; !isSent() && times < WAIT_TIMES; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
    if (!isSent()) {
      toast(text.notSavedYet(), { bad: true, action: "border" });
    }
    return isSent();
  }

  /** @param {string} id @param {number} ms */
  async function undo(id, ms) {
    const { status, message } = await sendEdit(`${address}/${id}`, null);
    const isDone = (status > 0 && status < 300) || status === 404;
    isDone ? clearErrors("undo border") : toast(message || text.noConnection(), { bad: true, action: "undo border" });
    await refresh(ms);
    return isDone;
  }

  const now = () => mediaTime(video) * 1000;
  /** @type {Record<string, () => void>} */
  const HERE = {
    split: () => make({ kind: "split_scene", at_s: Math.round(now()) / 1000 }),
    join: () => joinBefore(lastBegun(scenes, now())),
  };
  page.addEventListener("click", (event) => HERE[closest(event, "[data-scene-here]")?.dataset.sceneHere ?? ""]?.(), { signal });
  document.addEventListener("borders-changed", ({ detail }) => refresh(detail.ms), { signal });

  return { possibleAt, act, splitHere: HERE.split, joinHere: HERE.join };
}
