import assert from "node:assert/strict";
import { test } from "node:test";

import { makeClipEditor } from "../../../static/js/clips/clip_editor.js";

const settled = () => new Promise((done) => setTimeout(done));

function start(answers) {
  const sent = [];
  const told = [];
  const waiting = [];
  const editor = makeClipEditor({
    show() {},
    tell: (event) => told.push(event),
    later: (act) => waiting.push(act),
    async send(clip) {
      sent.push(clip);
      return answers?.shift() ?? { status: 200, clip: { version: clip.version + 1, ranges: clip.ranges }, message: "" };
    },
  });
  editor.open({ id: "a", version: 1, ranges: [[0, 1000]] });
  return { editor, sent, told, waiting };
}

test("each change is saved on the version before it, undo and redo too", async () => {
  const { editor, sent } = start();
  editor.change([[0, 900]]);
  await settled();
  editor.change([[0, 800]]);
  await settled();
  editor.undo();
  await settled();
  editor.undo();
  await settled();
  editor.redo();
  await settled();

  assert.deepEqual(sent.map(({ version, ranges }) => [version, ranges[0][1]]), [[1, 900], [2, 800], [3, 900], [4, 1000], [5, 900]]);
  assert.equal(editor.isUnsaved(), false);
});

test("changes made while one is being saved are sent as one after it", async () => {
  const { editor, sent } = start();
  for (const end of [900, 800, 700]) {
    editor.change([[0, end]]);
  }
  await settled();

  assert.deepEqual(sent.map(({ version, ranges }) => [version, ranges[0][1]]), [[1, 900], [2, 700]]);
});

test("a change elsewhere is shown, and one's own is a redo away", async () => {
  const newer = { version: 7, ranges: [[0, 500]] };
  const { editor, sent, told } = start([{ status: 409, clip: newer, message: "" }]);
  editor.change([[0, 900]]);
  await settled();

  assert.deepEqual([editor.current().ranges, told], [newer.ranges, ["changed elsewhere"]]);
  editor.redo();
  await settled();
  assert.deepEqual([sent[1].version, sent[1].ranges], [7, [[0, 900]]]);
});

test("what the server refuses goes back to what is saved", async () => {
  const { editor, told } = start([{ status: 422, clip: null, message: "no" }]);
  editor.change([[0, 900]]);
  await settled();

  assert.deepEqual([editor.current().ranges, told], [[[0, 1000]], ["refused"]]);
});

test("without a connection a change stays and is sent again", async () => {
  const { editor, sent, waiting } = start([{ status: 0, clip: null, message: "" }]);
  editor.change([[0, 900]]);
  await settled();

  assert.deepEqual([editor.current().state, editor.isUnsaved()], ["offline", true]);
  waiting.pop()();
  await settled();
  assert.deepEqual([sent.length, editor.current().state, editor.isUnsaved()], [2, "saved", false]);
});
