// One picture of a Short: the source's picture cropped, stacked or fitted as its plan says.
import { fittedAt, positionAt, shotAt, windowSize } from "./framing_plan.js";

/** @typedef {import("./framing_plan.js").Box} Box */
/** @typedef {{ start_ms: number, end_ms: number, layout: string, zoom: number, keys: import("./framing_plan.js").Key[], parts: Box[], cells: Box[], backs: Box[], marks: [start_ms: number, end_ms: number, part: number][] }} StageShot `cells` are where the parts, or the whole picture of a fit, lie, as shares of the Short's picture; `backs` are the cells that they do not fill; `marks` say when who a part shows speaks */
/** @typedef {HTMLVideoElement | HTMLImageElement} Source the video, or a picture of it */
/** @typedef {{ window: [width: number, height: number], area: Box, background: "black" | "copy" | "edges", shots: StageShot[] }} Framing */

const BLUR_SHARE = 5 / 135; // of the canvas's width, as `mediakit.framing.geometry` blurs
const EDGE_STEPS = 27; // of the short side, in which the colours of edges are drawn, as in `mediakit.framing.geometry`
const EDGE_BLUR = 6; // steps
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
      /** @type {Box} */
      const to = [left * width, top * height, w * width, h * height];
      if (back && (back[2] - w > 1e-6 || back[3] - h > 1e-6)) {
        edges(context, video, part, [back[0] * width, back[1] * height, back[2] * width, back[3] * height], to);
      }
      put(context, video, part, to);
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
function fit(context, video, { area, background }, [left, top, wide, high]) {
  const { width, height } = context.canvas;
  /** @type {Box} */
  const to = [left * width, top * height, wide * width, high * height];
  context.fillStyle = "black";
  context.fillRect(0, 0, width, height);
  if (background === "edges") {
    edges(context, video, area, [0, 0, width, height], to);
  } else if (background === "copy") {
    const [videoWide, videoHigh] = sizeOf(video);
    const [areaWidth, areaHeight] = [area[2] * videoWide, area[3] * videoHigh];
    const outer = Math.max(width / areaWidth, height / areaHeight);
    context.filter = `blur(${width * BLUR_SHARE}px) ${DIM}`;
    put(context, video, area, centred(context, areaWidth * outer, areaHeight * outer));
    context.filter = "none";
  }
  put(context, video, area, to);
}

/**
 * The colours of the edges of a part go on to the edges of a box, blurred until no shape is left.
 * @param {CanvasRenderingContext2D} context
 * @param {Source} video
 * @param {Box} part
 * @param {Box} box in px
 * @param {Box} inner in px: where the part lies
 */
function edges(context, video, part, [left, top, wide, high], inner) {
  const step = Math.min(wide, high) / EDGE_STEPS;
  const small = document.createElement("canvas");
  [small.width, small.height] = [Math.round(wide / step), Math.round(high / step)];
  const drawing = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
  drawing.imageSmoothingQuality = "high";
  const from = [Math.round((inner[0] - left) / step), Math.round((inner[1] - top) / step)];
  const size = [Math.max(1, Math.round(inner[2] / step)), Math.max(1, Math.round(inner[3] / step))];
  put(drawing, video, part, [from[0], from[1], size[0], size[1]]);
  const below = from[1] + size[1];
  drawing.drawImage(small, from[0], from[1], size[0], 1, from[0], 0, size[0], from[1]);
  drawing.drawImage(small, from[0], below - 1, size[0], 1, from[0], below, size[0], Math.max(0, small.height - below));
  const beside = from[0] + size[0];
  drawing.drawImage(small, from[0], 0, 1, small.height, 0, 0, from[0], small.height);
  drawing.drawImage(small, beside - 1, 0, 1, small.height, beside, 0, Math.max(0, small.width - beside), small.height);
  const beyond = EDGE_BLUR * step; // outside it would be blurred with nothing
  context.save();
  context.beginPath();
  context.rect(left, top, wide, high);
  context.clip();
  context.filter = `blur(${EDGE_BLUR * step}px) ${DIM}`;
  context.drawImage(small, left - beyond, top - beyond, wide + 2 * beyond, high + 2 * beyond);
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
