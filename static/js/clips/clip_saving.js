// Where changes of clips go: to the server, and until it has them into the browser's storage.
import { clearErrors } from "../common/toasts.js";
import { changeClip, fromApi } from "./clip_api.js";

/** @typedef {import("./clip_editor.js").Fields} Fields */
/** @typedef {import("./clip_editor.js").Kept} Kept */

/**
 * Sends a change of a clip.
 * @param {string} api the address of the list of clips
 * @returns {(change: { id: string, version: number } & Fields) => Promise<import("./clip_editor.js").Saved>}
 */
export function sendingTo(api) {
  return async ({ id, version, ...fields }) => {
    const { clip, status, message } = await changeClip(api, id, version, fields);
    if (clip && status < 400) {
      clearErrors("clip");
    }
    return { status, message, clip: clip && { ...clip, ranges: fromApi(clip.ranges) } };
  };
}

/** Changes that are not with the server yet, by clip; in memory alone where the browser keeps nothing. */
export const keptChanges = {
  /** @param {string} id @returns {Kept | null} */
  read(id) {
    try {
      return JSON.parse(localStorage.getItem(nameOf(id)) ?? "null");
    } catch {
      return null;
    }
  },
  /** @param {string} id @param {Kept} kept */
  write(id, kept) {
    try {
      if (Object.keys(kept.fields).length) {
        localStorage.setItem(nameOf(id), JSON.stringify(kept));
      } else {
        localStorage.removeItem(nameOf(id));
      }
    } catch {
      // It is sent from memory, and leaving the page asks first.
    }
  },
};

/** @param {string} id */
const nameOf = (id) => `heimdex:clip:${id}`;
