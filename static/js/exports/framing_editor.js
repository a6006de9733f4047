// How `smart_crop` follows people, in the export dialog: the window's way over a scrubber, and for each shot a layout
// and a point to keep in the middle, by click or arrow keys. What a person chooses goes along as JSON in `framing`, and
// "framing-wished" says that it has changed.
const ASK_AGAIN_MS = 1500;
const MOST_ASKS = 60;
const REST_MS = 300;
const STEP = 0.02;
const PLANNED = "fit"; // how two people apart are laid out when nobody says otherwise
const BEFORE = 7; // an address cannot hold every wish: so many before a moment, and as many after it

/** Where the window's middle is at a time, from keys of [ms, x, y]. */
export function positionAt(keys, ms) {
  let before = keys[0];
  for (const key of keys) {
    if (key[0] > ms) {
      if (key === before) {
        break;
      }
      const share = (ms - before[0]) / (key[0] - before[0]);
      return [1, 2].map((axis) => before[axis] + (key[axis] - before[axis]) * share);
    }
    before = key;
  }
  return [before[1], before[2]];
}

/** Look after the part of the form about following people; `range` gives the range in ms, or null.
 * The answer gives the wishes that a preview of a moment (ms) needs, as the field has them; "" without any. */
export function startFramingEditor(form, range, signal) {
  const box = form.querySelector("[data-follow]");
  const part = (name) => box.querySelector(`[data-follow-${name}]`);
  const [state, tools, stage, shown, win, second, way, cuts, scrub, which, layout, pair] = [
    ...["state", "tools", "stage", "picture", "window", "second", "way", "cuts", "scrub", "which", "layout", "pair"],
  ].map(part);
  const field = form.elements.framing;
  const wishes = new Map(); // by the time (ms) by which a wish names its shot
  let plan = null;
  let asks = 0;
  let timer = 0;
  let stillTimer = 0;

  function isWanted() {
    return form.elements.strategy.value === "smart_crop";
  }

  async function ask() {
    const span = range();
    if (!isWanted() || !span || signal.aborted) {
      return;
    }
    const asked = new URLSearchParams({ start_ms: span.start, end_ms: span.end });
    try {
      const answer = await fetch(`${box.dataset.address}?${asked}`, { signal, headers: { Accept: "application/json" } });
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
    asks += 1;
    tools.inert = true;
    state.textContent = asks < MOST_ASKS ? box.dataset.sayWait : box.dataset.sayLater;
    if (asks < MOST_ASKS) {
      timer = setTimeout(ask, ASK_AGAIN_MS);
    }
  }

  function take(found) {
    const isNew = plan?.version !== found.version;
    plan = found;
    tools.inert = false;
    if (isNew) {
      form.dispatchEvent(new CustomEvent("people-seen", { detail: found.version }));
    }
    const apart = plan.shots.some((shot) => shot.layout === PLANNED && shot.people > 1);
    pair.closest("label").hidden = !apart && pair.value === PLANNED;
    const span = range();
    if (!span) {
      return;
    }
    scrub.min = span.start;
    scrub.max = span.end;
    write();
  }

  // The shots as they are planned with what is wished for two people apart.
  function shots() {
    return plan.others[pair.value] ?? plan.shots;
  }

  function shotAt(list, at) {
    return list.find((shot) => at < shot.end_ms) ?? list.at(-1);
  }

  function shotNow() {
    return shotAt(shots(), Number(scrub.value));
  }

  function wishOf(shot) {
    for (const wish of wishes.values()) {
      if (wish.at >= shot.start_ms && wish.at < shot.end_ms) {
        return wish;
      }
    }
    return null;
  }

  function layoutOf(shot) {
    const wish = wishOf(shot);
    return wish?.layout || (wish?.focus ? "crop" : shot.layout);
  }

  // The shot as it is planned for a layout that may not be its own.
  function plannedAs(how, shot) {
    const other = shotAt(plan.others[`all_${how}`] ?? plan.shots, shot.start_ms);
    return shot.layout !== how && other.layout === how ? other : shot;
  }

  // The middle of the window in a shot, as wished or as planned; null where there is no such window.
  function middleOf(shot, ms) {
    if (layoutOf(shot) !== "crop") {
      return null;
    }
    const { keys } = plannedAs("crop", shot);
    return inside(wishOf(shot)?.focus ?? (keys.length ? positionAt(keys, ms) : [0.5, 0.5]));
  }

  // What the Short shows at a time: one part of the picture, or two, each as left, top, width, height in shares.
  function partsOf(shot, ms) {
    const middle = middleOf(shot, ms);
    if (middle) {
      const [w, h] = plan.window;
      return [[middle[0] - w / 2, middle[1] - h / 2, w, h]];
    }
    const stacked = layoutOf(shot) === "stack" ? plannedAs("stack", shot).parts : [];
    return stacked.length ? stacked : [plan.area];
  }

  function inside([x, y]) {
    const [left, top, width, height] = plan.area;
    const [w, h] = plan.window;
    const clamp = (value, low, high) => Math.min(Math.max(low, high), Math.max(low, value));
    return [clamp(x, left + w / 2, left + width - w / 2), clamp(y, top + h / 2, top + height - h / 2)];
  }

  function show() {
    const at = Number(scrub.value);
    const shot = shotNow();
    const [width, height] = plan.size;
    const parts = partsOf(shot, at);
    [win, second].forEach((rectangle, n) => {
      const [x, y, w, h] = parts[n] ?? [0, 0, 0, 0];
      for (const [name, value] of Object.entries({ x: x * width, y: y * height, width: w * width, height: h * height })) {
        rectangle.setAttribute(name, value);
      }
    });
    layout.value = wishOf(shot)?.layout ?? "";
    const inRange = shots().filter((one) => one.end_ms > scrub.min && one.start_ms < scrub.max);
    which.textContent = `${inRange.indexOf(shot) + 1} / ${inRange.length}`;
    scrub.setAttribute("aria-valuetext", `${((at - scrub.min) / 1000).toFixed(1)} s`);
    const chosen = inRange.filter(wishOf).length;
    const say = chosen ? box.dataset.sayWishes : box.dataset.sayShots;
    state.textContent = say.replace("%(shots)s", inRange.length).replace("%(wishes)s", chosen);
    clearTimeout(stillTimer);
    const address = box.dataset.still.replace(/\/0\.jpg$/, `/${Math.floor(at / 100) * 100}.jpg`);
    if (shown.getAttribute("href") !== address) {
      stillTimer = setTimeout(() => shown.setAttribute("href", address), REST_MS);
    }
  }

  // A line through time, left on top: where the window is; a gap where there is none. Thin lines are cuts.
  function drawWay() {
    const [start, end] = [Number(scrub.min), Number(scrub.max)];
    const across = (ms) => (((ms - start) / (end - start)) * 1000).toFixed(1);
    const points = [];
    const edges = [];
    for (const shot of shots()) {
      const from = Math.max(start, shot.start_ms);
      const to = Math.min(end, shot.end_ms);
      if (from > start && from < end) {
        edges.push(`M${across(from)} 0V100`);
      }
      const { keys } = plannedAs("crop", shot);
      const times = [from, ...keys.map((key) => key[0]).filter((ms) => ms > from && ms < to), to - 1];
      let pen = "M";
      for (const ms of times) {
        const middle = middleOf(shot, ms);
        if (middle) {
          points.push(`${pen}${across(ms)} ${(middle[0] * 100).toFixed(1)}`);
          pen = "L";
        }
      }
    }
    way.setAttribute("d", points.join(""));
    cuts.setAttribute("d", edges.join(""));
  }

  function wish(change) {
    const shot = shotNow();
    const old = wishOf(shot);
    const at = old?.at ?? Math.max(shot.start_ms, Number(scrub.min)) + 20;
    if (change) {
      wishes.set(at, { ...change, at });
    } else {
      wishes.delete(at);
    }
    write();
  }

  // The moment by which a wish names its shot, moved into the range with what of the shot is in it.
  function named(at) {
    const shot = plan?.shots.find((one) => at >= one.start_ms && at < one.end_ms);
    return shot ? Math.max(Math.min(at, scrub.max - 20, shot.end_ms - 1), Number(scrub.min) + 20, shot.start_ms) : at;
  }

  function worded(some) {
    const wished = some.map(({ at, layout: how, focus, box: part }) => ({
      at_s: named(at) / 1000,
      ...(how ? { layout: how } : {}),
      ...(part ? { box: part } : focus ? { focus } : {}),
    }));
    return wished.length || pair.value !== PLANNED ? JSON.stringify({ two_people: pair.value, shots: wished }) : "";
  }

  function write() {
    field.value = worded([...wishes.values()]);
    drawWay();
    show();
    form.dispatchEvent(new CustomEvent("framing-wished"));
  }

  // What the form began with: it was refused, or an earlier export is asked for again. A part to keep in sight, which
  // only scripts wish, has the point in its middle here.
  function read() {
    const kept = field.value ? JSON.parse(field.value) : { shots: [] };
    for (const { at_s: seconds, ...wished } of kept.shots) {
      const at = Math.round(seconds * 1000);
      const [x, y, w, h] = wished.box ?? [];
      wishes.set(at, { ...wished, ...(wished.box ? { focus: [x + w / 2, y + h / 2] } : {}), at });
    }
    pair.value = kept.two_people ?? PLANNED;
  }

  function wishedNear(ms) {
    const inOrder = [...wishes.values()].sort((one, other) => one.at - other.at);
    const after = inOrder.filter((wished) => wished.at <= ms).length;
    return worded(inOrder.slice(Math.max(0, after - BEFORE), after + BEFORE));
  }

  function point(event) {
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(stage.getScreenCTM().inverse());
    const [width, height] = plan.size;
    const share = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
    wish({ layout: "crop", focus: [share(spot.x / width), share(spot.y / height)] });
  }

  function nudge(event) {
    const move = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (!move || !plan) {
      return;
    }
    event.preventDefault();
    const [x, y] = middleOf(shotNow(), Number(scrub.value)) ?? [0.5, 0.5];
    const moved = inside([x + move[0], y + move[1]]).map((value) => Math.round(value * 1e4) / 1e4);
    wish({ layout: "crop", focus: moved });
  }

  function choose() {
    const focus = layout.value === "crop" ? wishOf(shotNow())?.focus : null;
    wish(layout.value ? { layout: layout.value, focus } : null);
  }

  function again() {
    clearTimeout(timer);
    asks = 0;
    timer = setTimeout(ask, REST_MS);
  }

  stage.addEventListener("click", (event) => plan && point(event), { signal });
  stage.addEventListener("keydown", nudge, { signal });
  scrub.addEventListener("input", () => plan && show(), { signal });
  layout.addEventListener("change", choose, { signal });
  pair.addEventListener("change", write, { signal });
  for (const element of [form.elements.start, form.elements.end, ...form.querySelectorAll('[name="strategy"]')]) {
    element.addEventListener("change", again, { signal });
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  read();
  ask();
  return wishedNear;
}
