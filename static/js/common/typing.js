// Whether a key is somebody's text or a dialog's business, so that shortcuts leave it alone.

/**
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
export function isTyping(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
    return true;
  }
  return isField(event.target);
}

/**
 * Whether text can be typed there.
 * @param {EventTarget | null} target
 * @returns {boolean}
 */
export function isField(target) {
  return (
    target instanceof Element &&
    target.matches("input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable]")
  );
}
