// Django's catalogue of translated sentences. makemessages finds the sentences by the names `_` and `ngettext`.

/** @param {string} words */
export const _ = (words) => globalThis.gettext?.(words) ?? words;

/**
 * The form of a sentence that goes with a number, with `%(count)s` filled in.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 */
export const ngettext = (one, many, count) =>
  fill(globalThis.ngettext?.(one, many, count) ?? (count === 1 ? one : many), { count });

/**
 * A sentence with its `%(name)s` filled in.
 * @param {string} words
 * @param {Record<string, string | number>} values
 */
export const fill = (words, values) => words.replace(/%\((\w+)\)s/g, (_match, name) => String(values[name] ?? ""));
