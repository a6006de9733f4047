// The upload page: several files, each with its title, language and captions, handed to the tray. Captions that are chosen
// or dropped beside videos go to the video of their name; the page asks about the others.
import { mount as checkCaptions } from "../common/captions_check.js";
import { copyOf, find, findAll } from "../common/dom.js";
import { size } from "../common/format.js";
import { text } from "../common/messages.js";
import { pairCaptions } from "./captions_pairing.js";
import { takeDropped } from "./dropping.js";
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
  const unpairedTemplate = find(form, "template[data-unpaired-row]", HTMLTemplateElement);
  /** @type {Map<HTMLElement, File>} */
  const rows = new Map();

  input.multiple = true;
  input.accept += `,${find(template.content, "[data-captions]", HTMLInputElement).accept}`;

  /** @param {Iterable<File>} files */
  function add(files) {
    const { videos, unpaired } = pairCaptions(files);
    videos.forEach(addVideo);
    unpaired.forEach(addUnpaired);
    show();
  }

  /** @param {{ file: File, captions: File | null }} video */
  function addVideo({ file, captions }) {
    const row = copyOf(template);
    describe(row, file);
    // Left empty, the title is the file's own, else its name.
    find(row, "[data-title]", HTMLInputElement).placeholder = file.name.replace(/\.[^.]+$/, "");
    find(row, "[data-remove]").addEventListener("click", () => {
      rows.delete(row);
      row.remove();
      show();
    });
    const captionsField = find(row, "[data-captions]", HTMLInputElement);
    captionsField.addEventListener("change", () => {
      find(row, "[data-encoding-field]").hidden = !captionsField.files?.length;
    });
    checkCaptions(find(row, "[data-captions-check]"), signal);
    rows.set(row, file);
    list.append(row);
    if (captions) {
      setCaptions(row, captions);
    }
  }

  /** @param {File} captions */
  function addUnpaired(captions) {
    const row = copyOf(unpairedTemplate);
    describe(row, captions);
    find(row, "[data-remove]").addEventListener("click", () => {
      row.remove();
      show();
    });
    const select = find(row, "select", HTMLSelectElement);
    select.addEventListener("change", () => {
      setCaptions([...rows.keys()][Number(select.value)], captions);
      row.remove();
      show();
    });
    list.prepend(row);
  }

  const unpairedSelects = () => findAll(list, "[data-video]", HTMLSelectElement);

  function show() {
    for (const select of unpairedSelects()) {
      const videos = [...rows.values()].map((file, at) => new Option(file.name, String(at)));
      select.replaceChildren(new Option(videos.length ? text.chooseVideo() : text.addVideoToo(), ""), ...videos);
    }
    start.hidden = !rows.size;
    chosen.hidden = !list.childElementCount;
    zone.classList.toggle("drop-zone--small", !chosen.hidden);
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
      if (!unpairedSelects().every((select) => select.reportValidity())) {
        return;
      }
      for (const [row, file] of rows) {
        upload(file, {
          title: find(row, "[data-title]", HTMLInputElement).value.trim(),
          language: find(row, "[data-language]", HTMLSelectElement).value,
          captions: find(row, "[data-captions]", HTMLInputElement).files?.[0] ?? null,
          encoding: find(row, "[data-encoding]", HTMLSelectElement).value,
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
  add(takeDropped());
}

/**
 * @param {HTMLElement} row
 * @param {File} file
 */
function describe(row, file) {
  const name = find(row, "[data-name]");
  name.textContent = file.name;
  name.title = file.name;
  find(row, "[data-size]").textContent = size(file.size);
}

/**
 * As if they had been chosen in the row's own field.
 * @param {HTMLElement} row of a video
 * @param {File} captions
 */
function setCaptions(row, captions) {
  const field = find(row, "[data-captions]", HTMLInputElement);
  const files = new DataTransfer();
  files.items.add(captions);
  field.files = files.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
