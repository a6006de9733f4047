// Corrections through the API, with the person's session, and lines as the server draws them.
import { csrfToken } from "../common/csrf.js";

/** @typedef {import("./correction_queue.js").Step} Step */
/** @typedef {import("./correction_queue.js").Answer} Answer */

/**
 * @param {string} address of the video's corrections
 * @param {Step} step
 * @returns {Promise<Answer>}
 */
export async function sendStep(address, step) {
  const { kind, ...body } = step;
  try {
    const answer = await fetch(kind === "undo" ? `${address}/${step.id}` : address, {
      method: kind === "undo" ? "DELETE" : "POST",
      ...(kind === "correct" && { body: JSON.stringify(body) }),
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    const said = await answer.json().catch(() => null);
    return { status: answer.status, message: said?.message ?? "" };
  } catch {
    return { status: 0, message: "" };
  }
}

/**
 * Split or join lines or scenes, name a speaker, replace a text, or undo one of the first two.
 * @param {string} address where it is made, or of what is undone
 * @param {object | null} body null undoes
 * @returns {Promise<Answer & { id: string, ms: number }>}
 */
export async function sendEdit(address, body) {
  try {
    const answer = await fetch(address, {
      method: body ? "POST" : "DELETE",
      ...(body && { body: JSON.stringify(body) }),
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    const said = await answer.json().catch(() => null);
    return { status: answer.status, message: said?.message ?? "", id: said?.id ?? "", ms: Math.round(1000 * (said?.at_s ?? 0)) };
  } catch {
    return { status: 0, message: "", id: "", ms: 0 };
  }
}

/**
 * Scenes as the server draws them; null when it is not reached.
 * @param {string} address
 * @param {number} from in ms
 * @param {number} until in ms
 * @returns {Promise<HTMLElement[] | null>}
 */
export async function fetchScenes(address, from, until) {
  try {
    const answer = await fetch(`${address}?from=${from}&until=${until}`, { redirect: "error" });
    if (!answer.ok) {
      return null;
    }
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [...parsed.querySelectorAll("[data-scene]")].filter((one) => one instanceof HTMLElement);
  } catch {
    return null;
  }
}

/**
 * The corrected lines as they were heard; null when the server is not reached.
 * @param {string} address
 * @returns {Promise<{ line: number, text: string }[] | null>}
 */
export async function fetchHeard(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? (await answer.json()).results : null;
  } catch {
    return null;
  }
}

/**
 * Lines as they are now; none when the server is not reached.
 * @param {string} address
 * @param {number[]} indexes
 * @returns {Promise<HTMLElement[]>}
 */
export async function fetchLines(address, indexes) {
  try {
    const answer = await fetch(`${address}?at=${indexes.join(",")}`, { redirect: "error" });
    if (!answer.ok) {
      return [];
    }
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [...parsed.querySelectorAll("span.cue")].filter((one) => one instanceof HTMLElement);
  } catch {
    return [];
  }
}

/**
 * Who speaks on each line; none when the server is not reached.
 * @param {string} address
 * @returns {Promise<string[]>}
 */
export async function fetchSpeakers(address) {
  try {
    const answer = await fetch(address, { redirect: "error", headers: { Accept: "application/json" } });
    /** @type {{ names: string[], lines: number[] }} */
    const { names, lines } = await answer.json();
    return lines.map((number) => names[number]);
  } catch {
    return [];
  }
}
