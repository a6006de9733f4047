// Find in transcript: every place is lit by a highlight, without touching the text; also across lines of one scene.
import { text } from "../common/messages.js";

const LIT_AT_MOST = 2000;

export function startSearch({ page, scenes, transcript, video, signal }) {
  const form = page.querySelector("[data-find]");
  if (!form) {
    return { focus() {} };
  }
  const input = form.querySelector("[data-find-words]");
  const count = form.querySelector("[data-find-count]");
  const buttons = form.querySelectorAll("[data-find-previous], [data-find-next]");
  const light = makeLight();
  let index = null;
  let places = [];
  let at = -1;

  function search() {
    index ??= scenes.map(readScene);
    const words = input.value.trim().toLowerCase();
    places = words ? index.flatMap((scene) => findIn(scene, words)) : [];
    light.all(places.slice(0, LIT_AT_MOST));
    const shownNow = places.findIndex((place) => place.scene.end > video.currentTime * 1000);
    go(places.length ? Math.max(0, shownNow) : -1, Boolean(words));
  }

  function go(to, asked = true) {
    at = to;
    for (const button of buttons) {
      button.disabled = !places.length;
    }
    count.textContent = asked ? (places.length ? text.found(at + 1, places.length) : text.foundNone()) : "";
    light.one(places[at]);
    if (places[at]) {
      transcript.follow(false);
      const { scene, range } = places[at];
      scene.element.hidden = false;
      range.startContainer.parentElement.scrollIntoView({ block: "center" });
    }
  }

  const step = (by) => places.length && go((at + by + places.length) % places.length);
  let timer = 0;
  input.addEventListener(
    "input",
    () => {
      clearTimeout(timer);
      timer = setTimeout(search, 120);
    },
    { signal },
  );
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      step(1);
    },
    { signal },
  );
  form.querySelector("[data-find-previous]").addEventListener("click", () => step(-1), { signal });
  input.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        step(-1);
      } else if (event.key === "Escape") {
        event.preventDefault();
        input.value = "";
        search();
        input.blur();
      }
    },
    { signal },
  );
  signal.addEventListener("abort", () => light.all([]));
  return {
    focus() {
      input.focus();
      input.select();
    },
  };
}

// A scene's lines as one text, with where each begins. Lower case keeps its length, or the line is taken as it is.
function readScene(scene) {
  const nodes = [];
  let whole = "";
  for (const cue of scene.element.querySelectorAll(".cue")) {
    const node = cue.firstChild;
    if (node) {
      nodes.push({ node, start: whole.length });
      const lower = node.data.toLowerCase();
      whole += `${lower.length === node.length ? lower : node.data} `;
    }
  }
  return { scene, nodes, whole };
}

function findIn({ scene, nodes, whole }, words) {
  const found = [];
  for (let at = whole.indexOf(words); at >= 0; at = whole.indexOf(words, at + words.length)) {
    const first = nodes.findLast(({ start }) => start <= at);
    const last = nodes.findLast(({ start }) => start < at + words.length);
    const range = new Range();
    range.setStart(first.node, Math.min(at - first.start, first.node.length));
    range.setEnd(last.node, Math.min(at + words.length - last.start, last.node.length));
    found.push({ scene, range });
  }
  return found;
}

function makeLight() {
  if (!globalThis.Highlight || !CSS.highlights) {
    return { all() {}, one: (place) => place && getSelection().setBaseAndExtent(...ends(place.range)) };
  }
  const [all, one] = [new Highlight(), new Highlight()];
  one.priority = 1;
  CSS.highlights.set("found", all);
  CSS.highlights.set("found-now", one);
  return {
    all(places) {
      all.clear();
      one.clear();
      for (const { range } of places) {
        all.add(range);
      }
    },
    one(place) {
      one.clear();
      if (place) {
        one.add(place.range);
      }
    },
  };
}

function ends({ startContainer, startOffset, endContainer, endOffset }) {
  return [startContainer, startOffset, endContainer, endOffset];
}
