// Every sentence that scripts say, through Django's catalogue, and how times and sizes are read.
const _ = (words) => globalThis.gettext?.(words) ?? words;
const fill = (words, values) => words.replace(/%\((\w+)\)s/g, (_match, name) => values[name] ?? "");
// By this name makemessages finds the sentences.
const ngettext = (one, many, count) => fill(globalThis.ngettext?.(one, many, count) ?? (count === 1 ? one : many), { count });

export const text = {
  copied: () => _("The link is copied."),
  linkCopied: (time) => fill(_("A link to %(time)s is copied."), { time }),
  notCopied: () => _("The browser did not let us copy. Copy the address from the bar instead."),
  noConnection: () => _("The server does not answer. Check the connection and try again."),
  waiting: () => _("Waiting"),
  paused: (percent) => fill(_("Paused at %(percent)s%"), { percent }),
  sending: (sent, all, speed, left) => fill(_("%(sent)s of %(all)s · %(speed)s/s · %(left)s left"), { sent, all, speed, left }),
  starting: () => _("Starting"),
  checking: () => _("Checking the file"),
  retrying: () => _("The connection is lost. Trying again by itself."),
  accepted: () => _("Uploaded. Processing has begun."),
  openVideo: () => _("Open"),
  refused: () => _("The server refused this file."),
  uploadsGoing: (count) => ngettext("%(count)s upload", "%(count)s uploads", count),
  uploadsDone: () => _("Uploads are done"),
  uploadsFailed: (count) => ngettext("%(count)s upload failed", "%(count)s uploads failed", count),
  uploadsStopped: (count) => ngettext("%(count)s upload was interrupted", "%(count)s uploads were interrupted", count),
  chooseAgain: () => _("Interrupted. Choose the same file again to go on where it stopped."),
  uploadFiles: (count) => ngettext("Upload %(count)s file", "Upload %(count)s files", count),
  dropHere: () => _("Drop to upload"),
  found: (now, all) => fill(_("%(now)s of %(all)s"), { now, all }),
  foundNone: () => _("Not found"),
  scene: (number) => fill(_("Scene %(number)s"), { number }),
  play: () => _("Play"),
  pause: () => _("Pause"),
  mute: () => _("Mute"),
  unmute: () => _("Unmute"),
  cannotPlay: () => _("This browser cannot play the file's format. Shorts made from it will play everywhere."),
  timeOf: (now, all) => fill(_("%(now)s of %(all)s"), { now, all }),
};

const two = (number) => String(number).padStart(2, "0");

/** Seconds as a position: `4:12`, `1:02:07`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Bytes as `12.4 MB`. */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/** Seconds left as people say them: `40 s`, `5 min`, `2 h 10 min`. */
export function left(seconds) {
  if (!Number.isFinite(seconds)) {
    return "…";
  }
  if (seconds < 60) {
    return fill(_("%(count)s s"), { count: Math.max(1, Math.round(seconds)) });
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return fill(_("%(count)s min"), { count: minutes });
  }
  return fill(_("%(hours)s h %(minutes)s min"), { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
