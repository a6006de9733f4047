import assert from "node:assert/strict";
import { test } from "node:test";

import { pairCaptions } from "../../../static/js/uploads/captions_pairing.js";

/** The names of the pairs and of what is left over. */
function paired(...names) {
  const { videos, unpaired } = pairCaptions(names.map((name) => ({ name })));
  return [videos.map(({ file, captions }) => [file.name, captions?.name ?? null]), unpaired.map(({ name }) => name)];
}

test("captions go to the video of their name, in any order, case and form of letters", () => {
  assert.deepEqual(paired("b.srt", "a.mp4", "B.mov"), [
    [
      ["a.mp4", null],
      ["B.mov", "b.srt"],
    ],
    [],
  ]);
  assert.deepEqual(paired("강의".normalize("NFD") + ".vtt", "강의.mp4")[1], []);
});

test("a language or a role may stand before the ending", () => {
  for (const name of ["talk.en.srt", "talk.pt-BR.vtt", "talk_ko.srt", "talk.en.forced.srt", "talk.SDH.ass"]) {
    assert.deepEqual(paired("talk.mp4", name), [[["talk.mp4", name]], []], name);
  }
});

test("the video's own name comes before a name with a language", () => {
  assert.deepEqual(paired("talk.mp4", "talk.en.srt", "talk.srt"), [[["talk.mp4", "talk.srt"]], ["talk.en.srt"]]);
});

test("what fits no video or more than one is left to be asked about", () => {
  assert.deepEqual(paired("talk.mp4", "other.srt")[1], ["other.srt"]);
  assert.deepEqual(paired("talk.mp4", "talk.mov", "talk.srt")[1], ["talk.srt"]);
  assert.deepEqual(paired("talk.mp4", "talk two.srt")[1], ["talk two.srt"]);
  assert.deepEqual(paired("talk.mp4", "talk.two.srt")[1], ["talk.two.srt"]);
  assert.deepEqual(paired("talk.mp4", "talk.2.srt")[1], ["talk.2.srt"]);
  assert.deepEqual(paired("lonely.srt"), [[], ["lonely.srt"]]);
});

test("of two captions in one language each the first is taken and the other asked about", () => {
  assert.deepEqual(paired("talk.mp4", "talk.en.srt", "talk.ko.srt"), [[["talk.mp4", "talk.en.srt"]], ["talk.ko.srt"]]);
});
