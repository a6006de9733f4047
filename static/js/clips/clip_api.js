// Clips through the API, with the person's session.
import { csrfToken } from "../common/csrf.js";
import { text } from "../common/messages.js";

/** @typedef {{ start_s: number, end_s: number }} ApiRange */
/** @typedef {{ id: string, version: number, title: string, ranges: ApiRange[] }} ApiClip */
/** @typedef {{ status: number, clip: ApiClip | null, message: string }} Answer status 0 when nothing was reached */
/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {"pause" | "filler" | "repeat"} Kind of what may go */
/** @typedef {{ kind: Kind, span: Span, whole: number, saved: number, text: string }} TightCut ms; `whole`: the pause that it shortens */

/**
 * @param {ApiRange[]} ranges
 * @returns {Span[]}
 */
export const fromApi = (ranges) => ranges.map(({ start_s, end_s }) => [Math.round(start_s * 1000), Math.round(end_s * 1000)]);

/** @param {Span[]} ranges */
const toApi = (ranges) => ranges.map(([start, end]) => ({ start_s: start / 1000, end_s: end / 1000 }));

/**
 * @param {string} address of the list of clips
 * @param {string} videoId
 * @param {Span[]} ranges
 */
export const createClip = (address, videoId, ranges) => send("POST", address, { video_id: videoId, ranges: toApi(ranges) });

/**
 * Change what a clip keeps or is exported with; `version` is the one that this is based on.
 * @param {string} address of the list of clips
 * @param {string} id
 * @param {number} version
 * @param {import("./clip_editor.js").Fields} fields
 */
export const changeClip = (address, id, version, { ranges, ...options }) =>
  send("PATCH", `${address}/${id}`, { version, ...(ranges ? { ranges: toApi(ranges) } : {}), ...options });

/**
 * What may go from a clip; a sentence where that cannot be said.
 * @param {string} address of the list of clips
 * @param {string} id
 * @param {string} speed
 * @returns {Promise<{ cuts: TightCut[], message: string }>}
 */
export async function fetchCuts(address, id, speed) {
  try {
    const answer = await fetch(`${address}/${id}/tighten?speed=${speed}`, { headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (!answer.ok) {
      return { cuts: [], message: said.message };
    }
    const ms = (/** @type {number} */ seconds) => Math.round(seconds * 1000);
    /** @type {{ kind: Kind, start_s: number, end_s: number, whole_s: number, saved_s: number, text: string }[]} */
    const found = said.cuts;
    const cuts = found.map(({ kind, start_s, end_s, whole_s, saved_s, text }) => {
      /** @type {Span} */
      const span = [ms(start_s), ms(end_s)];
      return { kind, span, whole: ms(whole_s), saved: ms(saved_s), text };
    });
    return { cuts, message: "" };
  } catch {
    return { cuts: [], message: text.noConnection() };
  }
}

/**
 * @param {string} method
 * @param {string} address
 * @param {object} body
 * @returns {Promise<Answer>}
 */
async function send(method, address, body) {
  try {
    const answer = await fetch(address, {
      method,
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    const said = await answer.json().catch(() => null);
    return { status: answer.status, clip: answer.ok ? said : (said?.details?.clip ?? null), message: said?.message ?? "" };
  } catch {
    return { status: 0, clip: null, message: "" };
  }
}
