// Times of a video counted from its first picture. A recording whose clock starts late keeps that clock in Chromium:
// `currentTime` of a WebM that starts at 1:00:00 begins with 3600. Firefox counts from 0. The element says where the
// file's clock starts (`data-origin`) and how long the video is (`data-length`), both in seconds.

const SMALLEST_ORIGIN_S = 0.2; // less is within the precision of what players say

/** @typedef {Pick<HTMLVideoElement, "currentTime" | "duration" | "dataset" | "played">} Clocked */

/** @param {Clocked} video */
function facts(video) {
  const origin = Number(video.dataset.origin) || 0;
  return { origin: origin < SMALLEST_ORIGIN_S ? 0 : origin, length: Number(video.dataset.length) || 0 };
}

/**
 * How many seconds this browser's times are ahead of ours. An MP4 shows it only once it has played.
 * @param {Clocked} video
 */
export function clockOffset(video) {
  const { origin, length } = facts(video);
  const end = Number.isFinite(video.duration) ? video.duration : 0;
  return origin && Math.max(video.currentTime, end) > length + origin / 2 ? origin : 0;
}

/**
 * The length in seconds: what the browser says, except of a file with a late clock; 0 while it is unknown.
 * @param {Clocked} video
 */
export function mediaLength(video) {
  const { origin, length } = facts(video);
  return origin ? length : (Number.isFinite(video.duration) && video.duration) || length;
}

/**
 * The current time in seconds from the first picture.
 * @param {Clocked} video
 */
export function mediaTime(video) {
  const { origin, length } = facts(video);
  const offset = clockOffset(video);
  if (origin && !offset && !video.played.length && video.currentTime >= length) {
    return 0; // Chromium clamps the start of such an MP4 to its length until it plays
  }
  return Math.max(0, video.currentTime - offset);
}

/**
 * Go to a time in seconds from the first picture. In an MP4 with a late clock Chromium goes no further than it has read.
 * @param {Clocked} video
 * @param {number} seconds
 */
export function seekTo(video, seconds) {
  const place = Math.min(Math.max(0, seconds), mediaLength(video) || Infinity);
  video.currentTime = place + clockOffset(video);
}

/**
 * Keep captions in step with the browser's clock.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 */
export function followClock(video, signal) {
  if (!facts(video).origin) {
    return;
  }
  /** @type {WeakMap<TextTrackCue, number>} by how much each cue was moved */
  const moved = new WeakMap();
  const follow = () => {
    const offset = clockOffset(video);
    for (const cue of video.textTracks[0]?.cues ?? []) {
      const by = offset - (moved.get(cue) ?? 0);
      if (by) {
        cue.endTime += by;
        cue.startTime += by;
        moved.set(cue, offset);
      }
    }
  };
  for (const name of ["loadedmetadata", "durationchange", "playing"]) {
    video.addEventListener(name, follow, { signal });
  }
  video.querySelector("track")?.addEventListener("load", follow, { signal });
  follow();
}
