import assert from "node:assert/strict";
import { test } from "node:test";

import * as framing from "../../../static/js/exports/framing_plan.js";

const shot = (start_ms, end_ms, more = {}) => ({ start_ms, end_ms, layout: "crop", keys: [], parts: [], people: 1, ...more });
const plan = (shots, others = {}) => ({ version: "1", size: [640, 360], window: [0.4, 1], area: [0, 0, 1, 1], shots, others });
const SPAN = { start: 0, end: 4000 };

test("between two keys the window moves evenly; before and after them it rests", () => {
  const keys = [[1000, 0.2, 0.5], [2000, 0.6, 0.3]];

  assert.deepEqual(framing.positionAt(keys, 0), [0.2, 0.5]);
  assert.deepEqual(framing.positionAt(keys, 1500), [0.4, 0.4]);
  assert.deepEqual(framing.positionAt(keys, 9000), [0.6, 0.3]);
});

test("a shot ends where the next one begins", () => {
  const shots = [shot(0, 2000), shot(2000, 4000)];

  assert.equal(framing.shotAt(shots, 1999), shots[0]);
  assert.equal(framing.shotAt(shots, 2000), shots[1]);
  assert.equal(framing.shotAt(shots, 9000), shots[1]);
});

test("the window never leaves the picture, nor an area smaller than itself", () => {
  assert.deepEqual(framing.keepInside(plan([]), [0.95, 0]), [0.8, 0.5]);
  assert.deepEqual(framing.keepInside({ ...plan([]), area: [0.25, 0.25, 0.25, 0.5] }, [0.9, 0.9])[1], 0.75);
});

test("a closer shot has a smaller window, which moves along both axes", () => {
  const closer = shot(0, 2000, { zoom: 2, keys: [[0, 0.5, 0.3]] });

  assert.deepEqual(framing.partsOf(plan([closer]), closer, null, 0), [[0.4, 0.04999999999999999, 0.2, 0.5]]);
  assert.deepEqual(framing.keepInside(plan([]), [0.95, 0], closer), [0.9, 0.25]);
});

test("an override's point moves the window of its shot only", () => {
  const shots = [shot(0, 2000, { keys: [[0, 0.3, 0.5]] }), shot(2000, 4000)];
  const overrides = [{ at: 2020, focus: [0.7, 0.5] }];

  assert.equal(framing.overrideOf(overrides, shots[0]), null);
  const override = framing.overrideOf(overrides, shots[1]);
  assert.deepEqual(framing.middleOf(plan(shots), shots[0], null, 0), [0.3, 0.5]);
  assert.deepEqual(framing.middleOf(plan(shots), shots[1], override, 2500), [0.7, 0.5]);
});

test("a shot that is shown whole has no window until an override has a point", () => {
  const whole = shot(0, 4000, { layout: "fit" });

  assert.deepEqual(framing.partsOf(plan([whole]), whole, null, 0), [[0, 0, 1, 1]]);
  assert.deepEqual(framing.partsOf(plan([whole]), whole, { at: 20, focus: [0.5, 0.5] }, 0), [[0.3, 0, 0.4, 1]]);
});

test("a part that moves is where its keys say, and gives way to the whole picture", () => {
  const follows = shot(0, 4000, { layout: "fit", parts: [[0, 0, 0.5, 1]], keys: [[1000, 0.25, 0.5], [2000, 0.75, 0.5]] });
  const left = (ms) => framing.partsOf(plan([follows]), follows, null, ms)[0][0];

  assert.deepEqual([0, 1500, 3000].map(left), [0, 0.25, 0.5]);
  assert.deepEqual(framing.partsOf(plan([follows]), follows, { at: 20, layout: "fit" }, 0), [[0, 0, 1, 1]]);
  assert.deepEqual(framing.fittedAt({ ...follows, keys: [] }, [0, 0, 1, 1], 1500), [0, 0, 0.5, 1]);
});

test("two people are stacked as the other plan has them", () => {
  const parts = [[0, 0, 0.5, 0.5], [0.5, 0, 0.5, 0.5]];
  const one = shot(0, 4000);
  const others = { all_stack: [shot(0, 4000, { layout: "stack", parts })] };

  assert.deepEqual(framing.partsOf(plan([one], others), one, { at: 20, layout: "stack" }, 0), parts);
});

test("the path has a gap where there is no window, and a line for each cut", () => {
  const shots = [shot(0, 1000, { keys: [[0, 0.3, 0.5]] }), shot(1000, 2000, { layout: "fit" }), shot(2000, 4000)];

  const drawn = framing.drawPath(plan(shots), shots, [], SPAN);

  assert.equal(drawn.path, "M0.0 30.0L249.8 30.0M500.0 50.0L999.8 50.0");
  assert.equal(drawn.cuts, "M250.0 0V100M500.0 0V100");
});

