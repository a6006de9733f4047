// The clips that were opened on this page: what each keeps and how it is framed as it is edited, undo and redo, and saving
// each change against the version it is based on. What is not with the server yet is kept in the browser, also of a closed clip.

/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {{ id: string, version: number, ranges: Span[] }} ClipState */
/** @typedef {{ ranges?: Span[], [option: string]: unknown }} Fields ranges, and options in the API's fields */
/** @typedef {{ before: Fields, after: Fields }} Edit */
/** @typedef {"saved" | "saving" | "offline" | "signed out"} SaveState */
/**
 * @typedef {ClipState & { options: Fields, saved: Span[], unsaved: Fields, base: Fields, undo: Edit[], redo: Edit[], state: SaveState }} OpenClip
 *   `options`: what is known of them here; `base`: what the server had where something is unsaved
 */
/** @typedef {{ version: number, ranges: Span[], [option: string]: unknown }} ServerClip */
/** @typedef {{ version: number, fields: Fields, base: Fields }} Kept what is unsaved of a clip */
/** @typedef {{ status: number, clip: ServerClip | null, message: string }} Saved status 0: not reached */

/**
 * @param {object} parts
 * @param {(change: { id: string, version: number } & Fields) => Promise<Saved>} parts.send
 * @param {{ read: (id: string) => Kept | null, write: (id: string, kept: Kept) => void }} parts.store
 *   what survives a reload, by clip
 * @param {() => void} parts.show draws the open clip, or that none is open
 * @param {(clip: OpenClip, names: string[]) => void} [parts.done] these fields are with the server
 * @param {(event: "changed elsewhere" | "refused" | "waits", message: string) => void} parts.tell
 * @param {(act: () => void) => void} parts.later runs something after a while, to try again
 */
