// Which key a shortcut means, whatever the keyboard's layout.

/** What is printed on the keys of a US keyboard that shortcuts use, and with Shift. @type {Record<string, [string, string]>} */
const PRINTED = { Slash: ["/", "?"], Comma: [",", "<"], Period: [".", ">"] };

/**
 * The key's name: a letter in lower case, a sign, or a name such as "ArrowLeft".
 *
 * A Latin letter is the one that is printed on the key, so that shortcuts can be read off the keyboard. Under a layout
 * of another script (Hangul, Cyrillic) the key's physical place counts: K is K although it types ㅏ or л.
 * @param {KeyboardEvent} event
 * @returns {string}
 */
export function keyOf(event) {
  const { key, code } = event;
  if (/^[a-z]$/i.test(key)) {
    return key.toLowerCase();
  }
  if (key === "/" || key === "?") {
    return key; // on its own key or, on a German keyboard, with Shift on the 7
  }
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter && !isAscii(key)) {
    return letter.toLowerCase();
  }
  return PRINTED[code]?.[Number(event.shiftKey)] ?? key;
}

/** @param {string} key */
function isAscii(key) {
  return /^[\x20-\x7e]$/.test(key);
}
