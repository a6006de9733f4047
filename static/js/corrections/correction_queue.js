// Corrections on their way to the server: one at a time, in order, kept in the browser until the server has them.

/** @typedef {{ kind: "correct", id: string, line: number, start: number, was: string, text: string }} Correct */
/** @typedef {{ kind: "undo", id: string, line: number, lines: number[] }} Undo of one correction or of several in one step */
/** @typedef {Correct | Undo} Step */
/** @typedef {{ status: number, message: string }} Answer status 0 when nothing was reached */
/** @typedef {"saved" | "saving" | "offline" | "signed out"} QueueState */

/**
 * @param {object} parts
 * @param {(step: Step) => Promise<Answer>} parts.send
 * @param {{ read: () => Step[], write: (steps: Step[]) => void }} parts.store what survives a reload
 * @param {(act: () => void) => void} parts.later runs something after a while, to try again
 * @param {(step: Step) => void} parts.done the server has it
 * @param {(step: Step, message: string) => void} parts.refused the server will never take it
 * @param {(state: QueueState) => void} parts.tell
 */
export function makeCorrectionQueue({ send, store, later, done, refused, tell }) {
  let isSending = false;

  /** @param {Step} step */
  function add(step) {
    store.write([...store.read(), step]);
    run();
  }

  async function run() {
    const [step] = store.read();
    if (!step || isSending) {
      return;
    }
    isSending = true;
    tell("saving");
    const answer = await send(step);
    isSending = false;
    if (isForLater(answer.status)) {
      tell(answer.status === 401 || answer.status === 403 ? "signed out" : "offline");
      later(run);
      return;
    }
    store.write(store.read().filter((one) => !isSame(one, step)));
    tell(store.read().length ? "saving" : "saved");
    if (answer.status < 400 || (step.kind === "undo" && answer.status === 404)) {
      done(step);
    } else {
      refused(step, answer.message);
    }
    run();
  }

  return {
    add,
    /** Send what an earlier visit left, or what waits for the connection. */
    run,
    /** Whether everything is with the server. */
    isEmpty: () => !isSending && !store.read().length,
    /** Whether a step for this line waits. @param {number} line */
    waitsFor: (line) => store.read().some((step) => step.line === line),
  };
}

/** The server was not reached, is overloaded, or wants the person to sign in again. @param {number} status */
const isForLater = (status) => status === 0 || status === 401 || status === 403 || status === 429 || status >= 500;

/**
 * @param {Step} one
 * @param {Step} other
 */
const isSame = (one, other) => one.kind === other.kind && one.id === other.id;

/**
 * Steps in the browser's storage; in memory where that is not allowed or full.
 * @param {string} name
 * @returns {{ read: () => Step[], write: (steps: Step[]) => void }}
 */
export function storedSteps(name) {
  /** @type {Step[] | null} */
  let inMemory = null;
  return {
    read() {
      if (inMemory) {
        return inMemory;
      }
      try {
        const kept = JSON.parse(localStorage.getItem(name) ?? "[]");
        return Array.isArray(kept) ? kept : [];
      } catch {
        return [];
      }
    },
    write(steps) {
      try {
        if (steps.length) {
          localStorage.setItem(name, JSON.stringify(steps));
        } else {
          localStorage.removeItem(name);
        }
        inMemory = null;
      } catch {
        inMemory = steps;
      }
    },
  };
}
