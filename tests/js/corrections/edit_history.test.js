import assert from "node:assert/strict";
import { test } from "node:test";

import { makeEditHistory } from "../../../static/js/corrections/edit_history.js";

/** A list of numbers, and edits that append one. */
function start() {
  const state = [];
  const history = makeEditHistory();
  const failing = new Set();
  const edit = (id) => {
    state.push(id);
    history.add({
      id,
      async undo() {
        return !failing.has(id) && state.pop() === id;
      },
      async redo() {
        if (!failing.has(id)) {
          state.push(id);
        }
        return !failing.has(id);
      },
    });
  };
  return { state, history, edit, failing };
}

test("whatever is done, undone and done again in any order, the state is that of the edits that count", async () => {
  const { state, history, edit } = start();
  let [done, ahead, next, seed] = [[], [], 0, 7];
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let times = 0; times < 10_000; times += 1) {
    const act = random(3);
    if (act === 0) {
      [done, ahead] = [[...done, String(next)], []];
      edit(String(next++));
    } else if (act === 1) {
      await history.undo();
      ahead.push(...done.splice(-1));
    } else {
      await history.redo();
      done.push(...ahead.splice(-1));
    }
    if (times % 50 === 0) {
      assert.deepEqual(state, done);
    }
    if (done.length > 40) {
      done.length = 0;
      while (state.length) {
        await history.undo();
      }
      ahead = [];
      edit("all");
      done = ["all"];
    }
  }
  for (const _ of done) {
    await history.undo();
  }
  assert.deepEqual(state, []);
});

test("what could not be undone can be tried again, and what cannot be done again is gone", async () => {
  const { state, history, edit, failing } = start();
  edit("a");
  edit("b");
  failing.add("b");
  await history.undo();
  assert.deepEqual(state, ["a", "b"]);
  failing.clear();
  await history.undo();
  failing.add("b");
  await history.redo();
  failing.clear();
  await history.redo();
  assert.deepEqual(state, ["a"]);
});

test("keys that come at once act one after the other, and what was refused is not in it", async () => {
  const { state, history, edit } = start();
  edit("a");
  edit("b");
  await Promise.all([history.undo(), history.undo(), history.redo()]);
  assert.deepEqual(state, ["a"]);
  history.drop("b");
  await history.redo();
  assert.deepEqual(state, ["a"]);
});
