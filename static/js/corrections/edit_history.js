// What was done to words, lines, scenes and speakers on this page, to be undone and done again in order.

/**
 * @typedef {object} Edit
 * @property {string} id as the server has it
 * @property {() => void | Promise<boolean>} undo false when it could not be
 * @property {() => boolean | Promise<boolean>} redo does it again under the same id; false when it can no more
 */

export function makeEditHistory() {
  /** @type {Edit[]} */
  let undoable = [];
  /** @type {Edit[]} */
  let redoable = [];
  let turn = Promise.resolve();

  /** One after the other, however fast the keys are. @param {() => Promise<void>} act */
  const inTurn = (act) => (turn = turn.then(act, act));

  return {
    /** Something new was done: what had been undone before is no longer ahead. @param {Edit} edit */
    add(edit) {
      undoable.push(edit);
      redoable = [];
    },
    undo: () =>
      inTurn(async () => {
        const edit = undoable.pop();
        if (edit) {
          ((await edit.undo()) === false ? undoable : redoable).push(edit);
        }
      }),
    redo: () =>
      inTurn(async () => {
        const edit = redoable.pop();
        if (edit && (await edit.redo())) {
          undoable.push(edit);
        }
      }),
    /** One that is not there is neither undone nor done again. @param {string} id */
    drop(id) {
      undoable = undoable.filter((edit) => edit.id !== id);
      redoable = redoable.filter((edit) => edit.id !== id);
    },
  };
}
