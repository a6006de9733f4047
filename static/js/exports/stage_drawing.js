// One picture of a Short: the source's picture cropped, stacked or fitted as its plan says.
import { fittedAt, positionAt, shotAt, windowSize } from "./framing_plan.js";

/** @typedef {import("./framing_plan.js").Box} Box */
/** @typedef {{ start_ms: number, end_ms: number, layout: string, zoom: number, keys: import("./framing_plan.js").Key[], parts: Box[], cells: Box[], backs: Box[], marks: [start_ms: number, end_ms: number, part: number][] }} StageShot `cells` are where the parts, or the whole picture of a fit, lie, as shares of the Short's picture; `backs` are the cells that they do not fill; `marks` say when who a part shows speaks */
/** @typedef {HTMLVideoElement | HTMLImageElement} Source the video, or a picture of it */
/** @typedef {{ window: [width: number, height: number], area: Box, is_blurred: boolean, shots: StageShot[] }} Framing */

const BLUR_SHARE = 5 / 135; // of the canvas's width, as `mediakit.framing.geometry` blurs
const MARK_SHARE = 10 / 1080; // of the picture's short side
const DIM = "contrast(0.86) brightness(0.91) saturate(0.9)";

/**
 * @param {Source} source
 * @returns {[width: number, height: number]} in px
 */
export const sizeOf = (source) =>
  source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.naturalWidth, source.naturalHeight];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Source} video
 * @param {Framing} framing
 * @param {number} ms of the Short
 */
export function drawFrame(context, video, framing, ms) {
  const { width, height } = context.canvas;
  const shot = /** @type {StageShot} */ (/** @type {unknown} */ (shotAt(/** @type {any} */ (framing.shots), ms)));
  context.imageSmoothingQuality = "high";
  if (shot.layout === "stack" || shot.layout === "inset") {
    shot.parts.forEach((part, at) => {
      const [left, top, w, h] = shot.cells[at];
      const back = shot.backs[at];
      if (back && (back[2] - w > 1e-6 || back[3] - h > 1e-6)) {
        behind(context, video, part, back);
      }
      put(context, video, part, [left * width, top * height, w * width, h * height]);
    });
    mark(context, shot, ms);
  } else if (shot.layout === "fit") {
    fit(context, video, { ...framing, area: fittedAt(shot, framing.area, ms) }, shot.cells[0]);
  } else {
    const window = windowSize(framing, shot);
    put(context, video, windowAt({ ...framing, window }, positionAt(shot.keys, ms)), [0, 0, width, height]);
  }
}

/**
 * A frame inside the part of a stack that shows who speaks, as `mediakit.framing.crop_filters` draws it.
 * @param {CanvasRenderingContext2D} context
 * @param {StageShot} shot
 * @param {number} ms
 */
function mark(context, shot, ms) {
  const { width, height } = context.canvas;
  const thick = Math.min(width, height) * MARK_SHARE;
  context.strokeStyle = "rgb(255 255 255 / 90%)";
  context.lineWidth = thick;
  for (const [start, end, part] of shot.marks) {
    if (ms >= start && ms < end && part < shot.cells.length) {
      const [left, top, wide, high] = shot.cells[part];
      context.strokeRect(left * width + thick / 2, top * height + thick / 2, wide * width - thick, high * height - thick);
    }
  }
}

/**
 * The crop window around a point, inside the picture.
 * @param {Framing} framing
 * @param {[x: number, y: number]} middle
 * @returns {Box}
 */
export function windowAt({ window: [w, h], area: [left, top, width, height] }, [x, y]) {
  const inside = (/** @type {number} */ at, /** @type {number} */ from, /** @type {number} */ room) => Math.min(Math.max(from, at), from + Math.max(0, room));
  return [inside(x - w / 2, left, width - w), inside(y - h / 2, top, height - h), w, h];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Source} video
 * @param {Framing} framing
 * @param {Box} cell where the whole picture lies
 */
function fit(context, video, { area, is_blurred }, [left, top, wide, high]) {
  const { width, height } = context.canvas;
  const [videoWide, videoHigh] = sizeOf(video);
  const [areaWidth, areaHeight] = [area[2] * videoWide, area[3] * videoHigh];
  const outer = Math.max(width / areaWidth, height / areaHeight);
  context.fillStyle = "black";
  context.fillRect(0, 0, width, height);
  if (is_blurred) {
    context.filter = `blur(${width * BLUR_SHARE}px) ${DIM}`;
    put(context, video, area, centred(context, areaWidth * outer, areaHeight * outer));
    context.filter = "none";
  }
  put(context, video, area, [left * width, top * height, wide * width, high * height]);
}

/**
 * A part blurred behind itself, filling its cell.
 * @param {CanvasRenderingContext2D} context
 * @param {Source} video
 * @param {Box} part
 * @param {Box} cell
 */
function behind(context, video, part, cell) {
  const { width, height } = context.canvas;
  const [left, top, wide, high] = [cell[0] * width, cell[1] * height, cell[2] * width, cell[3] * height];
  const [videoWide, videoHigh] = sizeOf(video);
  const [partWide, partHigh] = [part[2] * videoWide, part[3] * videoHigh];
  const times = Math.max(wide / partWide, high / partHigh);
  context.save();
  context.beginPath();
  context.rect(left, top, wide, high);
  context.clip();
  context.filter = `blur(${wide * BLUR_SHARE}px) ${DIM}`;
  put(context, video, part, [left + (wide - partWide * times) / 2, top + (high - partHigh * times) / 2, partWide * times, partHigh * times]);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
const centred = ({ canvas }, width, height) => [(canvas.width - width) / 2, (canvas.height - height) / 2, width, height];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Source} video
 * @param {Box} part shares of the picture
 * @param {Box} to in px of the canvas
 */
function put(context, video, [left, top, width, height], to) {
  const [w, h] = sizeOf(video);
  context.drawImage(video, left * w, top * h, width * w, height * h, ...to);
}
