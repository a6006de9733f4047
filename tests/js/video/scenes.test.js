import assert from "node:assert/strict";
import { test } from "node:test";

import { lastBegun, sceneAt } from "../../../static/js/video/scenes.js";

const SCENES = [{ start: 100 }, { start: 2000 }, { start: 5000 }];

test("a scene begins at its first millisecond", () => {
  assert.equal(sceneAt(SCENES, 1999), SCENES[0]);
  assert.equal(sceneAt(SCENES, 2000), SCENES[1]);
  assert.equal(sceneAt(SCENES, 99_000), SCENES[2]);
});

test("before the first scene it is the first one; without scenes there is none", () => {
  assert.equal(sceneAt(SCENES, 0), SCENES[0]);
  assert.equal(lastBegun(SCENES, 0), null);
  assert.equal(sceneAt([], 0), null);
});
