// The line under the picture: scenes as stretches, what is played and loaded, and what lies under the pointer.
import { clock, text } from "../common/messages.js";

const MARKS_AT_MOST = 150;

export function startScrubber({ player, video, scenes, signal }) {
  const line = player.querySelector("[data-scrubber]");
  const input = line.querySelector("[data-seekbar]");
  const played = line.querySelector("[data-played]");
  const buffered = line.querySelector("[data-buffered]");
  const now = player.querySelector("[data-now]");
  const name = player.querySelector("[data-scene-name]");
  const length = () => (Number.isFinite(video.duration) && video.duration) || Number(input.max) || 1;
  const known = Number(input.max) || 1;
  drawMarks(line.querySelector("[data-marks]"), scenes, known * 1000);
  let dragging = false;
  let second = -1;
  let shown = null;

  input.addEventListener("input", () => (video.currentTime = Number(input.value)), { signal });
  input.addEventListener("pointerdown", () => (dragging = true), { signal });
  window.addEventListener("pointerup", () => (dragging = false), { signal });
  video.addEventListener("durationchange", () => (input.max = String(length())), { signal });
  video.addEventListener(
    "progress",
    () => {
      const { buffered: ranges } = video;
      const end = ranges.length ? ranges.end(ranges.length - 1) : 0;
      buffered.style.setProperty("transform", `scaleX(${Math.min(1, end / length())})`);
    },
    { signal },
  );
  startTip({ line, scenes, length, signal });

  return {
    show(seconds, scene) {
      played.style.setProperty("transform", `scaleX(${Math.min(1, seconds / length())})`);
      if (!dragging) {
        input.value = String(seconds);
      }
      if (Math.floor(seconds) !== second) {
        second = Math.floor(seconds);
        now.textContent = clock(seconds);
        input.setAttribute("aria-valuetext", text.timeOf(clock(seconds), clock(length())));
      }
      if (scene !== shown) {
        shown = scene;
        name.textContent = scene ? text.scene(scene.number) : "";
      }
    },
  };
}

function drawMarks(place, scenes, length) {
  if (scenes.length > MARKS_AT_MOST) {
    place.classList.add("scrubber__marks--many");
  }
  place.append(
    ...scenes.slice(1).map((scene) => {
      const mark = document.createElement("i");
      mark.style.setProperty("left", `${(scene.start / length) * 100}%`);
      return mark;
    }),
  );
}

function startTip({ line, scenes, length, signal }) {
  const tip = line.querySelector("[data-tip]");
  const picture = tip.querySelector("[data-tip-picture]");
  const move = (event) => {
    if (event.pointerType === "touch") {
      return;
    }
    const box = line.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const ms = share * length() * 1000;
    const scene = scenes.findLast((candidate) => candidate.start <= ms);
    tip.querySelector("[data-tip-time]").textContent = clock(ms / 1000);
    tip.querySelector("[data-tip-scene]").textContent = scene ? text.scene(scene.number) : "";
    const source = scene?.element.querySelector("[data-picture]")?.src ?? "";
    picture.hidden = !source;
    if (source && picture.src !== source) {
      picture.src = source;
    }
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    const x = Math.min(box.width - half, Math.max(half, share * box.width));
    tip.style.setProperty("transform", `translateX(${x - half}px)`);
  };
  line.addEventListener("pointermove", move, { signal });
  line.addEventListener("pointerleave", () => (tip.hidden = true), { signal });
}
