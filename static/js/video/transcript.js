// The transcript follows the video: the cue being spoken is lit, its word too where word times are known, and it is
// kept in view until the reader scrolls by hand.

const HOLD_MS = 700; // a cue stays lit this long into the pause after it

export function startTranscript({ page, video, seek, signal }) {
  const list = page.querySelector("[data-scenes]");
  const cues = readCues(list);
  const word = makeWordLight();
  const following = startFollowing({ page, signal, reveal });
  let lit = null;
  let sceneNow = null;

  function show(seconds, scene) {
    const ms = seconds * 1000;
    const cue = cueAt(cues, ms);
    if (scene !== sceneNow) {
      sceneNow?.element.classList.remove("scene--now");
      scene?.element.classList.add("scene--now");
      sceneNow = scene;
    }
    if (cue !== lit) {
      lit?.element.removeAttribute("aria-current");
      cue?.element.setAttribute("aria-current", "true");
      lit = cue;
      if (!video.paused && following.on) {
        reveal({ gentle: true });
      }
    }
    word.show(cue, ms);
  }

  // Bring what is spoken into view; a gentle call leaves alone what is comfortably seen already.
  function reveal({ gentle = false } = {}) {
    const element = lit?.element ?? sceneNow?.element;
    if (!element?.offsetParent) {
      return;
    }
    const [top, bottom] = readingZone(page);
    const box = element.getBoundingClientRect();
    if (gentle && box.top >= top && box.bottom <= top + (bottom - top) * 0.75) {
      return;
    }
    const calm = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const near = Math.abs(box.top - top) < 2 * (bottom - top);
    window.scrollBy({ top: box.top - top - (bottom - top) * 0.25, behavior: calm && near ? "smooth" : "instant" });
  }

  list.addEventListener(
    "click",
    (event) => {
      const element = event.target.closest(".cue");
      if (!element || !getSelection().isCollapsed) {
        return;
      }
      const cue = cues[Number(element.dataset.at)];
      chooseLine(cue);
      seek(wordStart(cue, event) / 1000, { play: !video.paused });
    },
    { signal },
  );
  startLines({ list, cues, seek, signal });

  function chooseLine(cue) {
    list.querySelector(".cue[tabindex='0']")?.setAttribute("tabindex", "-1");
    cue.element.tabIndex = 0;
  }
  if (cues.length) {
    chooseLine(cues[0]);
  }

  return { show, reveal, follow: following.set, cues, hasLit: () => Boolean(lit) };
}

function readCues(list) {
  return [...list.querySelectorAll(".cue")].map((element, at) => {
    const [start, end] = element.dataset.cue.split(" ").map(Number);
    element.dataset.at = String(at);
    return { element, start, end, at, words: null };
  });
}

// The words of a cue as [start in ms, first unit, units], read the first time they are needed.
function wordsOf(cue) {
  cue.words ??= (cue.element.dataset.words ?? "")
    .split(" ")
    .filter(Boolean)
    .map((item) => item.split(",").map(Number));
  return cue.words;
}

function cueAt(cues, ms) {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cues[middle].start <= ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const cue = cues[low - 1];
  return cue && ms < cue.end + HOLD_MS ? cue : null;
}

// The spoken word is a highlight over the text, so that lighting it changes no element.
function makeWordLight() {
  if (!globalThis.Highlight || !CSS.highlights) {
    return { show() {} };
  }
  const light = new Highlight();
  CSS.highlights.set("spoken", light);
  let cueShown = null;
  let wordShown = -1;
  return {
    show(cue, ms) {
      const words = cue ? wordsOf(cue) : [];
      let at = words.length - 1;
      while (at >= 0 && words[at][0] > ms - cue.start) {
        at -= 1;
      }
      if (cue === cueShown && at === wordShown) {
        return;
      }
      [cueShown, wordShown] = [cue, at];
      light.clear();
      const node = cue?.element.firstChild;
      if (at >= 0 && node) {
        const [, start, length] = words[at];
        const range = new StaticRange({
          startContainer: node,
          startOffset: Math.min(start, node.length),
          endContainer: node,
          endOffset: Math.min(start + length, node.length),
        });
        light.add(range);
      }
    },
  };
}

// Where the clicked word begins, in ms: exact where the words' times are known, by its place in the line otherwise.
function wordStart(cue, event) {
  const place = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const offset = place?.offset ?? document.caretRangeFromPoint?.(event.clientX, event.clientY)?.startOffset ?? 0;
  const words = wordsOf(cue);
  if (words.length) {
    const word = words.findLast(([, start]) => start <= offset);
    return cue.start + (word ? word[0] : 0);
  }
  const whole = cue.element.textContent;
  const before = whole.slice(0, offset).lastIndexOf(" ") + 1;
  return cue.start + Math.round(((cue.end - cue.start) * before) / Math.max(1, whole.length));
}

// Arrow keys go from line to line; Enter plays from one.
function startLines({ list, cues, seek, signal }) {
  list.addEventListener(
    "keydown",
    (event) => {
      const element = event.target.closest(".cue");
      if (!element) {
        return;
      }
      const at = Number(element.dataset.at);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && cues[at + step]) {
        element.tabIndex = -1;
        cues[at + step].element.tabIndex = 0;
        cues[at + step].element.focus();
      } else if (event.key === "Enter") {
        seek(cues[at].start / 1000, { play: true });
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
}

// What of the window the transcript can be read in: below the header, the tools and, on a phone, the player.
function readingZone(page) {
  let top = 0;
  for (const element of [document.querySelector(".header"), page.querySelector(".transcript__tools"), page.querySelector(".player")]) {
    const style = getComputedStyle(element);
    const over = element.matches(".player") ? page.matches(".video-page") && innerWidth < 1000 : true;
    if (style.position === "sticky" && over) {
      const box = element.getBoundingClientRect();
      top = Math.max(top, parseFloat(style.top) + box.height);
    }
  }
  const bar = page.querySelector("[data-export-bar]");
  return [top, innerHeight - (bar.offsetParent ? bar.offsetHeight : 0)];
}

function startFollowing({ page, signal, reveal }) {
  const button = page.querySelector("[data-follow]");
  const back = page.querySelector("[data-follow-back]");
  const state = {
    on: true,
    set(on) {
      state.on = on;
      button?.setAttribute("aria-pressed", String(on));
      back.hidden = on || page.querySelector("video").paused;
    },
  };
  const byHand = () => {
    if (state.on && !page.querySelector("video").paused) {
      state.set(false);
    }
  };
  const scrollKeys = new Set(["PageUp", "PageDown", "Home", "End"]);
  window.addEventListener("wheel", byHand, { signal, passive: true });
  window.addEventListener("touchmove", byHand, { signal, passive: true });
  window.addEventListener("keydown", (event) => scrollKeys.has(event.key) && byHand(), { signal });
  const again = () => {
    state.set(true);
    reveal();
  };
  button?.addEventListener("click", () => (state.on ? state.set(false) : again()), { signal });
  back.addEventListener("click", again, { signal });
  page.querySelector("video").addEventListener("pause", () => (back.hidden = true), { signal });
  return state;
}
