// What a clip is exported with, changed on the page: framing and captions.
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { changeOptions, fromApi } from "./clip_api.js";

const SAVED_WITHIN_MS = 5000;

/**
 * Change what the open clip is exported with, once its ranges are saved.
 * @param {ReturnType<typeof import("./clip_editor.js").makeClipEditor>} editor
 * @param {string} api the address of the list of clips
 * @param {object} options in the API's fields
 * @returns {Promise<boolean>} whether that was done; where not, it is said why
 */
export async function saveOptions(editor, api, options) {
  for (let waited = 0; editor.isUnsaved() && waited < SAVED_WITHIN_MS; waited += 100) {
    await new Promise((done) => setTimeout(done, 100));
  }
  const open = editor.current();
  if (!open) {
    return false;
  }
  const { clip, status, message } = await changeOptions(api, open.id, open.version, options);
  if (clip) {
    editor.take({ id: open.id, version: clip.version, ranges: fromApi(clip.ranges) });
  }
  const isDone = Boolean(clip) && status < 400;
  if (isDone) {
    clearErrors("clip options");
  } else {
    toast(message || text.noConnection(), { bad: true, action: "clip options" });
  }
  return isDone;
}
