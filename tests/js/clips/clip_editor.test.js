import assert from "node:assert/strict";
import { test } from "node:test";

import { makeClipEditor } from "../../../static/js/clips/clip_editor.js";

const settled = () => new Promise((done) => setTimeout(done));

function inMemory() {
  const kept = new Map();
  return {
    read: (id) => kept.get(id) ?? null,
    write: (id, what) => (Object.keys(what.fields).length ? kept.set(id, structuredClone(what)) : kept.delete(id)),
  };
}

function start(answers, store = inMemory()) {
  const sent = [];
  const told = [];
  const waiting = [];
  const server = { ranges: [[0, 1000]] };
  const editor = makeClipEditor({
    show() {},
    store,
    tell: (event) => told.push(event),
    later: (act) => waiting.push(act),
    async send(clip) {
      sent.push(clip);
      Object.assign(server, clip, { version: clip.version + 1 });
      return answers?.shift() ?? { status: 200, clip: { ...server }, message: "" };
    },
  });
  editor.open({ id: "a", version: 1, ranges: [[0, 1000]] });
  return { editor, store, sent, told, waiting };
}

test("each change is saved on the version before it, undo and redo too", async () => {
  const { editor, sent } = start();
  editor.change({ ranges: [[0, 900]] });
  await settled();
  editor.change({ ranges: [[0, 800]] });
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
    editor.change({ ranges: [[0, end]] });
  }
  await settled();

  assert.deepEqual(sent.map(({ version, ranges }) => [version, ranges[0][1]]), [[1, 900], [2, 700]]);
});

test("a change elsewhere is shown, and one's own is a redo away", async () => {
  const newer = { version: 7, ranges: [[0, 500]] };
  const { editor, sent, told } = start([{ status: 409, clip: newer, message: "" }]);
  editor.change({ ranges: [[0, 900]] });
  await settled();

  assert.deepEqual([editor.current().ranges, told], [newer.ranges, ["changed elsewhere"]]);
  editor.redo();
  await settled();
  assert.deepEqual([sent[1].version, sent[1].ranges], [7, [[0, 900]]]);
});

test("what the server refuses goes back to what is saved", async () => {
  const { editor, told } = start([{ status: 422, clip: null, message: "no" }]);
  editor.change({ ranges: [[0, 900]] });
  await settled();

  assert.deepEqual([editor.current().ranges, told], [[[0, 1000]], ["refused"]]);
});

test("without a connection a change stays and is sent again", async () => {
  const { editor, sent, waiting } = start([{ status: 0, clip: null, message: "" }]);
  editor.change({ ranges: [[0, 900]] });
  await settled();

  assert.deepEqual([editor.current().state, editor.isUnsaved()], ["offline", true]);
  waiting.pop()();
  await settled();
  assert.deepEqual([sent.length, editor.current().state, editor.isUnsaved()], [2, "saved", false]);
});

test("framing and captions are undone and redone in one history with the ranges", async () => {
  const { editor, sent } = start();
  const left = { shots: [{ at_s: 1, focus: [0.2, 0.5] }] };
  editor.change({ ranges: [[0, 900]] });
  editor.change({ framing: left }, { framing: {} });
  editor.change({ captions: "box", caption_style: { height: 70 } }, { captions: "box", caption_style: {} });
  await settled();
  editor.undo();
  editor.undo();
  await settled();
  assert.deepEqual(editor.current().options, { framing: {}, captions: "box", caption_style: {} });
  editor.undo();
  await settled();
  editor.redo();
  editor.redo();
  await settled();

  assert.deepEqual(sent.at(-1), { id: "a", version: sent.length, framing: left });
  assert.deepEqual([editor.current().ranges, editor.isUnsaved()], [[[0, 900]], false]);
});

test("a clip that is opened again goes on with its history", async () => {
  const { editor } = start();
  editor.change({ ranges: [[0, 900]] });
  await settled();
  editor.open({ id: "b", version: 1, ranges: [[0, 500]] });
  editor.open({ id: "a", version: 1, ranges: [[0, 1000]] }); // the page's list is older
  assert.deepEqual(editor.current().ranges, [[0, 900]]);
  editor.undo();
  assert.deepEqual(editor.current().ranges, [[0, 1000]]);
});

test("what a closed clip or a closed page could not send is kept and sent later", async () => {
  const lost = { status: 0, clip: null, message: "" };
  const { editor, store, told, waiting, sent } = start([lost]);
  editor.change({ ranges: [[0, 900]], framing: { shots: [] } });
  await settled();
  editor.close();
  assert.deepEqual([told, editor.isUnsaved()], [["waits"], true]);
  const fields = { ranges: [[0, 900]], framing: { shots: [] } };
  assert.deepEqual(store.read("a"), { version: 1, fields, base: { ranges: [[0, 1000]] } });

  const later = start([], store);
  await settled();
  later.editor.resume([{ id: "a", version: 1, ranges: [[0, 1000]] }]);
  await settled();
  assert.deepEqual([later.sent[0].version, later.sent[0].ranges], [1, [[0, 900]]]);
  assert.equal(store.read("a"), null);

  waiting.pop()();
  await settled();
  assert.deepEqual([sent.length, editor.isUnsaved()], [2, false]);
});

test("a change whose answer was lost counts as made", async () => {
  const there = { version: 2, ranges: [[0, 900]], title: "A" };
  const { editor, told } = start([{ status: 409, clip: there, message: "changed" }]);
  editor.change({ ranges: [[0, 900]] });
  await settled();

  assert.deepEqual([told, editor.current().version, editor.current().redo], [[], 2, []]);
});

test("a session that ended keeps what was changed", async () => {
  const { editor, told } = start([{ status: 403, clip: null, message: "" }]);
  editor.change({ ranges: [[0, 900]] });
  await settled();

  assert.deepEqual([editor.current().state, editor.current().ranges, told], ["signed out", [[0, 900]], []]);
});

test("what was changed elsewhere stays where one's own change is of something else", async () => {
  const there = { version: 4, ranges: [[0, 1000]], title: "Renamed elsewhere" };
  const { editor, sent, told } = start([{ status: 409, clip: there, message: "changed" }]);
  editor.change({ ranges: [[0, 900]] });
  await settled();

  assert.deepEqual(sent.map(({ version }) => version), [1, 4]);
  assert.deepEqual([told, editor.current().ranges, editor.isUnsaved()], [[], [[0, 900]], false]);
});
