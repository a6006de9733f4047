// Plays only kept ranges: skips what lies between them and stops at the end of the last one.
import { mediaTime, seekTo } from "../common/media_clock.js";
import { play } from "../video/player_controls.js";
import { stepAt } from "./ranges.js";

/** @typedef {import("./ranges.js").Span} Span */

const NEAR_MS = 60; // a seek lands on a picture near where it was sent

/**
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video
 * @param {AbortSignal} parts.signal
 */
export function startRangePlayer({ video, signal }) {
  /** @type {(() => Span[]) | null} what is played now, read anew at each look */
  let current = null;
  /** @type {() => void} */
  let ended = () => {};
  let sentTo = -1; // ms of the last seek of ours

  const now = () => Math.round(mediaTime(video) * 1000);

  /** @param {number} ms */
  function go(ms) {
    sentTo = ms;
    seekTo(video, ms / 1000);
  }

  function stop() {
    if (current) {
      current = null;
      ended();
    }
  }

  function look() {
    if (!current || video.seeking) {
      return;
    }
    const step = stepAt(current(), now());
    if (step === "stop") {
      video.pause();
      const ranges = current();
      stop();
      go(ranges[ranges.length - 1][1]); // a browser is a few pictures late
    } else if (step !== "play" && !video.paused) {
      go(step);
    }
  }

  function run() {
    look();
    if (current && !video.paused && !signal.aborted) {
      requestAnimationFrame(run);
    }
  }

  video.addEventListener("play", run, { signal });
  video.addEventListener("timeupdate", look, { signal });
  video.addEventListener("ended", stop, { signal });
  // Whoever goes somewhere else by hand watches the video again, not the clip.
  video.addEventListener(
    "seeking",
    () => {
      const isOurs = Math.abs(now() - sentTo) < NEAR_MS;
      const place = current && stepAt(current(), now());
      if (current && !isOurs && place !== "play") {
        stop();
      }
    },
    { signal },
  );

  return {
    /**
     * Play from the first range, or from a moment in one.
     * @param {() => Span[]} ranges
     * @param {{ from?: number, onEnd?: () => void }} [options]
     */
    play(ranges, { from, onEnd = () => {} } = {}) {
      stop();
      [current, ended] = [ranges, onEnd];
      go(from ?? ranges()[0][0]);
      play(video);
      run();
    },
    stop,
    isPlaying: () => Boolean(current),
  };
}
