// Scenes by tag: pressing one shows the scenes about it, pressing it again or "all" shows every scene.
import { closest, find, findAll } from "../common/dom.js";

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {import("./scenes.js").Scene[]} parts.scenes
 * @param {AbortSignal} parts.signal
 */
export function startTagFilter({ page, scenes, signal }) {
  const nothing = find(page, "[data-no-scenes]");
  /** @type {string | undefined} */
  let chosen = "";
  page.addEventListener(
    "click",
    (event) => {
      const button = closest(event, "[data-tag]");
      if (!button) {
        return;
      }
      const scene = button.closest("[data-scene]");
      const before = scene?.getBoundingClientRect().top ?? 0;
      chosen = button.dataset.tag === chosen ? "" : button.dataset.tag;
      let shown = 0;
      for (const item of scenes) {
        const fits = !chosen || findAll(item.element, "[data-tag]").some((tag) => tag.dataset.tag === chosen);
        item.element.hidden = !fits;
        shown += Number(fits);
      }
      nothing.hidden = shown > 0;
      for (const other of findAll(page, "[data-tag]")) {
        other.setAttribute("aria-pressed", String(other.dataset.tag === chosen));
      }
      // The scene whose tag was pressed stays under the pointer.
      if (scene) {
        window.scrollBy({ top: scene.getBoundingClientRect().top - before, behavior: "instant" });
      }
    },
    { signal },
  );
}
