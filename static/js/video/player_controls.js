// The player's buttons. Without scripts the browser's own controls are there instead.
import { find } from "../common/dom.js";
import { clock } from "../common/format.js";
import { mediaTime } from "../common/media_clock.js";
import { text } from "../common/messages.js";
import { toast } from "../common/toasts.js";

/**
 * @param {object} parts
 * @param {HTMLElement} parts.player
 * @param {HTMLVideoElement} parts.video
 * @param {AbortSignal} parts.signal
 */
export function startControls({ player, video, signal }) {
  const button = (/** @type {string} */ selector) => find(player, selector, HTMLButtonElement);
  const onClick = (/** @type {string} */ selector, /** @type {(button: Element) => void} */ act) => {
    const element = player.querySelector(selector);
    element?.addEventListener("click", () => act(element), { signal });
  };
  const [big, playButton, muteButton] = ["[data-big]", "[data-play]", "[data-mute]"].map(button);
  const volume = find(player, "[data-volume]", HTMLInputElement);
  const speed = find(player, "[data-speed]", HTMLSelectElement);
  const toggle = () => (video.paused ? play(video) : video.pause());
  const show = () => {
    const { paused } = video;
    big.hidden = !paused || mediaTime(video) > 0 || Boolean(video.error);
    label(playButton, paused ? text.play() : text.pause(), paused ? "paused" : "playing");
    const silent = video.muted || video.volume === 0;
    label(muteButton, silent ? text.unmute() : text.mute(), silent ? "muted" : "loud");
    volume.value = String(video.muted ? 0 : video.volume);
  };
  for (const name of ["play", "pause", "volumechange", "loadedmetadata", "seeked"]) {
    video.addEventListener(name, show, { signal });
  }
  video.addEventListener("click", toggle, { signal });
  onClick("[data-big]", toggle);
  onClick("[data-play]", toggle);
  onClick("[data-mute]", () => (video.muted = !video.muted));
  volume.addEventListener(
    "input",
    () => {
      video.volume = Number(volume.value);
      video.muted = false;
    },
    { signal },
  );
  speed.addEventListener("change", () => (video.playbackRate = Number(speed.value)), { signal });
  onClick("[data-captions]", (captions) => {
    const track = video.textTracks[0];
    const shown = track.mode === "showing";
    track.mode = shown ? "hidden" : "showing";
    captions.setAttribute("aria-pressed", String(!shown));
  });
  onClick("[data-fullscreen]", () => toggleFullscreen(player, video));
  onClick("[data-link]", () => copyLink(video));
  startTrouble({ player, video, signal, show });
  show();
  return {
    /** @param {number} rate one of those that can be chosen; another one changes nothing */
    setSpeed(rate) {
      const option = [...speed.options].find(({ value }) => Number(value) === rate);
      if (option) {
        speed.value = option.value;
        video.playbackRate = rate;
      }
    },
  };
}

/**
 * A browser may refuse to play until the page has been used.
 * @param {HTMLVideoElement} video
 */
export function play(video) {
  video.play().catch(() => {});
}

/**
 * @param {Element} button
 * @param {string} words
 * @param {string} state of its icons the one that is shown
 */
function label(button, words, state) {
  button.setAttribute("aria-label", words);
  for (const icon of button.querySelectorAll("[data-when]")) {
    icon.toggleAttribute("hidden", icon.getAttribute("data-when") !== state);
  }
}

/**
 * @param {HTMLElement} player
 * @param {HTMLVideoElement} video
 */
function toggleFullscreen(player, video) {
  if (document.fullscreenElement) {
    document.exitFullscreen();
  } else if (player.requestFullscreen) {
    player.requestFullscreen();
  } else {
    video.webkitEnterFullscreen?.();
  }
}

/** @param {HTMLVideoElement} video */
async function copyLink(video) {
  const address = `${location.origin}${location.pathname}#t=${mediaTime(video).toFixed(1)}`;
  try {
    await navigator.clipboard.writeText(address);
    toast(text.linkCopied(clock(mediaTime(video))), { action: "copy" });
  } catch {
    history.replaceState(history.state, "", address);
    toast(text.notCopied(), { bad: true, action: "copy" });
  }
}

/**
 * Say why the video does not play.
 * @param {object} parts
 * @param {HTMLElement} parts.player
 * @param {HTMLVideoElement} parts.video
 * @param {AbortSignal} parts.signal
 * @param {() => void} parts.show
 */
function startTrouble({ player, video, signal, show }) {
  const trouble = find(player, "[data-trouble]");
  const say = (/** @type {string} */ words) => {
    trouble.textContent = words;
    trouble.hidden = false;
    show();
  };
  const failed = () => {
    const offline = video.error?.code === MediaError.MEDIA_ERR_NETWORK;
    say(offline ? text.noConnection() : text.cannotPlay());
  };
  // A browser without a decoder for the picture (HEVC, ProRes) plays the sound and reports no error.
  const checkPicture = () => {
    trouble.hidden = video.videoWidth > 0;
    if (!video.videoWidth) {
      say(text.soundOnly());
    }
  };
  video.addEventListener("error", failed, { signal });
  video.addEventListener("loadedmetadata", checkPicture, { signal });
  if (video.error) {
    failed();
  } else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) {
    checkPicture();
  }
}
