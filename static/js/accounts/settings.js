// The settings page: copy a new token, and bring it into view for everybody.
import { find, findAll } from "../common/dom.js";

findAll(document, "[data-focus]").forEach((heading) => heading.focus());

for (const button of findAll(document, "[data-copy-field]")) {
  const field = find(document, `#${button.dataset.copyField}`, HTMLInputElement);
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      if (!document.execCommand("copy")) return; // no clipboard on plain http: the text is selected
    }
    button.textContent = button.dataset.copied ?? "";
    setTimeout(() => (button.textContent = words), 2000);
  });
}
