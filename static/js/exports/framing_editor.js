// How `smart_crop` follows people, in the dialog for exports: the camera path over a scrubber, and for each shot a layout
// and a point to keep in the middle, by click or arrow keys, or boxes of one's own. What a person chooses goes along as
// JSON in `framing`, and "framing-changed" says that it has changed.
import { find, findAll } from "../common/dom.js";
import { drawGrips, startBoxes } from "./framing_boxes.js";
import * as framing from "./framing_plan.js";
import { startPersonShare } from "./framing_share.js";
import { shownRatio } from "./ratios.js";

/** @typedef {import("./framing_plan.js").Plan} Plan */
/** @typedef {import("./framing_plan.js").Shot} Shot */
/** @typedef {import("./framing_plan.js").Override} Override */
/** @typedef {import("./framing_plan.js").Point} Point */
/** @typedef {import("./framing_plan.js").Span} Span */

const RETRY_MS = 1500;
const MAX_REQUESTS = 60;
const REST_MS = 300;
const STEP = 0.02;
const MAX_NEAR = 3; // overrides in an address: so many before a moment, and as many after it
const MAX_OVERRIDES = 200;
/** @type {Record<string, Point>} */
const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** @param {number} share */
const rounded = (share) => Math.round(share * 1e4) / 1e4;

/**
 * Run the part of the form about following people.
 * @param {HTMLFormElement} form
 * @param {() => Span | null} range in ms, or null when it makes no Short
 * @param {AbortSignal} signal
 * @returns {(ms: number) => string} the overrides that a preview of a moment needs, as the field has them; "" without any
 */
