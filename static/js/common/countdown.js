// Times that run: `data-countdown` holds the seconds left, `data-elapsed` the seconds gone, each when the server wrote
// the page. Counted from then by the browser's own steady clock, so a wrong wall clock does no harm. `data-words` is the
// sentence with %(time)s in it, `data-over` what is said when a countdown has ended.
const _ = (words) => globalThis.gettext?.(words) ?? words;
const fill = (words, values) => words.replace(/%\((\w+)\)s/g, (_match, name) => values[name] ?? "");
const started = new WeakMap();
const over = new WeakSet();

/** Seconds as a clock would say them: `40 s`, `5 min 3 s`, `23 h 59 min`. */
export function timeText(seconds) {
  if (seconds < 60) {
    return fill(_("%(seconds)s s"), { seconds });
  }
  if (seconds < 3600) {
    return fill(_("%(minutes)s min %(seconds)s s"), { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
  }
  return fill(_("%(hours)s h %(minutes)s min"), {
    hours: Math.floor(seconds / 3600),
    minutes: Math.floor(seconds / 60) % 60,
  });
}

function secondsSince(element) {
  if (!started.has(element)) {
    started.set(element, performance.now());
  }
  return (performance.now() - started.get(element)) / 1000;
}

function say(element, words) {
  if (element.textContent !== words) {
    element.textContent = words;
  }
}

function tick() {
  for (const element of document.querySelectorAll("[data-elapsed]")) {
    const gone = Math.floor(Number(element.dataset.elapsed) + secondsSince(element));
    say(element, fill(element.dataset.words, { time: timeText(gone) }));
  }
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = Math.ceil(Number(element.dataset.countdown) - secondsSince(element));
    if (left > 0) {
      say(element, fill(element.dataset.words, { time: timeText(left) }));
    } else if (!over.has(element)) {
      over.add(element);
      say(element, element.dataset.over);
      element.dispatchEvent(new CustomEvent("time-over", { bubbles: true }));
      document.body.dispatchEvent(new CustomEvent("exports-changed"));
    }
  }
}

let running = 0;

/** Start the clock; a second call changes nothing. */
export function startCountdowns() {
  running ||= setInterval(tick, 1000);
  tick();
}
