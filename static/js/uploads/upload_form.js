// The upload page: several files, each with its title, language and captions, handed to the tray.
import { copyOf, find, findAll } from "../common/dom.js";
import { size } from "../common/format.js";
import { text } from "../common/messages.js";
import { upload } from "./upload_queue.js";

/**
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
export function mount(element, signal) {
  if (typeof tus === "undefined") {
    delete document.documentElement.dataset.scripts; // the plain form it is
    return;
  }
  const form = find(element, "[data-form]", HTMLFormElement);
  const input = find(form, "input[type=file][name=file]", HTMLInputElement);
  const zone = find(form, "[data-drop]");
  const chosen = find(form, "[data-chosen]");
  const list = find(form, "[data-list]");
  const start = find(form, "[data-start]");
  const template = find(form, "template[data-row]", HTMLTemplateElement);
  /** @type {Map<HTMLElement, File>} */
  const rows = new Map();

  input.multiple = true;

  /** @param {Iterable<File>} files */
  function add(files) {
    for (const file of files) {
      const row = copyOf(template);
      const name = find(row, "[data-name]");
      name.textContent = file.name;
      name.title = file.name;
      find(row, "[data-size]").textContent = size(file.size);
      // Left empty, the title is the file's own, else its name.
      find(row, "[data-title]", HTMLInputElement).placeholder = file.name.replace(/\.[^.]+$/, "");
      find(row, "[data-remove]").addEventListener("click", () => {
        rows.delete(row);
        row.remove();
        show();
      });
      rows.set(row, file);
      list.append(row);
    }
    show();
  }

  function show() {
    chosen.hidden = !rows.size;
    zone.classList.toggle("drop-zone--small", rows.size > 0);
    find(start, "[data-start-words]").textContent = text.uploadFiles(rows.size);
  }

  function take() {
    add(input.files ?? []);
    input.value = "";
  }

  input.addEventListener(
    "change",
    () => {
      take();
      findAll(list, "[data-title]").at(-1)?.focus();
    },
    { signal },
  );
  element.addEventListener("files", (event) => add(event.detail), { signal });
  form.addEventListener("submit", (event) => event.preventDefault(), { signal });
  start.addEventListener(
    "click",
    () => {
      for (const [row, file] of rows) {
        upload(file, {
          title: find(row, "[data-title]", HTMLInputElement).value.trim(),
          language: find(row, "[data-language]", HTMLSelectElement).value,
          captions: find(row, "[data-captions]", HTMLInputElement).files?.[0] ?? null,
        });
      }
      rows.clear();
      list.replaceChildren();
      show();
      find(zone, "input").focus();
    },
    { signal },
  );
  if (input.files?.length) {
    take(); // a file was chosen before this script ran
  }
}
