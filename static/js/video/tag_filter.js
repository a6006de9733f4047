// Scenes by tag: pressing one shows the scenes about it, pressing it again or "all" shows every scene.

export function startTagFilter({ page, scenes, signal }) {
  const nothing = page.querySelector("[data-no-scenes]");
  let chosen = "";
  const buttons = [...page.querySelectorAll("[data-tag]")];
  const tagsOf = new Map(
    scenes.map((scene) => [scene, new Set([...scene.element.querySelectorAll("[data-tag]")].map((tag) => tag.dataset.tag))]),
  );

  page.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("[data-tag]");
      if (!button) {
        return;
      }
      const scene = button.closest("[data-scene]");
      const before = scene?.getBoundingClientRect().top;
      chosen = button.dataset.tag === chosen ? "" : button.dataset.tag;
      let shown = 0;
      for (const item of scenes) {
        const fits = !chosen || tagsOf.get(item).has(chosen);
        item.element.hidden = !fits;
        shown += Number(fits);
      }
      nothing.hidden = shown > 0;
      for (const other of buttons) {
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
