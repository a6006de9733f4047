// Places in the text of a cue, which lies in several text nodes where some of its words are doubtful.

/**
 * The text nodes of an element, in order.
 * @param {Node} element
 * @returns {Text[]}
 */
function textNodes(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) {
    nodes.push(/** @type {Text} */ (walker.currentNode));
  }
  return nodes;
}

/**
 * Which of some lengths one behind the other holds an offset, and where in it. At a border it is the end of the one
 * before for the end of a range, and the start of the next one otherwise; past the last it is its end.
 * @param {number[]} lengths at least one
 * @param {number} offset
 * @param {boolean} isEnd
 * @returns {[at: number, inside: number]}
 */
export function placeIn(lengths, offset, isEnd) {
  let rest = offset;
  for (let at = 0; at < lengths.length - 1; at += 1) {
    if (rest < lengths[at] || (isEnd && rest === lengths[at])) {
      return [at, rest];
    }
    rest -= lengths[at];
  }
  return [lengths.length - 1, Math.min(rest, lengths[lengths.length - 1])];
}

/**
 * A part of a cue's text as a range; null when the cue has no text.
 * @param {Element} cue
 * @param {number} start
 * @param {number} end
 * @returns {StaticRange | null}
 */
export function rangeInCue(cue, start, end) {
  const nodes = textNodes(cue);
  if (!nodes.length) {
    return null;
  }
  const lengths = nodes.map((node) => node.length);
  const [first, startOffset] = placeIn(lengths, start, false);
  const [last, endOffset] = placeIn(lengths, end, true);
  return new StaticRange({ startContainer: nodes[first], startOffset, endContainer: nodes[last], endOffset });
}

/**
 * Put a part of a cue's text into new elements, one in each text node that it touches.
 * @param {Element} cue
 * @param {number} start
 * @param {number} end
 * @param {() => HTMLElement} make
 */
export function wrapInCue(cue, start, end, make) {
  let at = 0;
  for (const node of textNodes(cue)) {
    const [from, to] = [Math.max(start - at, 0), Math.min(end - at, node.length)];
    at += node.length;
    if (from < to) {
      const part = from ? node.splitText(from) : node;
      if (to - from < part.length) {
        part.splitText(to - from);
      }
      const element = make();
      element.dataset.run = "";
      part.replaceWith(element);
      element.append(part);
    }
  }
}

/**
 * Take away what `wrapInCue` put around a cue's text.
 * @param {Element} cue
 * @returns {boolean} whether there was anything
 */
export function unwrapRuns(cue) {
  const runs = cue.querySelectorAll("[data-run]");
  for (const run of runs) {
    run.replaceWith(...run.childNodes);
  }
  cue.normalize();
  return runs.length > 0;
}

/**
 * The offset in a cue's text at which an element in it begins.
 * @param {Element} cue
 * @param {Element} inside
 */
export function startInCue(cue, inside) {
  const before = document.createRange();
  before.setStart(cue, 0);
  before.setEndBefore(inside);
  return before.toString().length;
}

/**
 * The offset in a cue's text of a place in one of its text nodes.
 * @param {Element} cue
 * @param {Node} node
 * @param {number} offset in the node
 * @returns {number}
 */
export function offsetInCue(cue, node, offset) {
  let before = 0;
  for (const one of textNodes(cue)) {
    if (one === node) {
      return before + offset;
    }
    before += one.length;
  }
  return offset;
}
