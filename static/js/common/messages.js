// Every sentence that scripts say, through Django's catalogue.
import { _, fill, ngettext } from "./i18n.js";

export const text = {
  openClipToChange: () => _("Open a clip to change its framing and captions here."),
  stagePlanning: () => _("Looking for people. Until then the middle is shown."),
  wholePicture: () => _("This shot shows the whole picture, or is not framed by Smart: there is nothing to move."),
  copied: () => _("The link is copied."),
  /** @param {string} time */
  linkCopied: (time) => fill(_("A link to %(time)s is copied."), { time }),
  notCopied: () => _("The browser did not let us copy. Copy the address from the bar instead."),
  noConnection: () => _("The server does not answer. Check the connection and try again."),
  waiting: () => _("Waiting"),
  /** @param {number} percent */
  paused: (percent) => fill(_("Paused at %(percent)s%"), { percent }),
  /**
   * @param {string} sent
   * @param {string} all
   * @param {string} speed
   * @param {string} left
   */
  sending: (sent, all, speed, left) => fill(_("%(sent)s of %(all)s · %(speed)s/s · %(left)s left"), { sent, all, speed, left }),
  starting: () => _("Starting"),
  checking: () => _("Checking the file"),
  retrying: () => _("The connection is lost. Trying again by itself."),
  accepted: () => _("Uploaded. Search finds its words as soon as they are there."),
  openVideo: () => _("Open"),
  refused: () => _("The server refused this file."),
  /** @param {number} count */
  uploadsGoing: (count) => ngettext("%(count)s upload", "%(count)s uploads", count),
  uploadsDone: () => _("Uploads are done"),
  /** @param {number} count */
  uploadsFailed: (count) => ngettext("%(count)s upload failed", "%(count)s uploads failed", count),
  /** @param {number} count */
  uploadsStopped: (count) => ngettext("%(count)s upload was interrupted", "%(count)s uploads were interrupted", count),
  chooseAgain: () => _("Interrupted. Choose the same file again to go on where it stopped."),
  /** @param {number} count */
  uploadFiles: (count) => ngettext("Upload %(count)s file", "Upload %(count)s files", count),
  dropHere: () => _("Drop to upload"),
  chooseVideo: () => _("Choose the video"),
  addVideoToo: () => _("Add the video, too"),
  /**
   * @param {number} now
   * @param {number} all
   */
  found: (now, all) => fill(_("%(now)s of %(all)s"), { now, all }),
  /** @param {number} count */
  exportShorts: (count) =>
    count ? ngettext("Export %(count)s Short", "Export %(count)s Shorts", count) : _("Export the selected"),
  /**
   * @param {number} count
   * @param {number} free
   */
  fewerShorts: (count, free) =>
    fill(_("These are %(count)s Shorts, and %(free)s can be made now. Choose fewer."), { count, free }),
  /** @param {number} count */
  tickedFirst: (count) =>
    count
      ? ngettext("The first %(count)s: there is no place for more.", "The first %(count)s: there is no place for more.", count)
      : _("There is no place for more."),
  /** @param {number} count */
  atMost: (count) => ngettext("At most %(count)s at once", "At most %(count)s at once", count),
  /** @param {number} count */
  selected: (count) => ngettext("%(count)s selected", "%(count)s selected", count),
  foundNone: () => _("Not found"),
  /** @param {number} number */
  exportScene: (number) => fill(_("Export scene %(number)s to a Short"), { number }),
  /** @param {number} number */
  scene: (number) => fill(_("Scene %(number)s"), { number }),
  play: () => _("Play"),
  pause: () => _("Pause"),
  mute: () => _("Mute"),
  unmute: () => _("Unmute"),
  cannotPlay: () => _("This browser cannot play the file's format. Shorts made from it will play everywhere."),
  soundOnly: () => _("This browser plays the sound but cannot show the picture of this format. Shorts made from it will play everywhere."),
  /**
   * @param {string} now
   * @param {string} all
   */
  timeOf: (now, all) => fill(_("%(now)s of %(all)s"), { now, all }),
  /**
   * @param {number} count
   * @param {string} length
   */
  wordsSelected: (count, length) => `${ngettext("%(count)s word", "%(count)s words", count)} · ${length}`,
  /** @param {number} seconds */
  clipTooShort: (seconds) => fill(_("A clip is at least %(seconds)s s long."), { seconds }),
  /** @param {number} seconds */
  clipTooLong: (seconds) => fill(_("A clip is at most %(seconds)s s long: strike something out."), { seconds }),
  clipTooMany: () => _("A clip has at most 200 parts: restore something between them."),
  /** @param {number} seconds */
  longForClaims: (seconds) => fill(_("Over %(seconds)s s, YouTube blocks Shorts with any Content ID claim."), { seconds }),
  /** @param {string} title */
  clipMade: (title) => fill(_("“%(title)s” is a clip now."), { title }),
  wordsCopied: () => _("The words are copied with their time."),
  wordsNotCopied: () => _("The browser did not let us copy."),
  notSaved: () => _("The change could not be saved."),
  signedOut: () => _("You are signed out. What you typed is kept in this browser and is sent once you sign in again."),
  notSavedYet: () => _("Not saved yet: the server does not answer. Trying again by itself."),
  /** @param {number} count */
  leftOut: (count) => (count ? ngettext("%(count)s part struck out", "%(count)s parts struck out", count) : ""),
  /** @param {string} length */
  pauseOf: (length) => fill(_("Pause of %(length)s"), { length }),
  /** @param {string} what */
  hearCut: (what) => fill(_("Hear it without: %(what)s"), { what }),
  cutOut: () => _("Cut"),
  putBack: () => _("Put back"),
  /** @param {string} length */
  cutAll: (length) => fill(_("Cut all: %(length)s shorter"), { length }),
  allCut: () => _("All are cut"),
  nothingToTighten: () => _("Nothing that could go was found."),
  noJoin: () => _("Nothing is struck out, so there is no join."),
  endBeforeStart: () => _("The end must be after the start."),
  /** @param {string} words */
  correctWords: (words) => fill(_("Correct “%(words)s”"), { words }),
  /**
   * @param {string} was
   * @param {string} now
   */
  corrected: (was, now) => fill(_("“%(was)s” is “%(now)s” now."), { was, now }),
  /** @param {string} was */
  leftOutOfText: (was) => fill(_("“%(was)s” is no longer in the text."), { was }),
  /**
   * @param {string} why
   * @param {string} typed
   */
  correctionRefused: (why, typed) => fill(_("%(why)s You wrote: “%(typed)s”"), { why, typed }),
  /** @param {number} count */
  sceneCount: (count) => ngettext("%(count)s scene", "%(count)s scenes", count),
  nothingCorrected: () => _("No word was corrected: this is what was heard."),
  stageNotReady: () => _("Shots and people are still being looked for. It plays as soon as they are known."),
  stageNotPlayed: () => _("This browser cannot play it here. The picture above is as the Short will be."),
  bordersChanged: () => _("Done. Captions, search and downloads follow."),
  otherWordsThere: () => _("That cannot be done again: other words are there now."),
  noSceneBefore: () => _("There is no scene before this one."),
  correctOneLine: () => _("Choose words of one line."),
  undo: () => _("Undo"),
  timeLike: () => _("Write a time like 4:12.380, 1:02:07.5 or 252.38."),
};