export function makeClipEditor({ send, store, show, done = () => {}, tell, later }) {
  /** @type {Map<string, OpenClip>} */
  const clips = new Map();
  /** @type {OpenClip | null} */
  let open = null;
  let isSending = false;

  /** @param {OpenClip} clip */
  const keep = (clip) => store.write(clip.id, { version: clip.version, fields: clip.unsaved, base: clip.base });

  /**
   * @param {OpenClip} clip
   * @param {Fields} fields
   * @param {Fields} before
   */
  function put(clip, { ranges, ...options }, before) {
    clip.base = { ...before, ...clip.base };
    clip.ranges = ranges ?? clip.ranges;
    Object.assign(clip.options, options);
    Object.assign(clip.unsaved, ranges ? { ranges } : {}, options);
    keep(clip);
    show();
    save();
  }

  async function save() {
    const clip = [...clips.values()].find(isUnsaved);
    if (!clip || isSending) {
      return;
    }
    isSending = true;
    clip.state = clip.state === "saved" ? "saving" : clip.state;
    show();
    const sent = { ...clip.unsaved };
    const answer = await send({ id: clip.id, version: clip.version, ...sent });
    isSending = false;
    if (isForLater(answer.status)) {
      clip.state = answer.status === 401 || answer.status === 403 ? "signed out" : "offline";
      show();
      later(save);
      return;
    }
    settle(clip, sent, answer);
    keep(clip);
    show();
    save(); // what was changed meanwhile, here or of another clip
  }

  /**
   * @param {OpenClip} clip
   * @param {Fields} sent
   * @param {Saved} answer
   */
  function settle(clip, sent, { status, clip: now, message }) {
    clip.state = "saved";
    const names = Object.keys(sent);
    if (now && status === 409 && !same(clip.base, {}) && names.every((name) => same(now[name] ?? {}, clip.base[name] ?? {}))) {
      accept(clip, now); // only other things were changed elsewhere: it is sent again, on top of them
      done(clip, Object.keys(now));
    } else if (now && (status < 400 || same(pick(now, names), sent))) {
      clip.unsaved = Object.fromEntries(Object.entries(clip.unsaved).filter(([name, value]) => !same(value, sent[name])));
      clip.base = pick({ ...clip.base, ...sent }, Object.keys(clip.unsaved));
      accept(clip, now);
      done(clip, names);
    } else if (now) {
      const mine = { ...sent, ...clip.unsaved };
      [clip.unsaved, clip.base] = [{}, {}];
      clip.redo.push({ before: pick(now, Object.keys(mine)), after: mine }); // one's own state is a redo away
      accept(clip, now);
      done(clip, names);
      tell("changed elsewhere", message);
    } else {
      [clip.unsaved, clip.base] = [{}, {}];
      clip.options = {};
      clip.ranges = clip.saved;
      done(clip, names);
      tell("refused", message);
    }
  }

  /** Take over what the server has, but for what is not saved yet. @param {OpenClip} clip @param {ServerClip} now */
  function accept(clip, now) {
    clip.version = now.version;
    clip.saved = now.ranges;
    clip.ranges = clip.unsaved.ranges ?? now.ranges;
    clip.options = { ...pick(now, ["title", ...Object.keys(clip.options)]), ...clip.unsaved };
    delete clip.options.ranges;
  }

  /** @param {ClipState} clip @returns {OpenClip} */
  function added({ id, version, ranges }) {
    const kept = store.read(id);
    const unsaved = kept?.fields ?? {};
    const { ranges: own, ...options } = unsaved;
    /** @type {OpenClip} */
    const clip = { id, version: kept?.version ?? version, ranges: own ?? ranges, options, saved: ranges, unsaved, base: kept?.base ?? {}, undo: [], redo: [], state: "saved" };
    clips.set(id, clip);
    return clip;
  }

  /** @param {OpenClip} clip @param {ClipState} said */
  function renew(clip, { version, ranges }) {
    if (!isUnsaved(clip) && version > clip.version) {
      Object.assign(clip, { version, ranges, saved: ranges, options: {} });
    }
  }

  return {
    current: () => open,
    isUnsaved: () => [...clips.values()].some(isUnsaved),
    /** Open a clip. Of one that was open before, undo and redo go on. @param {ClipState} clip */
    open(clip) {
      open = clips.get(clip.id) ?? added(clip);
      renew(open, clip);
      show();
      save();
    },
    close() {
      if (open && open.state !== "saved" && open.state !== "saving") {
        tell("waits", "");
      }
      open = null;
      show();
    },
    /** Send what an earlier visit could not. @param {ClipState[]} all the clips of the page */
    resume(all) {
      all.filter(({ id }) => !clips.has(id) && store.read(id)).forEach(added);
      save();
    },
    /** What the server's list says of the open clip. Edits that are not saved yet stay. @param {ClipState} clip */
    take(clip) {
      if (open) {
        renew(open, clip);
      }
      show();
    },
    /**
     * Change the open clip.
     * @param {Fields} after
     * @param {Fields} [shown] options as they were, where the page was told them
     */
    change(after, shown = {}) {
      if (open) {
        const before = pick({ ...shown, ...open.options, ranges: open.ranges }, Object.keys(after));
        if (!same(before, after)) {
          open.undo.push({ before, after });
          open.redo = [];
          put(open, after, before);
        }
      }
    },
    undo() {
      const edit = open?.undo.pop();
      if (open && edit) {
        open.redo.push(edit);
        put(open, edit.before, edit.after);
      }
    },
    redo() {
      const edit = open?.redo.pop();
      if (open && edit) {
        open.undo.push(edit);
        put(open, edit.after, edit.before);
      }
    },
  };
}

/** @param {OpenClip} clip */
const isUnsaved = ({ unsaved }) => Object.keys(unsaved).length > 0;

/** The server was not reached, is overloaded, or wants the person to sign in again. @param {number} status */
const isForLater = (status) => status === 0 || status === 401 || status === 403 || status === 429 || status >= 500;

/**
 * @param {Fields} fields
 * @param {string[]} names
 * @returns {Fields}
 */
const pick = (fields, names) => Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]));

/**
 * @param {unknown} one
 * @param {unknown} other
 */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
