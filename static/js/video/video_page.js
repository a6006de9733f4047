// The transcript page: one clock (the video), and everything that follows it.
import { startSearch } from "./transcript_search.js";
import { startKeyboard } from "./keyboard.js";
import { startScrubber } from "./scrubber.js";
import { startTagFilter } from "./tag_filter.js";
import { toast } from "../common/toasts.js";
import { startTranscript } from "./transcript.js";
import { clock, text } from "../common/messages.js";

const HASH = /^#t=(\d+(?:\.\d+)?)$/;

export function mount(page, signal) {
  const video = page.querySelector("video");
  const player = page.querySelector("[data-player]");
  const controls = player.querySelector("[data-controls]");
  video.controls = false;
  controls.hidden = false;

  const parts = { page, player, video, signal, scenes: readScenes(page) };
  const seek = (seconds, { play = false } = {}) => {
    video.currentTime = Math.min(Math.max(0, seconds), video.duration || Infinity);
    parts.transcript.follow(true);
    if (play) {
      video.play().catch(() => {});
    }
    tick();
  };
  parts.seek = seek;
  parts.scrubber = startScrubber(parts);
  parts.transcript = startTranscript(parts);
  parts.find = startSearch(parts);
  startTagFilter(parts);
  startKeyboard(parts);
  startButtons(parts);
  startExportBar(parts);

  // Once per painted frame while it plays; once per event otherwise.
  let frame = 0;
  function tick() {
    const now = video.currentTime;
    const scene = sceneAt(parts.scenes, now * 1000);
    parts.scrubber.show(now, scene);
    parts.transcript.show(now, scene);
    parts.bar?.(scene);
  }
  function run() {
    tick();
    frame = video.paused || video.ended || signal.aborted ? 0 : requestAnimationFrame(run);
  }
  for (const name of ["play", "seeking", "seeked", "loadedmetadata", "pause", "timeupdate"]) {
    video.addEventListener(name, () => frame || run(), { signal });
  }
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(frame);
    video.pause();
  });

  page.addEventListener(
    "click",
    (event) => {
      const target = event.target.closest("[data-seek]");
      if (target) {
        event.preventDefault();
        seek(Number(target.dataset.seek) / 1000, { play: !target.matches(".scene__time") || !video.paused });
      }
    },
    { signal },
  );
  const fromAddress = () => {
    const match = HASH.exec(location.hash);
    if (match) {
      seek(Number(match[1]));
      parts.transcript.reveal();
    }
  };
  window.addEventListener("hashchange", fromAddress, { signal });
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) {
    fromAddress();
  } else {
    video.addEventListener("loadedmetadata", fromAddress, { once: true, signal });
  }
  tick();
}

function readScenes(page) {
  return [...page.querySelectorAll("[data-scene]")].map((element) => ({
    element,
    number: Number(element.dataset.number),
    start: Number(element.dataset.start),
    end: Number(element.dataset.end),
    exportLink: element.querySelector("a[data-export]"),
    length: element.querySelector(".scene__length").textContent,
  }));
}

/** The scene that holds a moment in ms, by binary search. */
function sceneAt(scenes, ms) {
  let low = 0;
  let high = scenes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (scenes[middle].start <= ms) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return scenes[low] ?? null;
}

function startButtons({ player, video, signal }) {
  const on = (selector, name, act) => player.querySelector(selector)?.addEventListener(name, act, { signal });
  const toggle = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  const big = player.querySelector("[data-big]");
  const playButton = player.querySelector("[data-play]");
  const muteButton = player.querySelector("[data-mute]");
  const volume = player.querySelector("[data-volume]");
  const show = () => {
    const { paused } = video;
    big.hidden = !paused || video.currentTime > 0 || Boolean(video.error);
    playButton.setAttribute("aria-label", paused ? text.play() : text.pause());
    playButton.querySelector("[data-when=paused]").hidden = !paused;
    playButton.querySelector("[data-when=playing]").hidden = paused;
    const silent = video.muted || video.volume === 0;
    muteButton.setAttribute("aria-label", silent ? text.unmute() : text.mute());
    muteButton.querySelector("[data-when=loud]").hidden = silent;
    muteButton.querySelector("[data-when=muted]").hidden = !silent;
    volume.value = video.muted ? 0 : video.volume;
  };
  for (const name of ["play", "pause", "volumechange", "loadedmetadata", "seeked"]) {
    video.addEventListener(name, show, { signal });
  }
  video.addEventListener("click", toggle, { signal });
  on("[data-big]", "click", toggle);
  on("[data-play]", "click", toggle);
  on("[data-mute]", "click", () => (video.muted = !video.muted));
  on("[data-volume]", "input", () => {
    video.volume = Number(volume.value);
    video.muted = false;
  });
  on("[data-speed]", "change", (event) => (video.playbackRate = Number(event.target.value)));
  on("[data-captions]", "click", (event) => {
    const track = video.textTracks[0];
    const shown = track.mode === "showing";
    track.mode = shown ? "hidden" : "showing";
    event.currentTarget.setAttribute("aria-pressed", String(!shown));
  });
  on("[data-fullscreen]", "click", () => {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    } else if (player.requestFullscreen) {
      player.requestFullscreen();
    } else {
      video.webkitEnterFullscreen?.();
    }
  });
  on("[data-link]", "click", async () => {
    const address = `${location.origin}${location.pathname}#t=${video.currentTime.toFixed(1)}`;
    try {
      await navigator.clipboard.writeText(address);
      toast(text.linkCopied(clock(video.currentTime)));
    } catch {
      history.replaceState(history.state, "", address);
      toast(text.notCopied(), { bad: true });
    }
  });
  const trouble = player.querySelector("[data-trouble]");
  const failed = () => {
    trouble.textContent = video.error.code === MediaError.MEDIA_ERR_NETWORK ? text.noConnection() : text.cannotPlay();
    trouble.hidden = false;
    show();
  };
  video.addEventListener("error", failed, { signal });
  if (video.error) {
    failed();
  }
  show();
}

// On a phone the scene being played can always be exported with a thumb.
function startExportBar(parts) {
  const bar = parts.page.querySelector("[data-export-bar]");
  const link = bar.querySelector("[data-bar-export]");
  let shown = null;
  parts.bar = (scene) => {
    if (scene === shown) {
      return;
    }
    shown = scene;
    bar.hidden = !scene?.exportLink;
    if (!bar.hidden) {
      bar.querySelector("[data-bar-name]").textContent = text.scene(scene.number);
      bar.querySelector("[data-bar-length]").textContent = scene.length;
      link.href = scene.exportLink.href;
    }
  };
  link.addEventListener(
    "click",
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      shown?.exportLink.click();
    },
    { signal: parts.signal },
  );
}