export function startFramingEditor(form, range, signal) {
  const box = find(form, "[data-framing-editor]");
  const [state, tools, which, why] = ["state", "tools", "which", "why"].map((name) => find(box, `[data-framing-${name}]`));
  const stage = find(box, "[data-framing-stage]", SVGSVGElement);
  const [shown, path, cuts] = ["picture", "path", "cuts"].map((name) => find(box, `[data-framing-${name}]`, SVGElement));
  const windows = findAll(box, "[data-framing-window]", SVGElement); // as many as a picture has parts at most
  const scrub = find(box, "[data-framing-scrubber]", HTMLInputElement);
  const [layout, twoPeople] = ["layout", "two-people"].map((name) => find(box, `[data-framing-${name}]`, HTMLSelectElement));
  const punchIns = findAll(box, "[data-framing-punch-in]", HTMLInputElement);
  const marker = find(box, "[data-framing-mark]", HTMLInputElement);
  const [grips, hint] = ["grips", "hint"].map((name) => find(box, `[data-framing-${name}]`, Element));
  const others = find(box, "[data-framing-alike]", HTMLButtonElement);
  const person = startPersonShare(box, write, signal);
  const field = find(form, "[name=framing]", HTMLInputElement);
  /** @type {Map<number, Override>} by the time (ms) by which an override names its shot */
  const overrides = new Map();
  /** @type {Plan | null} */
  let plan = null;
  let requests = 0;
  let timer = 0;
  let stillTimer = 0;

  const chosenPreset = () => String(new FormData(form).get("captions"));
  let preset = chosenPreset();

  async function ask() {
    const span = range();
    if (new FormData(form).get("strategy") !== "smart_crop" || !span || signal.aborted) {
      return;
    }
    const query = new URLSearchParams({ start_ms: String(span.start), end_ms: String(span.end) });
    if (shownRatio(form)) {
      query.set("aspect_ratio", shownRatio(form));
    }
    try {
      const answer = await fetch(`${box.dataset.address}?${query}`, { signal, headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : { ready: false };
      if (found.ready) {
        take(found);
        return;
      }
    } catch {
      if (signal.aborted) {
        return;
      }
    }
    requests += 1;
    tools.inert = true;
    state.textContent = (requests < MAX_REQUESTS ? box.dataset.sayWait : box.dataset.sayLater) ?? "";
    if (requests < MAX_REQUESTS) {
      timer = window.setTimeout(ask, RETRY_MS);
    }
  }

  /** @param {Plan} found */
  function take(found) {
    const isNew = plan?.version !== found.version;
    plan = found;
    tools.inert = false;
    if (isNew) {
      form.dispatchEvent(new CustomEvent("shots-analyzed", { detail: found.version }));
    }
    const apart = found.shots.some((shot) => shot.apart);
    twoPeople.closest("label")?.toggleAttribute("hidden", !apart && twoPeople.value === framing.PLANNED);
    marker.closest("label")?.toggleAttribute("hidden", !apart && !marker.checked);
    const span = range();
    if (!span) {
      return;
    }
    scrub.min = String(span.start);
    scrub.max = String(span.end);
    write();
  }

  const shownSpan = () => ({ start: Number(scrub.min), end: Number(scrub.max) });

  /**
   * The shots as they are planned with the choice for two people apart, and the one under the scrubber.
   * @param {Plan} current
   */
  function shotsOf(current) {
    const shots = current.others[twoPeople.value] ?? current.shots;
    const shot = framing.shotAt(shots, Number(scrub.value));
    return { shots, shot, override: framing.overrideOf(overrides.values(), shot) };
  }

  /** @param {Plan} current */
  function show(current) {
    const at = Number(scrub.value);
    const { shots, shot, override } = shotsOf(current);
    const parts = framing.partsOf(current, shot, override, at);
    windows.forEach((window, number) => place(window, parts[number], current.size));
    showBoxes(current, parts);
    layout.value = override?.layout ?? "";
    const span = shownSpan();
    const inRange = shots.filter((one) => one.end_ms > span.start && one.start_ms < span.end);
    which.textContent = `${inRange.indexOf(shot) + 1} / ${inRange.length}`;
    why.textContent = override || !shot.why ? "" : `· ${shot.why}`;
    scrub.setAttribute("aria-valuetext", `${((at - span.start) / 1000).toFixed(1)} s`);
    const chosen = inRange.filter((one) => framing.overrideOf(overrides.values(), one)).length;
    const like = framing.alike(inRange, shot).length - 1;
    others.hidden = !like;
    others.textContent = (others.dataset.say ?? "").replace("%(count)s", String(like));
    const isInset = (/** @type {Shot} */ one) => framing.layoutOf(one, framing.overrideOf(overrides.values(), one)) === "inset";
    person.show(inRange.some(isInset), inRange.find(isInset)?.split ?? 0);
    const say = (chosen ? box.dataset.sayOverrides : box.dataset.sayShots) ?? "";
    state.textContent = say.replace("%(shots)s", String(inRange.length)).replace("%(wishes)s", String(chosen));
    showStill(at);
  }

  /**
   * What can be drawn in the shot under the scrubber.
   * @returns {import("./framing_boxes.js").Drawing | null}
   */
  function drawing() {
    if (!plan) {
      return null;
    }
    const { shot, override } = shotsOf(plan);
    const boxes = framing.boxesOf(plan, shot, override);
    const isStack = framing.layoutOf(shot, override) === "stack";
    return boxes.length ? { boxes, limits: { area: plan.area, shape: isStack ? plan.tiles[boxes.length] : null } } : null;
  }

  /**
   * The corners of the boxes, and their names for who does not see them.
   * @param {Plan} current
   * @param {import("./framing_plan.js").Box[]} parts
   */
  function showBoxes(current, parts) {
    const boxes = drawing()?.boxes ?? [];
    const first = parts.length - boxes.length; // an inset's content is no box
    stage.classList.toggle("is-boxes", boxes.length > 0);
    stage.setAttribute("tabindex", boxes.length ? "-1" : "0");
    hint.toggleAttribute("hidden", !boxes.length);
    grips.setAttribute("d", drawGrips(boxes, current.size, stage.getScreenCTM()?.a || 1));
    windows.forEach((window, number) => nameBox(window, number - first, boxes.length));
  }

  /**
   * @param {SVGElement} window
   * @param {number} number of its box, from 0; none beyond the last one
   * @param {number} count of the boxes
   */
  function nameBox(window, number, count) {
    if (number < 0 || number >= count) {
      for (const name of ["tabindex", "role", "aria-label", "data-box"]) {
        window.removeAttribute(name);
      }
      return;
    }
    const say = (box.dataset.sayBox ?? "").replace("%(number)s", String(number + 1)).replace("%(count)s", String(count));
    for (const [name, value] of Object.entries({ tabindex: "0", role: "application", "aria-label": say, "data-box": String(number) })) {
      window.setAttribute(name, value);
    }
  }

  /** @param {import("./framing_plan.js").Box[]} boxes */
  function keepBoxes(boxes) {
    if (plan) {
      const { shot, override } = shotsOf(plan);
      const drawn = boxes.map((one) => /** @type {import("./framing_plan.js").Box} */ (one.map(rounded)));
      setOverride(framing.withBoxes(framing.layoutOf(shot, override), drawn));
    }
  }

  /** Give the shots that are like the one under the scrubber what it has. */
  function spread() {
    if (!plan) {
      return;
    }
    const { shots, shot, override } = shotsOf(plan);
    const span = shownSpan();
    for (const one of framing.alike(shots, shot)) {
      const at = framing.overrideOf(overrides.values(), one)?.at ?? framing.momentFor(one, span);
      if (!override) {
        overrides.delete(at);
      } else if (overrides.has(at) || overrides.size < MAX_OVERRIDES) {
        overrides.set(at, { ...override, at });
      }
    }
    write();
  }

  /** @param {number} at in ms */
  function showStill(at) {
    clearTimeout(stillTimer);
    const address = (box.dataset.still ?? "").replace(/\/0\.jpg$/, `/${Math.floor(at / 100) * 100}.jpg`);
    if (shown.getAttribute("href") !== address) {
      stillTimer = window.setTimeout(() => shown.setAttribute("href", address), REST_MS);
    }
  }

  /** @param {Omit<Override, "at"> | null} change of the shot under the scrubber */
  function setOverride(change) {
    if (!plan) {
      return;
    }
    const { shot, override } = shotsOf(plan);
    const at = override?.at ?? framing.momentFor(shot, shownSpan());
    if (change) {
      overrides.set(at, { ...change, at });
    } else {
      overrides.delete(at);
    }
    write();
  }

  /** @param {Override[]} some */
  function written(some) {
    const shots = plan?.shots ?? [];
    const punchesIn = punchIns.filter((one) => one.checked).map((one) => one.value);
    const isStated = Object.keys(ofPreset()).length > 0; // so that what is chosen instead has to be said as well
    const ofAll = { punchIns: punchesIn, marksSpeaker: marker.checked, isStated };
    const choices = { twoPeople: twoPeople.value, share: person.share(), ...ofAll };
    return framing.writeOverrides(some, choices, (at) => framing.movedInto(shots, at, shownSpan()));
  }

  function write() {
    field.value = written([...overrides.values()]);
    if (plan) {
      const drawn = framing.drawPath(plan, shotsOf(plan).shots, [...overrides.values()], shownSpan());
      path.setAttribute("d", drawn.path);
      cuts.setAttribute("d", drawn.cuts);
      show(plan);
    }
    form.dispatchEvent(new CustomEvent("framing-changed"));
  }

  function read() {
    const kept = framing.readOverrides(field.value);
    for (const override of kept.overrides) {
      overrides.set(override.at, override);
    }
    takeChoices(ofPreset());
    takeChoices(kept.choices);
  }

  /**
   * What the chosen preset says of all shots.
   * @returns {import("./framing_plan.js").StatedChoices}
   */
  function ofPreset() {
    const styles = JSON.parse(find(form, "[data-caption-style]").dataset.styles ?? "{}");
    return styles[chosenPreset()]?.framing ?? {};
  }

  /** The choices of the preset that is chosen now, whatever was chosen before it. */
  function takePreset() {
    preset = chosenPreset();
    takeChoices({ two_people: framing.PLANNED, person_share: null, punch_ins: [], mark_speaker: false, ...ofPreset() });
    write();
  }

  /** @param {import("./framing_plan.js").StatedChoices} stated what is not stated stays as it is */
  function takeChoices(stated) {
    twoPeople.value = stated.two_people ?? twoPeople.value;
    person.take(stated.person_share === undefined ? person.share() : stated.person_share);
    marker.checked = stated.mark_speaker ?? marker.checked;
    for (const one of punchIns) {
      one.checked = stated.punch_ins?.includes(one.value) ?? one.checked;
    }
  }

  /** @param {MouseEvent} event */
  function point(event) {
    const matrix = stage.getScreenCTM()?.inverse();
    if (!plan || !matrix || drawing()) {
      return;
    }
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    const [width, height] = plan.size;
    const share = (/** @type {number} */ value) => rounded(Math.min(1, Math.max(0, value)));
    setOverride({ layout: "crop", focus: [share(spot.x / width), share(spot.y / height)] });
  }

  /** @param {KeyboardEvent} event */
  function nudge(event) {
    const move = MOVES[event.key];
    if (!move || !plan || drawing()) {
      return;
    }
    event.preventDefault();
    const { shot, override } = shotsOf(plan);
    const [x, y] = framing.middleOf(plan, shot, override, Number(scrub.value)) ?? [0.5, 0.5];
    const moved = framing.keepInside(plan, [x + move[0], y + move[1]], framing.plannedAs(plan, "crop", shot));
    setOverride({ layout: "crop", focus: [rounded(moved[0]), rounded(moved[1])] });
  }

  function choose() {
    const focus = plan && layout.value === "crop" ? shotsOf(plan).override?.focus : null;
    setOverride(layout.value ? { layout: layout.value, focus } : null);
    const boxes = drawing()?.boxes;
    if (plan && boxes && !framing.plannedAs(plan, layout.value, shotsOf(plan).shot).parts.length) {
      keepBoxes(boxes); // nothing was found there, so the boxes to begin with count
    }
  }

  function again() {
    clearTimeout(timer);
    requests = 0;
    timer = window.setTimeout(ask, REST_MS);
  }

  stage.addEventListener("click", point, { signal });
  stage.addEventListener("keydown", nudge, { signal });
  scrub.addEventListener("input", () => plan && show(plan), { signal });
  layout.addEventListener("change", choose, { signal });
  for (const input of [twoPeople, marker, ...punchIns]) {
    input.addEventListener("change", write, { signal });
  }
  others.addEventListener("click", spread, { signal });
  startBoxes(stage, drawing, keepBoxes, signal);
  form.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.getAttribute("name") === "captions") {
      takePreset();
    }
  }, { signal });
  // A preset that is saved is chosen then, and one that is deleted is not any more.
  form.addEventListener("htmx:afterSettle", () => chosenPreset() !== preset && takePreset(), { signal });
  for (const element of findAll(form, "[name=start], [name=end], [name=strategy]")) {
    element.addEventListener("change", again, { signal });
  }
  form.addEventListener("ratio-shown", again, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  read();
  ask();
  return (ms) => written(framing.overridesNear(overrides.values(), ms, MAX_NEAR));
}

/**
 * @param {SVGElement} rectangle
 * @param {import("./framing_plan.js").Box | undefined} part of the picture; none hides it
 * @param {[width: number, height: number]} size of the picture in px
 */
function place(rectangle, part, [width, height]) {
  const [x, y, w, h] = part ?? [0, 0, 0, 0];
  for (const [name, value] of Object.entries({ x: x * width, y: y * height, width: w * width, height: h * height })) {
    rectangle.setAttribute(name, String(value));
  }
}
