"""The pages' modules as one script: it does what the modules do, and refuses what it does not understand."""

import json
import shutil
import subprocess

import pytest

from heimdex.web.script_bundle import BundleError, bundled_modules

NODE = shutil.which("node") or "node"
MODULES = {
    "js/app.js": """
import { add, name as called } from "./common/sum.js";
import * as words from "./words/words.js";
const LATER = () => import("./words/late.js");
said.push(add(1, 2), called, words.shout("a"), typeof words.hidden, globalThis.ran ?? 0);
LATER().then(({ late }) => said.push(late, globalThis.ran)).then(done);
""",
    "js/common/sum.js": """
/** Adds. @param {number} a */
export function add(a, b) {
  const sum = a + b; // not a line of its own
  return (
    /** @type {number} */ (sum)
  );
}
export const name = "// sum";
""",
    "js/words/words.js": """
import {
  add,
} from "../common/sum.js";
const hidden = "!";
export const shout = (word) => add(word, hidden);
""",
    "js/words/late.js": """
import "../common/sum.js";
globalThis.ran = (globalThis.ran ?? 0) + 1;
export class Late {}
export const late = "late";
""",
}


def test_it_does_what_the_modules_do():
    script = bundled_modules("js/app.js", MODULES.__getitem__)

    before = "const said = []; const done = () => console.log(JSON.stringify(said));\n"
    ran = subprocess.run(
        [NODE, "--input-type=module", "-"],
        input=before + script,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [3, "// sum", "a!", "undefined", 0, "late", 1]
    assert "Adds." not in script


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("export default 1;\n", "export default 1;"),
        ('import sum from "./common/sum.js";\n', "import sum"),
        ('import { add } from "./app.js";\n', "js/app.js -> js/app.js"),
    ],
)
def test_other_forms_and_circles_are_refused(text: str, said: str):
    with pytest.raises(BundleError, match=said):
        bundled_modules("js/app.js", {**MODULES, "js/app.js": text}.__getitem__)
