// Doubtful words: those that speech recognition was not sure of are shaded. A key and a button walk from one to the next;
// there Enter corrects it, and Y says that it is right as it is.
import { closest, find, findAll } from "../common/dom.js";
import { keyOf } from "../common/keys.js";
import { mediaTime } from "../common/media_clock.js";
import { isTyping } from "../common/typing.js";

const NEAR_MS = 1000; // the video is about where the walk is: nobody went elsewhere meanwhile

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {{ follow: (on: boolean) => void, startOf: (mark: Element) => number, focusLine: (line: Element | null) => void }} parts.transcript
 * @param {HTMLVideoElement} parts.video
 * @param {(seconds: number) => void} parts.seek
 * @param {(mark: Element) => void} parts.correct lets the words be typed
 * @param {(mark: Element) => void} parts.confirm says that the words are right
 * @param {AbortSignal} parts.signal
 * @returns {{ next: () => void }} goes to the next one after what is played, after the last to the first
 */
export function startDoubts({ page, video, transcript, seek, correct, confirm, signal }) {
  const list = find(page, "[data-scenes]");
  /** @type {Element | null} */
  let shown = null;
  let shownMs = -1;

  function next() {
    const marks = findAll(page, ".scene:not([hidden]) .doubt");
    if (!marks.length) {
      return;
    }
    const now = mediaTime(video) * 1000;
    const isWalking = shownMs >= 0 && Math.abs(shownMs - now) < NEAR_MS;
    const isThere = isWalking && shown?.isConnected;
    const at = isThere
      ? marks.findIndex((one) => one === shown) + 1
      : marks.findIndex((one) => (isWalking ? transcript.startOf(one) > shownMs : transcript.startOf(one) >= now));
    const mark = marks[Math.max(0, at) % marks.length];
    shown?.classList.remove("doubt--now");
    mark.classList.add("doubt--now");
    [shown, shownMs] = [mark, transcript.startOf(mark)];
    seek(shownMs / 1000);
    transcript.follow(false);
    transcript.focusLine(mark.closest(".cue"));
    mark.scrollIntoView({ block: "center" });
  }

  // In the line of the word that is shown.
  list.addEventListener(
    "keydown",
    (event) => {
      if (!shown?.isConnected || closest(event, ".cue") !== shown.closest(".cue") || isTyping(event)) {
        return;
      }
      const key = keyOf(event);
      if (key === "Enter") {
        correct(shown);
      } else if (key === "y") {
        confirm(shown);
        next();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    { signal, capture: true },
  );
  page.querySelector("[data-next-doubt]")?.addEventListener("click", next, { signal });
  return { next };
}
