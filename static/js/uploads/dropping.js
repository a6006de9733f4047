// Files can be dropped on any page. Videos go to the tray at once, each with the captions of its name; when a captions
// file's video is not known, the upload page asks.
import { text } from "../common/messages.js";
import { pairCaptions } from "./captions_pairing.js";
import { upload } from "./upload_queue.js";

/** @type {File[]} dropped on another page, on their way to the upload page */
let onTheirWay = [];

/** @returns {File[]} what was dropped on another page and is to be asked about here */
export function takeDropped() {
  const files = onTheirWay;
  onTheirWay = [];
  return files;
}

/** @param {File[]} files */
function dropped(files) {
  const form = document.querySelector("[data-module=upload]");
  const { videos, unpaired } = pairCaptions(files);
  const link = document.querySelector("[data-upload-link]");
  if (form) {
    form.dispatchEvent(new CustomEvent("files", { detail: files }));
  } else if (unpaired.length && link instanceof HTMLAnchorElement) {
    onTheirWay = files;
    link.click();
  } else {
    videos.forEach(({ file, captions }) => upload(file, { captions }));
  }
}

export function startDropping() {
  const veil = document.createElement("div");
  veil.className = "drop-veil";
  veil.textContent = text.dropHere();
  let depth = 0;
  const hasFiles = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files"));
  const over = (/** @type {number} */ by) => (/** @type {DragEvent} */ event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      depth = Math.max(0, depth + by);
      if (depth) {
        document.body.append(veil);
      } else {
        veil.remove();
      }
    }
  };
  document.addEventListener("dragenter", over(1));
  document.addEventListener("dragleave", over(-1));
  document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      depth = 0;
      veil.remove();
      dropped([...(event.dataTransfer?.files ?? [])]);
    }
  });
}
