// What was replaced in the dialog at several places, as one edit.
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { sendEdit } from "./correction_api.js";

/**
 * @param {object} parts
 * @param {string} parts.id of what was replaced together
 * @param {number[]} parts.lines that changed
 * @param {FormData} parts.asked what the dialog sent
 * @param {string} parts.api of the video's corrections
 * @param {(id: string, lines: number[]) => void} parts.takeBack
 * @param {(lines: number[]) => Promise<void>} parts.refresh
 * @returns {import("./edit_history.js").Edit}
 */
export function replacedEdit({ id, lines, asked, api, takeBack, refresh }) {
  const body = {
    id,
    find: asked.get("find"),
    text: asked.get("text"),
    match_case: asked.has("match_case"),
    whole_words: asked.has("whole_words"),
    places: asked.getAll("place").map((place) => {
      const [line, start] = String(place).split(":").map(Number);
      return { line, start };
    }),
  };
  return {
    id,
    undo: () => takeBack(id, lines),
    async redo() {
      const { status, message } = await sendEdit(`${api}/replace`, body);
      const isDone = status > 0 && status < 300;
      isDone ? clearErrors("redo") : toast(message || text.noConnection(), { bad: true, action: "redo" });
      await refresh(lines);
      return isDone;
    },
  };
}
