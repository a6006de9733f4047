// Moments relative to now, with the exact one in the reader's own zone on hover.
const STEPS = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
];

/** "3 hours ago"; a date once it is more than a week away. */
function relative(date, language) {
  const seconds = (date - Date.now()) / 1000;
  const far = Math.abs(seconds);
  if (far > 7 * 86_400) {
    return date.toLocaleDateString(language, { year: "numeric", month: "short", day: "numeric" });
  }
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (far < 45) {
    return format.format(0, "second");
  }
  const [unit, length] = STEPS.findLast(([, step]) => far >= step * 0.75) ?? STEPS[0];
  return format.format(Math.round(seconds / length), unit);
}

export function showTimes() {
  const language = document.documentElement.lang;
  for (const element of document.querySelectorAll("time[data-time]")) {
    const date = new Date(element.dateTime);
    element.title = date.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
    element.textContent = relative(date, language);
  }
}
