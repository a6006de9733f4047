// How a chosen captions file would be read: its encoding and its first lines, before it is sent for good.
import { csrfToken } from "./csrf.js";
import { find } from "./dom.js";

/**
 * Show it in `[data-captions-preview]` whenever file, encoding or spoken language change.
 * @param {HTMLElement} element around the fields; `data-captions-check` is the address
 * @param {AbortSignal} signal
 */
export function mount(element, signal) {
  const file = find(element, "input[type=file]", HTMLInputElement);
  const encoding = find(element, "[data-encoding], [name=encoding]", HTMLSelectElement);
  const language = element.querySelector("[data-language]");
  const target = find(element, "[data-captions-preview]");
  let latest = 0;

  async function check() {
    latest += 1;
    const mine = latest;
    const captions = file.files?.[0];
    target.toggleAttribute("data-reading", Boolean(captions));
    if (!captions) {
      target.replaceChildren();
      return;
    }
    const body = new FormData();
    body.append("captions", captions);
    body.append("encoding", encoding.value);
    const spoken = language instanceof HTMLSelectElement ? language.value : (element.dataset.spoken ?? "");
    body.append("language", spoken);
    const answer = await fetch(element.dataset.captionsCheck ?? "", {
      method: "POST",
      body,
      headers: { "X-CSRFToken": csrfToken() },
      signal,
    }).catch(() => null);
    if (answer?.ok && mine === latest) {
      htmx.swap(target, await answer.text(), { swapStyle: "innerHTML" });
    }
  }

  for (const field of [file, encoding, language]) {
    field?.addEventListener("change", () => void check(), { signal });
  }
}
