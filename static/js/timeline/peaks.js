// The waveform of a video: the highest level of every 20 ms, as mediakit/asr/waveform.py packs it. A pyramid of maxima
// makes it as quick to draw three hours as one word.

export const PEAK_MS = 20;
const PER_LEVEL = 4; // values of one level that are one of the next

/** @typedef {{ levels: Uint8Array[] }} Peaks values from 0 to 15 */

/**
 * @param {Uint8Array} packed two values a byte
 * @returns {Peaks}
 */
export function readPeaks(packed) {
  const first = new Uint8Array(packed.length * 2);
  packed.forEach((byte, at) => {
    first[2 * at] = byte >> 4;
    first[2 * at + 1] = byte & 15;
  });
  const levels = [first];
  for (let below = first; below.length > PER_LEVEL; below = levels[levels.length - 1]) {
    const above = new Uint8Array(Math.ceil(below.length / PER_LEVEL));
    below.forEach((value, at) => {
      const place = Math.floor(at / PER_LEVEL);
      above[place] = Math.max(above[place], value);
    });
    levels.push(above);
  }
  return { levels };
}

/**
 * The highest value of each of some columns that share a stretch of time.
 * @param {Peaks} peaks
 * @param {number} start in ms
 * @param {number} end
 * @param {number} columns
 * @returns {Uint8Array}
 */
export function columnPeaks({ levels }, start, end, columns) {
  const found = new Uint8Array(columns);
  const width = (end - start) / columns / PEAK_MS; // values of the lowest level in a column
  const level = Math.max(0, Math.min(levels.length - 1, Math.floor(Math.log(Math.max(1, width)) / Math.log(PER_LEVEL))));
  const values = levels[level];
  const each = PEAK_MS * PER_LEVEL ** level;
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor((start + ((end - start) * column) / columns) / each);
    const to = Math.max(from + 1, Math.ceil((start + ((end - start) * (column + 1)) / columns) / each));
    for (let at = Math.max(0, from); at < to && at < values.length; at += 1) {
      found[column] = Math.max(found[column], values[at]);
    }
  }
  return found;
}
