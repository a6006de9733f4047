// A few seconds of each sound track, to choose between them. Without scripts each is a link to the sound.
import { find, findAll } from "../common/dom.js";

/**
 * Play the samples in the form, one at a time, until `signal` says that the form has gone.
 * @param {HTMLFormElement} form
 * @param {() => import("./framing_plan.js").Span | null} range in ms, or null when it makes no Short
 * @param {AbortSignal} signal
 */
export function startSoundSamples(form, range, signal) {
  const links = findAll(form, "[data-listen]", HTMLAnchorElement);
  if (!links.length) {
    return;
  }
  const sound = new Audio();
  const error = find(form, "[data-listen-error]");
  /** @type {HTMLAnchorElement | null} */
  let playing = null;

  /** @param {HTMLAnchorElement | null} link */
  function mark(link) {
    playing = link;
    for (const each of links) {
      find(each, "[data-idle]").hidden = each === link;
      find(each, "[data-playing]").hidden = each !== link;
      each.setAttribute("aria-pressed", String(each === link));
    }
  }

  function stop() {
    sound.pause();
    mark(null);
  }

  /** @param {HTMLAnchorElement} link */
  async function play(link) {
    const start = range()?.start;
    const address = link.getAttribute("href") ?? "";
    sound.src = start === undefined ? address : address.replace(/\d+\.m4a$/, `${start}.m4a`);
    mark(link);
    error.hidden = true;
    for (const video of document.querySelectorAll("video")) {
      video.pause(); // two sounds at once cannot be compared
    }
    try {
      await sound.play();
    } catch (reason) {
      if (playing === link && !(reason instanceof DOMException && reason.name === "AbortError")) {
        mark(null);
        error.hidden = false;
      }
    }
  }

  for (const link of links) {
    link.setAttribute("role", "button");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (link === playing) {
        stop();
      } else {
        void play(link);
      }
    });
    link.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        link.click();
      }
    });
  }
  sound.addEventListener("ended", () => mark(null));
  mark(null);
  form.closest("dialog")?.addEventListener("close", stop, { signal });
  signal.addEventListener("abort", stop);
}
