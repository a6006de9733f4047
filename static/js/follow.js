// How `smart_crop` follows people, in the export dialog: the window's way over a scrubber, and for each shot a layout
// and a point to keep in the middle, by click or arrow keys. What a person chooses goes along as JSON in `framing`.
const ASK_AGAIN_MS = 1500;
const MOST_ASKS = 60;
const REST_MS = 300;
const WIDTH = 1080; // of the still that is shown, and its height
const HEIGHT = 1920;
const STEP = 0.02;

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

/** Look after the part of the form about following people; `range` gives the range in ms, or null. */
export function startFollow(form, range, signal) {
  const box = form.querySelector("[data-follow]");
  if (!box) {
    return;
  }
  const part = (name) => box.querySelector(`[data-follow-${name}]`);
  const [state, stage, shown, win, way, now, scrub, layout, pair, undo] = [
    ...["state", "stage", "picture", "window", "way", "now", "scrub", "layout", "pair", "undo"],
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
    box.hidden = !isWanted();
    if (box.hidden || !span || signal.aborted) {
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
    state.hidden = false;
    state.textContent = asks < MOST_ASKS ? box.dataset.sayWait : box.dataset.sayLater;
    if (asks < MOST_ASKS) {
      timer = setTimeout(ask, ASK_AGAIN_MS);
    }
  }

  function take(found) {
    const isNew = plan?.version !== found.version;
    plan = found;
    state.hidden = true;
    stage.closest("[data-follow-tools]").hidden = false;
    if (isNew) {
      form.dispatchEvent(new CustomEvent("people-seen"));
      for (const picture of form.querySelectorAll('[data-pattern*="/smart_crop/"]')) {
        picture.src = `${picture.getAttribute("src").split("?")[0]}?v=${found.version}`;
      }
    }
    const span = range();
    if (!span) {
      return;
    }
    scrub.min = span.start;
    scrub.max = span.end;
    drawWay(span);
    show();
  }

  function shotNow() {
    const at = Number(scrub.value);
    return plan.shots.find((shot) => at < shot.end_ms) ?? plan.shots.at(-1);
  }

  function wishOf(shot) {
    for (const wish of wishes.values()) {
      if (wish.at >= shot.start_ms && wish.at < shot.end_ms) {
        return wish;
      }
    }
    return null;
  }

  // The middle of the window in a shot, as wished or as planned; null where all of the picture is seen.
  function middleOf(shot, ms) {
    const wish = wishOf(shot);
    const how = wish?.layout || (wish?.focus ? "crop" : shot.layout);
    if (how !== "crop") {
      return null;
    }
    return inside(wish?.focus ?? (shot.keys.length ? positionAt(shot.keys, ms) : [0.5, 0.5]));
  }

  function inside([x, y]) {
    const [left, top, width, height] = plan.area;
    const [w, h] = plan.window;
    const clamp = (value, low, high) => Math.min(Math.max(low, high), Math.max(low, value));
    return [clamp(x, left + w / 2, left + width - w / 2), clamp(y, top + h / 2, top + height - h / 2)];
  }

  // The picture's place in the still that shows all of it.
  function place() {
    const share = Math.min(WIDTH / plan.size[0], HEIGHT / plan.size[1]);
    const [width, height] = plan.size.map((side) => side * share);
    return { left: (WIDTH - width) / 2, top: (HEIGHT - height) / 2, width, height };
  }

  function show() {
    const at = Number(scrub.value);
    const shot = shotNow();
    const { left, top, width, height } = place();
    stage.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    const middle = middleOf(shot, at);
    const [w, h] = middle ? plan.window : [plan.area[2], plan.area[3]];
    const [x, y] = middle ?? [plan.area[0] + w / 2, plan.area[1] + h / 2];
    for (const [name, value] of Object.entries({
      x: left + (x - w / 2) * width,
      y: top + (y - h / 2) * height,
      width: w * width,
      height: h * height,
    })) {
      win.setAttribute(name, value);
    }
    const wish = wishOf(shot);
    layout.value = wish?.layout ?? "";
    undo.hidden = !wish;
    const span = Number(scrub.max) - Number(scrub.min);
    const share = span ? (at - Number(scrub.min)) / span : 0;
    now.setAttribute("x1", share * 1000);
    now.setAttribute("x2", share * 1000);
    clearTimeout(stillTimer);
    const address = box.dataset.still.replace(/\/0\.jpg$/, `/${Math.floor(at / 100) * 100}.jpg`);
    if (shown.getAttribute("href") !== address) {
      stillTimer = setTimeout(() => shown.setAttribute("href", address), REST_MS);
    }
  }

  // A line through time, left on top: where the window is; a gap where all of the picture is seen.
  function drawWay(span) {
    const points = [];
    for (const shot of plan.shots) {
      const from = Math.max(span.start, shot.start_ms);
      const to = Math.min(span.end, shot.end_ms);
      const times = [from, ...shot.keys.map((key) => key[0]).filter((ms) => ms > from && ms < to), to - 1];
      let pen = "M";
      for (const ms of times) {
        const middle = middleOf(shot, ms);
        if (middle) {
          points.push(`${pen}${(((ms - span.start) / (span.end - span.start)) * 1000).toFixed(1)} ${(middle[0] * 100).toFixed(1)}`);
          pen = "L";
        }
      }
    }
    way.setAttribute("d", points.join(""));
  }

  function wish(change) {
    const shot = shotNow();
    const old = wishOf(shot);
    const at = old?.at ?? Math.max(shot.start_ms, Number(scrub.min)) + 20;
    if (change) {
      wishes.set(at, { ...old, ...change, at });
    } else {
      wishes.delete(at);
    }
    write();
    drawWay({ start: Number(scrub.min), end: Number(scrub.max) });
    show();
  }

  function write() {
    const shots = [...wishes.values()].map(({ at, layout: how, focus }) => ({
      at_s: at / 1000,
      ...(how ? { layout: how } : {}),
      ...(focus ? { focus } : {}),
    }));
    field.value = shots.length || pair.value !== "fit" ? JSON.stringify({ two_people: pair.value, shots }) : "";
  }

  function point(event) {
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(stage.getScreenCTM().inverse());
    const { left, top, width, height } = place();
    const share = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
    wish({ layout: "crop", focus: [share((spot.x - left) / width), share((spot.y - top) / height)] });
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

  function again() {
    clearTimeout(timer);
    asks = 0;
    timer = setTimeout(ask, REST_MS);
  }

  stage.addEventListener("click", (event) => plan && point(event), { signal });
  stage.addEventListener("keydown", nudge, { signal });
  scrub.addEventListener("input", () => plan && show(), { signal });
  layout.addEventListener("change", () => wish(layout.value ? { layout: layout.value, focus: layout.value === "crop" ? wishOf(shotNow())?.focus : null } : null), { signal });
  pair.addEventListener("change", write, { signal });
  undo.addEventListener("click", () => wish(null), { signal });
  for (const element of [form.elements.start, form.elements.end, ...form.querySelectorAll('[name="strategy"]')]) {
    element.addEventListener("change", again, { signal });
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  ask();
}
