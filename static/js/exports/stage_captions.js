// libass on a canvas of its own: the captions of a stage, drawn from the very script that the file is made with.

/** @typedef {{ script: string, fonts: string[], font: string }} Script */
/** @typedef {{ destroy: () => void, manualRender: (at: { mediaTime: number, width: number, height: number }, isStill?: boolean) => Promise<unknown> }} Captions */

const READY_MS = 20_000;

/** Whether the browser has WebAssembly, and canvases that a worker draws on. */
export const canDraw = () => typeof WebAssembly === "object" && "transferControlToOffscreen" in HTMLCanvasElement.prototype;

/**
 * @param {HTMLElement} place whose `data-` says where the files of libass are
 * @param {HTMLCanvasElement} picture the captions lie above it, in its size
 * @param {Script} found
 * @returns {Promise<Captions>}
 */
export async function drawCaptions(place, picture, found) {
  const { moduleUrl = "", worker: workerUrl = "", wasm: wasmUrl = "", modern: modernWasmUrl = "" } = place.dataset;
  const { default: Jassub } = await import(moduleUrl);
  Jassub._supportsSIMD = hasSimd(); // otherwise it compiles on the page to find out, which the page's policy forbids
  const canvas = document.createElement("canvas");
  canvas.className = "stage__captions";
  [canvas.width, canvas.height] = [picture.width, picture.height];
  picture.after(canvas);
  const made = new Jassub({
    canvas,
    subContent: found.script,
    fonts: found.fonts.map((url) => new URL(url, location.href).href),
    availableFonts: {},
    defaultFont: found.font,
    queryFonts: false,
    workerUrl,
    wasmUrl,
    modernWasmUrl,
  });
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("libass does not start")), READY_MS));
  await Promise.race([made.ready, late]);
  return made;
}

/** Whether the browser knows the instructions of the faster build: a function of them is valid. */
function hasSimd() {
  const parts = [[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], [1, 5, 1, 0x60, 0, 1, 0x7b], [3, 2, 1, 0], [10, 0x2b, 1, 0x29, 0], [0xfd, 0x0c, ...Array(16).fill(0)]];
  return WebAssembly.validate(Uint8Array.from([...parts.flat(), 0xfd, 0x0c, ...Array(16).fill(0), 0xfd, 0x80, 2, 0x0b]));
}
