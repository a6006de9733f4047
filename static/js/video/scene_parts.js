// Scenes of the page that are drawn anew, because their lines or borders are others now. Everything else stays as it is.
import { find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";
import { fetchScenes } from "../corrections/correction_api.js";
import { readScenes } from "./scenes.js";

/** @typedef {import("./scenes.js").Scene} Scene */
/** @typedef {import("./cue_words.js").Cue} Cue */

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {Scene[]} parts.scenes changed in place
 * @param {Cue[]} parts.cues changed in place
 * @param {string} parts.address
 * @param {() => void} parts.changed scenes and lines are others now
 * @returns {{ refresh: (ms: number) => Promise<void> }}
 */
export function startSceneParts({ page, scenes, cues, address, changed }) {
  /** Draw the scenes about a moment anew. @param {number} ms */
  async function refresh(ms) {
    const old = scenes.filter(({ start, end }) => start <= ms + 1 && ms - 1 <= end);
    const [first, last] = [old[0], old.at(-1)];
    const fresh = first && last ? await fetchScenes(address, first.start, last.end) : null;
    if (!fresh?.length) {
      return;
    }
    first.element.before(...fresh);
    for (const { element } of old) {
      element.remove();
    }
    fresh.forEach((element) => htmx.process(element));
    readAgain();
    renumber();
    changed();
    document.body.dispatchEvent(new Event("exports-changed")); // which puts their chips into the scenes
  }

  function readAgain() {
    const known = new Map(scenes.map((scene) => [scene.element, scene]));
    scenes.splice(0, scenes.length, ...readScenes(page).map((scene) => known.get(scene.element) ?? scene));
    const lines = new Map(cues.map((cue) => [cue.element, cue]));
    const now = findAll(find(page, "[data-scenes]"), ".cue").map((element, at) => {
      const [start, end] = (element.dataset.cue ?? "").split(" ").map(Number);
      element.dataset.at = String(at);
      return Object.assign(lines.get(element) ?? { element, start, end, at }, { at });
    });
    cues.splice(0, cues.length, ...now);
  }

  function renumber() {
    const count = page.querySelector("[data-scene-count]");
    if (count) {
      count.textContent = text.sceneCount(scenes.length);
    }
    scenes.forEach((scene, at) => {
      const number = at + 1;
      if (scene.number !== number || scene.element.dataset.number !== String(number)) {
        scene.number = number;
        scene.element.dataset.number = String(number);
        scene.element.id = `scene-${number}`;
        find(scene.element, ".scene__name").textContent = text.scene(number);
        scene.exportLink?.setAttribute("aria-label", text.exportScene(number));
      }
    });
  }

  return { refresh };
}
