// A planned framing and its overrides, as plain values: where the crop window is at a time, and how the overrides are
// written into the form. Positions and sizes are shares of the source picture.

/** @typedef {[ms: number, x: number, y: number]} Key where the window's middle is at a time */
/** @typedef {[x: number, y: number]} Point */
/** @typedef {[left: number, top: number, width: number, height: number]} Box */

/**
 * @typedef {object} Shot
 * @property {number} start_ms
 * @property {number} end_ms
 * @property {string} layout `crop`, `stack`, `fit` or `inset`
 * @property {Key[]} keys for `crop`, and for a part of `fit` that moves
 * @property {Box[]} parts for `stack` and `inset`; for `fit` the one that is shown instead of the whole picture, or none
 * @property {number} [zoom] how many times smaller than the plan's the window of a `crop` is
 * @property {number} people how many are detected
 * @property {number} split of an `inset`: the share of the height that its content has
 * @property {Box | null} inset the one that was found
 * @property {string} kind equal for shots that are alike
 * @property {boolean} apart whether the people do not fit one window
 * @property {string} why in words, why the shot is laid out so
 */

/**
 * @typedef {object} Plan
 * @property {string} version
 * @property {[width: number, height: number]} size of the picture in px
 * @property {[width: number, height: number]} window of a crop
 * @property {Box} area of the picture without black bars
 * @property {Record<string, [width: number, height: number]>} tiles the largest part of a stack, by how many there are
 * @property {Shot[]} shots
 * @property {Record<string, Shot[]>} others the shots planned in other ways
 */

/**
 * A person's own choice for the shot that holds the moment `at` (ms).
 * @typedef {{ at: number, layout?: string, focus?: Point | null, box?: Box, tiles?: Box[] }} Override
 */

/**
 * What is chosen for all shots: how two people apart are laid out, and the share of the height that the person of an
 * inset has, or null where nobody chose it; for what the window is closer for a while, and whether who speaks is marked. With `isStated` they are
 * written even where they are the defaults.
 * @typedef {{ twoPeople: string, share: number | null, punchIns?: string[], marksSpeaker?: boolean, isStated?: boolean }} Choices
 */

/**
 * Choices as the form's field and presets have them. A share of null leaves it to the content, and no punch-ins are none,
 * also where a preset says something else.
 * @typedef {{ two_people?: string, person_share?: number | null, punch_ins?: string[], mark_speaker?: boolean }} StatedChoices
 */

/** @typedef {{ start: number, end: number }} Span in ms */

export const PLANNED = "auto"; // how people apart are laid out without an override
const EDGE_MS = 20; // an override names its shot by a moment so far from the range's edge

/**
 * Where the window's middle is at a time.
 * @param {Key[]} keys at least one, in the order of time
 * @param {number} ms
 * @returns {Point}
 */
export function positionAt(keys, ms) {
  let before = keys[0];
  for (const key of keys) {
    if (key[0] > ms) {
      if (key === before) {
        break;
      }
      const share = (ms - before[0]) / (key[0] - before[0]);
      return [before[1] + (key[1] - before[1]) * share, before[2] + (key[2] - before[2]) * share];
    }
    before = key;
  }
  return [before[1], before[2]];
}

/**
 * What a fit shows of the area at a time: its part, which may move, or all of it.
 * @param {{ parts: Box[], keys: Key[] }} shot
 * @param {Box} area
 * @param {number} ms
 * @returns {Box}
 */
export function fittedAt({ parts: [part], keys }, area, ms) {
  if (!part || !keys.length) {
    return part ?? area;
  }
  const [x, y] = positionAt(keys, ms);
  return [x - part[2] / 2, y - part[3] / 2, part[2], part[3]];
}

/**
 * The shot at a time; the last one from its end on.
 * @param {Shot[]} shots
 * @param {number} ms
 */
export function shotAt(shots, ms) {
  return shots.find((shot) => ms < shot.end_ms) ?? shots[shots.length - 1];
}

/**
 * @param {Iterable<Override>} overrides
 * @param {Shot} shot
 * @returns {Override | null}
 */
export function overrideOf(overrides, shot) {
  for (const override of overrides) {
    if (override.at >= shot.start_ms && override.at < shot.end_ms) {
      return override;
    }
  }
  return null;
}

/**
 * @param {Shot} shot
 * @param {Override | null} override
 */
export function layoutOf(shot, override) {
  return override?.layout || (override?.tiles ? "stack" : override?.focus ? "crop" : shot.layout);
}

