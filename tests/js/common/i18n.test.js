import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { _, fill, ngettext } from "../../../static/js/common/i18n.js";

afterEach(() => {
  delete globalThis.gettext;
  delete globalThis.ngettext;
});

test("without a catalogue a sentence stands as it is written", () => {
  assert.equal(_("Play"), "Play");
  assert.equal(ngettext("%(count)s file", "%(count)s files", 1), "1 file");
  assert.equal(ngettext("%(count)s file", "%(count)s files", 2), "2 files");
});

test("the catalogue's words are taken where there is one", () => {
  globalThis.gettext = (words) => ({ Play: "재생" })[words] ?? words;
  globalThis.ngettext = (_one, _many, _count) => "파일 %(count)s개";

  assert.equal(_("Play"), "재생");
  assert.equal(ngettext("%(count)s file", "%(count)s files", 1), "파일 1개");
});

test("names are filled in; an unknown one leaves nothing, and a value is never filled in again", () => {
  assert.equal(fill("%(now)s of %(all)s%(more)s", { now: 0, all: "%(now)s" }), "0 of %(now)s");
});
