import assert from "node:assert/strict";
import { test } from "node:test";

import { makeCorrectionQueue } from "../../../static/js/corrections/correction_queue.js";

const settled = () => new Promise((done) => setTimeout(done));
const step = (id, line = 0) => ({ kind: "correct", id, line, start: 0, was: "a", text: "b" });

function start(answers = [], kept = []) {
  const log = { sent: [], done: [], refused: [], told: [], waiting: [] };
  let steps = kept;
  const queue = makeCorrectionQueue({
    store: { read: () => steps, write: (now) => (steps = now) },
    later: (act) => log.waiting.push(act),
    done: ({ id }) => log.done.push(id),
    refused: ({ id }, message) => log.refused.push([id, message]),
    tell: (state) => log.told.push(state),
    async send({ kind, id }) {
      log.sent.push(`${kind} ${id}`);
      return answers.shift() ?? { status: 201, message: "" };
    },
  });
  return { queue, log, kept: () => steps };
}

test("corrections are sent one after the other, in order", async () => {
  const { queue, log } = start();
  queue.add(step("1"));
  queue.add(step("2"));
  queue.add({ kind: "undo", id: "1", line: 0, lines: [0] });
  await settled();
  assert.deepEqual(log.sent, ["correct 1", "correct 2", "undo 1"]);
  assert.deepEqual(log.done, ["1", "2", "1"]);
  assert.equal(log.told.at(-1), "saved");
});

test("what cannot be sent stays and is sent again, before what came after it", async () => {
  for (const status of [0, 401, 503]) {
    const { queue, log, kept } = start([{ status, message: "" }]);
    queue.add(step("1"));
    await settled();
    queue.add(step("2"));
    assert.equal(log.told[1], status === 401 ? "signed out" : "offline");
    assert.equal(kept().length, 2);
    log.waiting.forEach((act) => act());
    await settled();
    assert.deepEqual(log.done, ["1", "2"]);
    assert.equal(kept().length, 0);
  }
});

test("what an earlier visit left is sent by the next one", async () => {
  const { queue, log } = start([], [step("1", 4)]);
  assert.ok(queue.waitsFor(4));
  queue.run();
  await settled();
  assert.deepEqual(log.done, ["1"]);
  assert.ok(!queue.waitsFor(4));
});

test("a refused correction is told, and the next ones go on", async () => {
  const { queue, log } = start([{ status: 409, message: "Changed." }]);
  queue.add(step("1"));
  queue.add(step("2"));
  await settled();
  assert.deepEqual(log.refused, [["1", "Changed."]]);
  assert.deepEqual(log.done, ["2"]);
});

test("undoing what is not there any more is done", async () => {
  const { queue, log } = start([{ status: 404, message: "Gone." }]);
  queue.add({ kind: "undo", id: "1", line: 0, lines: [0] });
  await settled();
  assert.deepEqual([log.done, log.refused], [["1"], []]);
});