/**
 * The shot as it is planned for a layout that may not be its own.
 * @param {Plan} plan
 * @param {string} layout
 * @param {Shot} shot
 */
export function plannedAs(plan, layout, shot) {
  const other = shotAt(plan.others[`all_${layout}`] ?? plan.shots, shot.start_ms);
  return shot.layout !== layout && other.layout === layout ? other : shot;
}

/**
 * The size of a shot's window.
 * @param {{ window: [width: number, height: number] }} plan
 * @param {{ zoom?: number }} [shot]
 * @returns {[width: number, height: number]}
 */
export const windowSize = ({ window: [w, h] }, shot) => [w / (shot?.zoom ?? 1), h / (shot?.zoom ?? 1)];

/**
 * A middle moved so that the window around it stays in the picture.
 * @param {Plan} plan
 * @param {Point} middle
 * @param {Shot} [shot] whose window it is; without one, the largest window
 * @returns {Point}
 */
export function keepInside(plan, [x, y], shot) {
  const [left, top, width, height] = plan.area;
  const [w, h] = windowSize(plan, shot);
  return [clamp(x, left + w / 2, left + width - w / 2), clamp(y, top + h / 2, top + height - h / 2)];
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const clamp = (value, low, high) => Math.min(Math.max(low, high), Math.max(low, value));

/**
 * The middle of the window in a shot, by its override or as planned; null where there is no such window.
 * @param {Plan} plan
 * @param {Shot} shot
 * @param {Override | null} override
 * @param {number} ms
 * @returns {Point | null}
 */
export function middleOf(plan, shot, override, ms) {
  if (layoutOf(shot, override) !== "crop") {
    return null;
  }
  const planned = plannedAs(plan, "crop", shot);
  const { keys } = planned;
  return keepInside(plan, override?.focus ?? (keys.length ? positionAt(keys, ms) : [0.5, 0.5]), planned);
}

/**
 * The parts of the picture that the Short shows at a time: one, or two of them stacked.
 * @param {Plan} plan
 * @param {Shot} shot
 * @param {Override | null} override
 * @param {number} ms
 * @returns {Box[]}
 */
export function partsOf(plan, shot, override, ms) {
  const middle = middleOf(plan, shot, override, ms);
  if (middle) {
    const [w, h] = windowSize(plan, plannedAs(plan, "crop", shot));
    return [[middle[0] - w / 2, middle[1] - h / 2, w, h]];
  }
  const layout = layoutOf(shot, override);
  const boxes = boxesOf(plan, shot, override);
  const drawn = layout === "inset" && boxes.length ? [plan.area, ...boxes] : boxes;
  const fitted = shot.layout === "fit" && !override?.layout ? fittedAt(shot, plan.area, ms) : plan.area;
  return drawn.length ? drawn : [fitted];
}

/**
 * The boxes of a shot that can be drawn: an inset, or the parts of a stack, as chosen or planned; none in other layouts.
 * @param {Plan} plan
 * @param {Shot} shot
 * @param {Override | null} override
 * @returns {Box[]}
 */
export function boxesOf(plan, shot, override) {
  const layout = layoutOf(shot, override);
  if (layout === "inset") {
    return [override?.box ?? shot.inset ?? cornerOf(plan.area)];
  }
  if (layout !== "stack") {
    return [];
  }
  const planned = plannedAs(plan, "stack", shot);
  return override?.tiles ?? (planned.layout === "stack" && planned.parts.length ? planned.parts : twoTiles(plan));
}

/**
 * Where a small picture lies as a rule, to begin with: at the lower right.
 * @param {Box} area
 * @returns {Box}
 */
const cornerOf = ([left, top, width, height]) => [left + width * 0.72, top + height * 0.7, width * 0.25, height * 0.25];

/**
 * Two parts to begin with, where nobody was found: the left one and the right one.
 * @param {Plan} plan
 * @returns {Box[]}
 */
function twoTiles({ area: [left, top, width, height], tiles }) {
  const [wide, high] = tiles[2];
  const share = Math.min(1, width / 2 / wide);
  const y = top + (height - high * share) / 2;
  return [left, left + width - wide * share].map((x) => [x, y, wide * share, high * share]);
}

/**
 * An override that draws boxes of one's own in a layout.
 * @param {string} layout
 * @param {Box[]} boxes
 */
export const withBoxes = (layout, boxes) => (layout === "inset" ? { layout, box: boxes[0] } : { layout, tiles: boxes });

/**
 * The shots that are like one: planned in the same way for the same reason.
 * @param {Shot[]} shots
 * @param {Shot} shot
 */
export const alike = (shots, shot) => shots.filter((one) => one.kind === shot.kind);

/**
 * The camera path through a range as SVG paths, 1000 wide and 100 high: left is on top, a gap stands where there is no
 * window; and the cuts between shots.
 * @param {Plan} plan
 * @param {Shot[]} shots
 * @param {Override[]} overrides
 * @param {Span} span
 */
export function drawPath(plan, shots, overrides, { start, end }) {
  const across = (/** @type {number} */ ms) => (((ms - start) / (end - start)) * 1000).toFixed(1);
  const points = [];
  const cuts = [];
  for (const shot of shots) {
    const [from, to] = [Math.max(start, shot.start_ms), Math.min(end, shot.end_ms)];
    if (from > start && from < end) {
      cuts.push(`M${across(from)} 0V100`);
    }
    const keyTimes = plannedAs(plan, "crop", shot).keys.map((key) => key[0]);
    let pen = "M";
    for (const ms of [from, ...keyTimes.filter((time) => time > from && time < to), to - 1]) {
      const middle = middleOf(plan, shot, overrideOf(overrides, shot), ms);
      if (middle) {
        points.push(`${pen}${across(ms)} ${(middle[0] * 100).toFixed(1)}`);
        pen = "L";
      }
    }
  }
  return { path: points.join(""), cuts: cuts.join("") };
}

/**
 * The moment by which a new override names the shot.
 * @param {Shot} shot
 * @param {Span} span
 */
export function momentFor(shot, span) {
  return Math.max(shot.start_ms, span.start) + EDGE_MS;
}

/**
 * The moment by which an override names its shot, moved into the range with what of the shot is in it.
 * @param {Shot[]} shots
 * @param {number} at
 * @param {Span} span
 */
export function movedInto(shots, at, span) {
  const shot = shots.find((one) => at >= one.start_ms && at < one.end_ms);
  if (!shot) {
    return at;
  }
  return Math.max(Math.min(at, span.end - EDGE_MS, shot.end_ms - 1), span.start + EDGE_MS, shot.start_ms);
}

/**
 * Overrides as the form's field has them (JSON); "" without any.
 * @param {Override[]} overrides
 * @param {Choices} choices
 * @param {(at: number) => number} moved an override's moment, moved into the range
 */
export function writeOverrides(overrides, { twoPeople, share, punchIns = [], marksSpeaker = false, isStated }, moved) {
  const shots = overrides.map(({ at, layout, focus, box, tiles }) => ({
    at_s: moved(at) / 1000,
    ...(layout ? { layout } : {}),
    ...(tiles ? { tiles } : box ? { box } : focus ? { focus } : {}),
  }));
  const closer = punchIns.length || isStated ? { punch_ins: punchIns } : {};
  const part = share !== null || isStated ? { person_share: share } : {};
  const mark = marksSpeaker || isStated ? { mark_speaker: marksSpeaker } : {};
  const chosen = { two_people: twoPeople, ...part, ...mark, shots, ...closer };
  const isChosen = shots.length || punchIns.length || marksSpeaker || share !== null || isStated || twoPeople !== PLANNED;
  return isChosen ? JSON.stringify(chosen) : "";
}

/**
 * The overrides that the form began with: it was refused, or repeats an earlier export. A box to keep in sight, which
 * only the API can choose, has the point in its middle here.
 * @param {string} value of the field
 * @returns {{ choices: StatedChoices, overrides: Override[] }}
 */
export function readOverrides(value) {
  const { shots = [], ...choices } = value ? JSON.parse(value) : {};
  /** @type {Override[]} */
  const overrides = [];
  for (const { at_s: seconds, ...chosen } of shots) {
    const [x, y, w, h] = chosen.box ?? [];
    const isPoint = chosen.box && chosen.layout !== "inset";
    overrides.push({ ...chosen, ...(isPoint ? { focus: [x + w / 2, y + h / 2] } : {}), at: Math.round(seconds * 1000) });
  }
  return { choices, overrides };
}

/**
 * The overrides around a moment: an address cannot hold every one.
 * @param {Iterable<Override>} overrides
 * @param {number} ms
 * @param {number} max on each side
 */
export function overridesNear(overrides, ms, max) {
  const inOrder = [...overrides].sort((one, other) => one.at - other.at);
  const after = inOrder.filter((chosen) => chosen.at <= ms).length;
  return inOrder.slice(Math.max(0, after - max), after + max);
}
