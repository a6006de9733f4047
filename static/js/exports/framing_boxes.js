// Boxes that a person draws on the picture of a shot: the inset, or the parts of a stack. With mouse and finger a box is
// moved, pulled at a corner, or drawn anew beside the others; with arrow keys it is moved, and with Shift resized.

/** @typedef {import("./framing_plan.js").Box} Box */
/** @typedef {import("./framing_plan.js").Point} Point */

/**
 * Where boxes may lie, and of which shape: `shape` is the largest one in it, or null for any shape.
 * @typedef {{ area: Box, shape: [width: number, height: number] | null }} Limits
 */

/** @typedef {{ boxes: Box[], limits: Limits }} Drawing */

const MIN_SIDE = 0.04; // of the picture's
const MIN_SHARE = 0.1; // of the largest box of a given shape
const STEP = 0.01;
const GRIP_PX = 22; // how near to a corner it is pulled
const GRIP_SIDE_PX = 10;
const DRAW_PX = 5; // a click changes nothing
/** @type {Record<string, Point>} */
const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const clamp = (value, low, high) => Math.min(Math.max(value, Math.min(low, high)), high);

/**
 * The box between a corner that stays and a point, in the area and of its shape.
 * @param {Point} corner
 * @param {Point} point
 * @param {Limits} limits
 * @returns {Box}
 */
export function spanned([x, y], [toX, toY], { area: [left, top, width, height], shape }) {
  const [isRight, isDown] = [toX >= x, toY >= y];
  const [across, down] = [isRight ? left + width - x : x - left, isDown ? top + height - y : y - top];
  let wide = clamp(Math.abs(toX - x), MIN_SIDE, across);
  let high = clamp(Math.abs(toY - y), MIN_SIDE, down);
  if (shape) {
    const share = Math.min(Math.max(wide / shape[0], high / shape[1], MIN_SHARE), across / shape[0], down / shape[1], 1);
    [wide, high] = [shape[0] * share, shape[1] * share];
  }
  return [isRight ? x : x - wide, isDown ? y : y - high, wide, high];
}

/**
 * @param {Box} box
 * @param {Point} by
 * @param {Limits} limits
 * @returns {Box}
 */
export function moved([x, y, wide, high], [across, down], { area: [left, top, width, height] }) {
  return [clamp(x + across, left, left + width - wide), clamp(y + down, top, top + height - high), wide, high];
}

/**
 * A box pulled at its lower right corner; one of a given shape grows as a whole.
 * @param {Box} box
 * @param {Point} by
 * @param {Limits} limits
 * @returns {Box}
 */
export function grown([x, y, wide, high], [across, down], limits) {
  const times = limits.shape ? 1 + (across + down) / wide : 1;
  const [more, lower] = limits.shape ? [0, 0] : [across, down];
  return spanned([x, y], [x + wide * times + more, y + high * times + lower], limits);
}

/**
 * What a pointer takes hold of: a corner, with the opposite one that stays, the inside of a box, or nothing.
 * @param {Box[]} boxes
 * @param {Point} point
 * @param {Point} reach of a corner, in shares of the picture
 * @returns {{ number: number, corner: Point | null } | null}
 */
export function gripAt(boxes, [x, y], [reachX, reachY]) {
  for (const [number, [left, top, wide, high]] of boxes.entries()) {
    for (const [across, down] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      if (Math.abs(left + across * wide - x) <= reachX && Math.abs(top + down * high - y) <= reachY) {
        return { number, corner: [left + (1 - across) * wide, top + (1 - down) * high] };
      }
    }
  }
  const number = boxes.findIndex(([left, top, wide, high]) => x >= left && x <= left + wide && y >= top && y <= top + high);
  return number < 0 ? null : { number, corner: null };
}

/**
 * The corners of boxes as an SVG path of small squares.
 * @param {Box[]} boxes
 * @param {[width: number, height: number]} size of the picture in px
 * @param {number} scale how large a pixel of it is on the screen
 */
export function drawGrips(boxes, [width, height], scale) {
  const side = GRIP_SIDE_PX / scale;
  const squares = boxes.flatMap(([left, top, wide, high]) =>
    [[0, 0], [1, 0], [0, 1], [1, 1]].map(([across, down]) => {
      const [x, y] = [(left + across * wide) * width - side / 2, (top + down * high) * height - side / 2];
      return `M${x.toFixed(1)} ${y.toFixed(1)}h${side.toFixed(1)}v${side.toFixed(1)}h-${side.toFixed(1)}z`;
    }),
  );
  return squares.join("");
}

/**
 * Let boxes be drawn on a picture.
 * @param {SVGSVGElement} stage
 * @param {() => Drawing | null} drawing what can be drawn now; null for nothing
 * @param {(boxes: Box[]) => void} keep the boxes after a change
 * @param {AbortSignal} signal
 */
export function startBoxes(stage, drawing, keep, signal) {
  let active = 0; // the box that was touched last
  /** @type {((point: Point) => void) | null} */
  let pull = null;

  /** @param {MouseEvent} event @returns {Point} */
  function pointOf(event) {
    const { width, height } = stage.viewBox.baseVal;
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(stage.getScreenCTM()?.inverse());
    return [clamp(spot.x / width, 0, 1), clamp(spot.y / height, 0, 1)];
  }

  /** @returns {Point} */
  function reach() {
    const scale = stage.getScreenCTM()?.a || 1;
    const { width, height } = stage.viewBox.baseVal;
    return [GRIP_PX / scale / width, GRIP_PX / scale / height];
  }

  /** @param {Drawing} current @param {number} number @param {Box} box */
  const put = ({ boxes }, number, box) => keep(boxes.map((one, at) => (at === number ? box : one)));

  /** @param {PointerEvent} event */
  function take(event) {
    const current = drawing();
    if (!current || event.button) {
      return;
    }
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    const from = pointOf(event);
    const grip = gripAt(current.boxes, from, reach());
    active = grip?.number ?? Math.min(active, current.boxes.length - 1);
    const { limits } = current;
    const [number, corner] = [active, grip ? grip.corner : from];
    const box = current.boxes[number];
    const [wide, high] = reach().map((share) => (share * DRAW_PX) / GRIP_PX);
    let isPulled = false;
    pull = (to) => {
      const [across, down] = [to[0] - from[0], to[1] - from[1]];
      isPulled ||= Math.abs(across) >= wide || Math.abs(down) >= high;
      if (!isPulled) {
        return;
      }
      put(current, number, corner ? spanned(corner, to, limits) : moved(box, [across, down], limits));
    };
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const current = drawing();
    const by = MOVES[event.key];
    if (!current || !by) {
      return;
    }
    event.preventDefault();
    const told = event.target instanceof Element ? Number(event.target.getAttribute("data-box") ?? active) : active;
    active = Math.min(told, current.boxes.length - 1);
    const box = current.boxes[active];
    put(current, active, event.shiftKey ? grown(box, by, current.limits) : moved(box, by, current.limits));
  }

  stage.addEventListener("pointerdown", take, { signal });
  stage.addEventListener("pointermove", (event) => pull?.(pointOf(event)), { signal });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, () => (pull = null), { signal });
  }
  stage.addEventListener("keydown", press, { signal });
}
