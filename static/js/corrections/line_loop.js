// Plays a line again and again while its words are typed, as fast as always or slowly.
import { mediaTime, seekTo } from "../common/media_clock.js";
import { play } from "../video/player_controls.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */

const LEAD_MS = 300; // before the line, so that its first word is heard whole
const TAIL_MS = 400;
const SLOW_RATE = 0.7;

/**
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video
 * @param {AbortSignal} parts.signal
 * @returns {(cue: Cue | null, isSlow?: boolean) => void} loops a line from now on, or none
 */
export function startLineLoop({ video, signal }) {
  /** @type {Cue | null} */
  let looped = null;
  let isOurs = false; // we began to play
  let usualRate = 0; // while it plays slowly

  const begin = () => looped && seekTo(video, Math.max(0, looped.start - LEAD_MS) / 1000);
  const look = () => {
    const now = mediaTime(video) * 1000;
    if (looped && (now > looped.end + TAIL_MS || now < looped.start - 2 * LEAD_MS)) {
      begin();
    }
  };
  video.addEventListener("timeupdate", look, { signal });
  video.addEventListener("ended", () => looped && (begin(), play(video)), { signal });

  /** @param {boolean} isSlow */
  function slow(isSlow) {
    if (isSlow && !usualRate) {
      usualRate = video.playbackRate;
      video.playbackRate = Math.min(usualRate, SLOW_RATE);
    } else if (!isSlow && usualRate) {
      video.playbackRate = usualRate;
      usualRate = 0;
    }
  }
  signal.addEventListener("abort", () => slow(false));
  window.addEventListener("pagehide", () => slow(false), { signal, capture: true });

  return (cue, isSlow = false) => {
    slow(Boolean(cue) && isSlow);
    if (cue === looped) {
      return;
    }
    looped = cue;
    if (cue) {
      isOurs ||= video.paused;
      begin();
      play(video);
    } else if (isOurs) {
      isOurs = false;
      video.pause();
    }
  };
}