test("overrides are written and read back", () => {
  const overrides = [
    { at: 1020, layout: "crop", focus: [0.25, 0.5] },
    { at: 3020, layout: "fit" },
    { at: 3520, layout: "inset", box: [0.7, 0.7, 0.2, 0.2] },
    { at: 3820, layout: "stack", tiles: [[0, 0, 0.5, 0.5], [0.5, 0, 0.5, 0.5]] },
  ];

  const written = framing.writeOverrides(overrides, { twoPeople: "stack", share: 0.5 }, (at) => at);

  assert.deepEqual(JSON.parse(written), {
    two_people: "stack",
    person_share: 0.5,
    shots: [{ at_s: 1.02, layout: "crop", focus: [0.25, 0.5] }, { at_s: 3.02, layout: "fit" }, { at_s: 3.52, layout: "inset", box: [0.7, 0.7, 0.2, 0.2] },
      { at_s: 3.82, layout: "stack", tiles: [[0, 0, 0.5, 0.5], [0.5, 0, 0.5, 0.5]] }],
  });
  assert.deepEqual(framing.readOverrides(written), { choices: { two_people: "stack", person_share: 0.5 }, overrides });

  const closer = framing.writeOverrides([], { twoPeople: framing.PLANNED, share: null, punchIns: ["joins"] }, (at) => at);
  assert.deepEqual(framing.readOverrides(closer).choices.punch_ins, ["joins"]);
  const marked = framing.writeOverrides([], { twoPeople: framing.PLANNED, share: null, marksSpeaker: true }, (at) => at);
  assert.equal(framing.readOverrides(marked).choices.mark_speaker, true);
});

test("no override is an empty field", () => {
  assert.equal(framing.writeOverrides([], { twoPeople: framing.PLANNED, share: null }, (at) => at), "");
  assert.deepEqual(framing.readOverrides(""), { choices: {}, overrides: [] });
});

test("where a preset says something, what is automatic or off is said as well", () => {
  const written = framing.writeOverrides([], { twoPeople: framing.PLANNED, share: null, isStated: true }, (at) => at);
  const stated = { two_people: "auto", person_share: null, mark_speaker: false, punch_ins: [] };

  assert.deepEqual(JSON.parse(written), { ...stated, shots: [] });
  assert.deepEqual(framing.readOverrides(written).choices, stated);
});

test("a part to keep in sight has its middle as the point, and is written as it came", () => {
  const { overrides } = framing.readOverrides('{"shots": [{"at_s": 1, "box": [0.25, 0.5, 0.5, 0.25]}]}');

  assert.deepEqual(overrides[0].focus, [0.5, 0.625]);
  assert.deepEqual(JSON.parse(framing.writeOverrides(overrides, "fit", (at) => at)).shots, [{ at_s: 1, box: [0.25, 0.5, 0.5, 0.25] }]);
});

test("an override's moment is moved into the range, and stays in its shot", () => {
  const shots = [shot(0, 2000), shot(2000, 4000)];

  assert.equal(framing.movedInto(shots, 500, { start: 1000, end: 3000 }), 1020);
  assert.equal(framing.movedInto(shots, 3500, { start: 1000, end: 3000 }), 2980);
  assert.equal(framing.movedInto(shots, 9000, { start: 1000, end: 3000 }), 9000);
});

test("of many overrides an address gets those around its moment", () => {
  const overrides = [5, 1, 3, 2, 4].map((at) => ({ at }));

  assert.deepEqual(framing.overridesNear(overrides, 3, 1).map(({ at }) => at), [3, 4]);
  assert.deepEqual(framing.overridesNear(overrides, 0, 2).map(({ at }) => at), [1, 2]);
});

test("an inset and the parts of a stack are boxes, as found, as drawn, or to begin with", () => {
  const inset = [0.7, 0.7, 0.2, 0.2];
  const found = shot(0, 2000, { layout: "inset", inset, parts: [[0, 0, 1, 1], [0.75, 0.7, 0.1, 0.2]] });
  const plain = shot(2000, 4000);
  const both = { ...plan([found, plain]), tiles: { 2: [0.8, 1] } };

  assert.deepEqual(framing.boxesOf(both, found, null), [inset]);
  assert.deepEqual(framing.partsOf(both, found, null, 0), [[0, 0, 1, 1], inset]);
  const drawn = { at: 20, ...framing.withBoxes("inset", [[0, 0, 0.3, 0.3]]) };
  assert.deepEqual(framing.boxesOf(both, found, drawn), [[0, 0, 0.3, 0.3]]);
  assert.deepEqual(framing.boxesOf(both, plain, null), []);
  assert.deepEqual(framing.boxesOf(both, plain, { at: 2020, layout: "stack" }), [[0, 0.1875, 0.5, 0.625], [0.5, 0.1875, 0.5, 0.625]]);
});

test("shots planned in the same way for the same reason are alike", () => {
  const shots = [shot(0, 1, { kind: "inset 1" }), shot(1, 2, { kind: "crop 1" }), shot(2, 3, { kind: "inset 1" })];

  assert.deepEqual(framing.alike(shots, shots[0]), [shots[0], shots[2]]);
});
