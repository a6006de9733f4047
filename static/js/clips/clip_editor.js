// The open clip: its ranges as they are edited, undo and redo, and saving each change against the version it is based on.

/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {{ id: string, version: number, ranges: Span[] }} ClipState */
/** @typedef {"saved" | "saving" | "offline"} SaveState */
/** @typedef {ClipState & { saved: Span[], undo: Span[][], redo: Span[][], state: SaveState }} OpenClip */
/** @typedef {{ status: number, clip: { version: number, ranges: Span[] } | null, message: string }} Saved status 0: not reached */

/**
 * @param {object} parts
 * @param {(clip: ClipState) => Promise<Saved>} parts.send
 * @param {() => void} parts.show draws the open clip, or that none is open
 * @param {(event: "changed elsewhere" | "refused", message: string) => void} parts.tell
 * @param {(act: () => void) => void} parts.later runs something after a while, to try again
 */
export function makeClipEditor({ send, show, tell, later }) {
  /** @type {OpenClip | null} */
  let open = null;
  let isSending = false;

  /** @param {Span[]} ranges */
  function put(ranges) {
    if (open) {
      open.ranges = ranges;
      show();
      save();
    }
  }

  async function save() {
    const clip = open;
    if (!clip || isSending || same(clip.ranges, clip.saved)) {
      return;
    }
    isSending = true;
    clip.state = clip.state === "offline" ? "offline" : "saving";
    show();
    const sent = clip.ranges;
    const answer = await send({ id: clip.id, version: clip.version, ranges: sent });
    isSending = false;
    settle(clip, sent, answer);
    show();
    if (clip === open && clip.state === "offline") {
      later(save);
    } else {
      save(); // what was changed meanwhile
    }
  }

  /**
   * @param {OpenClip} clip
   * @param {Span[]} sent
   * @param {Saved} answer
   */
  function settle(clip, sent, { status, clip: now, message }) {
    if (status === 0 || status >= 500) {
      clip.state = "offline";
      return;
    }
    clip.state = "saved";
    if (status === 409 && now) {
      clip.redo.push(clip.ranges); // one's own state is a redo away
      [clip.version, clip.ranges, clip.saved] = [now.version, now.ranges, now.ranges];
      tell("changed elsewhere", message);
    } else if (now) {
      [clip.version, clip.saved] = [now.version, sent];
      if (same(clip.ranges, sent)) {
        clip.ranges = clip.saved = now.ranges;
      }
    } else {
      clip.ranges = clip.saved;
      tell("refused", message);
    }
  }

  return {
    current: () => open,
    isUnsaved: () => Boolean(open && !same(open.ranges, open.saved)),
    /** @param {ClipState} clip */
    open(clip) {
      open = { ...clip, saved: clip.ranges, undo: [], redo: [], state: "saved" };
      show();
    },
    close() {
      open = null;
      show();
    },
    /** What the server's list says of the open clip. Edits that are not saved yet stay. @param {ClipState} clip */
    take({ version, ranges }) {
      if (open && !isSending && same(open.ranges, open.saved) && version >= open.version) {
        [open.version, open.ranges, open.saved] = [version, ranges, ranges];
      }
      show();
    },
    /** @param {Span[]} ranges */
    change(ranges) {
      if (open && !same(ranges, open.ranges)) {
        open.undo.push(open.ranges);
        open.redo = [];
        put(ranges);
      }
    },
    undo() {
      const before = open?.undo.pop();
      if (open && before) {
        open.redo.push(open.ranges);
        put(before);
      }
    },
    redo() {
      const after = open?.redo.pop();
      if (open && after) {
        open.undo.push(open.ranges);
        put(after);
      }
    },
  };
}

/**
 * @param {Span[]} one
 * @param {Span[]} other
 */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
