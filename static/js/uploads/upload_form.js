// The upload page: several files, each with its title, language and captions, handed to the tray.
import { upload } from "./upload_queue.js";
import { size, text } from "../common/messages.js";

export function mount(element, signal) {
  if (typeof tus === "undefined") {
    delete document.documentElement.dataset.scripts; // the plain form it is
    return;
  }
  const form = element.querySelector("[data-form]");
  const input = form.querySelector("input[type=file][name=file]");
  const zone = form.querySelector("[data-drop]");
  const chosen = form.querySelector("[data-chosen]");
  const list = form.querySelector("[data-list]");
  const start = form.querySelector("[data-start]");
  const rows = new Map();

  input.multiple = true;

  function add(files) {
    for (const file of files) {
      const row = form.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
      row.querySelector("[data-name]").textContent = file.name;
      row.querySelector("[data-name]").title = file.name;
      row.querySelector("[data-size]").textContent = size(file.size);
      row.querySelector("[data-title]").value = file.name.replace(/\.[^.]+$/, "");
      row.querySelector("[data-remove]").addEventListener("click", () => {
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
    start.querySelector("[data-start-words]").textContent = text.uploadFiles(rows.size);
  }

  function take() {
    add([...input.files]);
    input.value = "";
  }

  input.addEventListener(
    "change",
    () => {
      take();
      list.lastElementChild?.querySelector("[data-title]").focus();
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
          title: row.querySelector("[data-title]").value.trim(),
          language: row.querySelector("[data-language]").value,
          captions: row.querySelector("[data-captions]").files[0] ?? null,
        });
      }
      rows.clear();
      list.replaceChildren();
      show();
      zone.querySelector("input").focus();
    },
    { signal },
  );
  if (input.files.length) {
    take(); // somebody was quicker than this script
  }
}
