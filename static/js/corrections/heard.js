// Corrected lines as they were heard, for a look: each stands before its line, which is hidden meanwhile.
import { find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { fetchHeard } from "./correction_api.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {Cue[]} parts.cues
 * @param {string} parts.address
 * @param {() => boolean} parts.isSent whether the server has all corrections
 * @param {AbortSignal} parts.signal
 * @returns {{ toggle: () => void, hide: () => void }}
 */
export function startHeard({ page, cues, address, isSent, signal }) {
  const list = find(page, "[data-scenes]");
  const buttons = findAll(page, "[data-show-heard]");
  const notice = page.querySelector("[data-heard-notice]");
  let isShown = false;

  /** @param {boolean} on */
  function show(on) {
    isShown = on;
    notice?.toggleAttribute("hidden", !on);
    for (const button of buttons.filter((one) => one.hasAttribute("aria-pressed"))) {
      button.setAttribute("aria-pressed", String(on));
    }
  }

  function hide() {
    for (const element of findAll(list, ".cue-heard")) {
      element.remove();
    }
    for (const { element } of cues) {
      element.hidden = false;
    }
    show(false);
  }

  async function toggle() {
    if (isShown) {
      hide();
      return;
    }
    const lines = isSent() ? await fetchHeard(address) : null;
    if (!lines) {
      toast(isSent() ? text.noConnection() : text.notSavedYet(), { bad: true, action: "heard" });
    } else if (!lines.length) {
      toast(text.nothingCorrected(), { action: "heard" });
    } else {
      clearErrors("heard");
      for (const { line, text: said } of lines) {
        put(cues[line], said);
      }
      show(true);
      findAll(list, ".cue-heard").find((one) => one.getBoundingClientRect().top > 0)?.scrollIntoView({ block: "nearest" });
    }
  }

  /**
   * @param {Cue | undefined} cue
   * @param {string} said
   */
  function put(cue, said) {
    if (cue) {
      const heard = document.createElement("span");
      heard.className = "cue-heard";
      heard.dataset.seek = String(cue.start);
      heard.textContent = said;
      cue.element.before(heard, " ");
      cue.element.hidden = true;
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", toggle, { signal });
  }
  return { toggle, hide: () => isShown && hide() };
}
