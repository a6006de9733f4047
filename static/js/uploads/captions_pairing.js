// Which captions file belongs to which video, when both are chosen or dropped together.

const CAPTIONS = /\.(srt|vtt|ass|ssa|sbv|sub|smi|ttml|dfxp|itt|json|json3|srv1|srv2|srv3|xml|txt|lrc|tsv|csv)$/i;
// What players and tools put between a video's name and the ending, beside languages: `talk.en.forced.srt`.
const ROLES = new Set(["forced", "sdh", "cc", "auto", "orig", "captions", "subtitles", "transcript"]);

/** @param {Pick<File, "name">} file */
export function isCaptions(file) {
  return CAPTIONS.test(file.name);
}

/** @param {string} name */
function stem(name) {
  return name
    .replace(/\.[^.]+$/, "")
    .normalize("NFC")
    .toLowerCase();
}

/**
 * Whether what follows a video's name says nothing but languages and roles: `.pt-br`, `_ko`, `.en.sdh`.
 * @param {string} rest in lower case
 */
function areTags(rest) {
  const tags = rest.split(/[._]/);
  return tags.length > 1 && tags.shift() === "" && tags.every((tag) => ROLES.has(tag) || isLanguage(tag));
}

/** @param {string} tag */
function isLanguage(tag) {
  try {
    return Boolean(new Intl.DisplayNames("en", { type: "language", fallback: "none" }).of(tag));
  } catch {
    return false; // no language tag by its form
  }
}

/**
 * Pair files by name. A captions file is paired when its name fits one video only, and that video has no better one.
 * @template {Pick<File, "name">} T
 * @param {Iterable<T>} files
 * @returns {{ videos: { file: T, captions: T | null }[], unpaired: T[] }} `unpaired` are captions whose video is not known
 */
export function pairCaptions(files) {
  const all = [...files];
  /** @type {{ file: T, captions: T | null }[]} */
  const videos = all.filter((file) => !isCaptions(file)).map((file) => ({ file, captions: null }));
  const exact = (/** @type {string} */ name, /** @type {string} */ video) => name === video;
  const tagged = (/** @type {string} */ name, /** @type {string} */ video) =>
    name.startsWith(video) && areTags(name.slice(video.length));
  let unpaired = all.filter(isCaptions);
  for (const fits of [exact, tagged]) {
    unpaired = unpaired.filter((captions) => {
      const fitting = videos.filter(({ file }) => fits(stem(captions.name), stem(file.name)));
      if (fitting.length !== 1 || fitting[0].captions) {
        return true;
      }
      fitting[0].captions = captions;
      return false;
    });
  }
  return { videos, unpaired };
}
