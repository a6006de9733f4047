// Keys of the transcript page. None of them acts while something is being typed or a dialog is open.
import { find } from "../common/dom.js";
import { keyOf } from "../common/keys.js";
import { mediaTime } from "../common/media_clock.js";
import { isField, isTyping } from "../common/typing.js";

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLElement} parts.player
 * @param {HTMLVideoElement} parts.video
 * @param {import("./scenes.js").Scene[]} parts.scenes
 * @param {(seconds: number) => void} parts.seek
 * @param {{ focus: () => void }} parts.search
 * @param {{ reveal: () => void, focusSaid: () => void }} parts.transcript
 * @param {{ next: () => void }} parts.doubts
 * @param {ReturnType<typeof import("../clips/clips.js").startClips>} parts.clips
 * @param {ReturnType<typeof import("../corrections/corrections.js").startCorrections>} parts.corrections
 * @param {AbortSignal} parts.signal
 */
export function startKeyboard({ page, player, video, scenes, seek, search, transcript, doubts, clips, corrections, signal }) {
  const frameRate = Number(find(page, "[data-clips]").dataset.frameRate) || 25;
  const press = (/** @type {string} */ selector) => click(player, selector);
  const sceneStep = (/** @type {number} */ by) => {
    const ms = mediaTime(video) * 1000;
    const here = scenes.findLastIndex((scene) => scene.start <= ms);
    // Going back shortly after a scene has begun means the one before it.
    const back = by < 0 && ms - scenes[here].start > 3000 ? 0 : by;
    const scene = scenes[Math.min(scenes.length - 1, Math.max(0, here + back))];
    seek(scene.start / 1000);
    transcript.reveal();
  };
  const frameStep = (/** @type {number} */ by) => {
    video.pause();
    seek(Math.max(0, mediaTime(video) + by / frameRate));
  };
  /** @type {Record<string, () => void>} */
  const actions = {
    " ": () => press("[data-play]"),
    k: () => press("[data-play]"),
    j: () => seek(mediaTime(video) - 10),
    l: () => seek(mediaTime(video) + 10),
    ArrowLeft: () => seek(mediaTime(video) - 5),
    ArrowRight: () => seek(mediaTime(video) + 5),
    ",": () => frameStep(-1),
    ".": () => frameStep(1),
    w: () => transcript.focusSaid(),
    "Shift+n": () => doubts.next(),
    "+": () => click(page, "[data-zoom=in]"),
    "=": () => click(page, "[data-zoom=in]"),
    "-": () => click(page, "[data-zoom=out]"),
    0: () => click(page, "[data-zoom=all]"),
    h: () => corrections.showHeard(),
    "Shift+s": () => corrections.splitScene(),
    "Shift+j": () => corrections.joinScenes(),
    n: () => sceneStep(1),
    p: () => sceneStep(-1),
    m: () => press("[data-mute]"),
    // Where words are selected it makes a clip of them.
    c: () => (clips.hasSelection() ? clips.clip() : press("[data-captions]")),
    "Shift+c": () => clips.focusList(),
    "Shift+k": () => clips.playSelected(),
    Escape: () => clips.clearSelection(),
    i: () => clips.setIn(),
    o: () => clips.setOut(),
    Backspace: () => clips.strike(),
    Delete: () => clips.strike(),
    f: () => press("[data-fullscreen]"),
    v: () => press("[data-short-stage-button]"),
    g: () => clips.playJoin(),
    "Shift+o": () => clips.playEnd(),
    e: () => clips.withOpen(clips.exportOpen, () => click(page, ".scene--now a[data-export]")),
    t: () => search.focus(),
    F2: () => corrections.start(),
    "?": () => find(document, "#keys-dialog", HTMLDialogElement).showModal(),
  };
  document.addEventListener(
    "keydown",
    (event) => {
      const key = keyOf(event);
      if (key === "z" && isUndo(event)) {
        // Of the open clip; without one, of the words.
        const edits = clips.isOpen() ? clips : corrections;
        event.preventDefault();
        event.shiftKey ? edits.redo() : edits.undo();
        return;
      }
      if (key === "Escape" && !clips.hasSelection()) {
        return;
      }
      const action = (event.shiftKey && actions[`Shift+${key}`]) || actions[key];
      if (!action || isBusy(event)) {
        return;
      }
      event.preventDefault();
      action();
    },
    { signal },
  );
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 */
function click(root, selector) {
  const element = root.querySelector(selector);
  if (element instanceof HTMLElement) {
    element.click();
  }
}

/** Ctrl or Cmd, where no text is being typed and no dialog is open. @param {KeyboardEvent} event */
function isUndo({ ctrlKey, metaKey, altKey, target }) {
  return (ctrlKey || metaKey) && !altKey && !isField(target) && !document.querySelector("dialog[open]");
}

/** @param {KeyboardEvent} event */
function isBusy(event) {
  const { target, key } = event;
  // Space presses what has the focus, arrows choose among radio buttons.
  const taking = key === " " ? "button, a, summary, input" : key.startsWith("Arrow") ? "[type=radio]" : "";
  return isTyping(event) || (taking !== "" && target instanceof Element && target.matches(taking));
}
