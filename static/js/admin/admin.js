// What the admin's theme needs under a policy without eval and inline styles. Its expressions are read by the build of
// Alpine in static/unfold, whose parser knows no globals, no arrow functions and no statements.
"use strict";

htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.includeIndicatorStyles = false; // css/admin.css has them

// The few globals that expressions in the theme's templates use.
const GLOBALS = {
  localStorage: {
    getItem: (/** @type {string} */ key) => localStorage.getItem(key),
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => localStorage.setItem(key, value),
  },
  window: { location: { pathname: location.pathname, search: location.search } },
  getCurrentTab: () => getCurrentTab(),
  moveRecords: (/** @type {Event} */ event) => moveRecords(event),
  sortRecords: (/** @type {Event} */ event) => sortRecords(event),
  /** @param {HTMLInputElement} input */
  pressEscape(input) {
    if (input.value === "") {
      input.blur();
    } else {
      input.value = "";
    }
  },
};

/**
 * Expressions that the parser cannot read, as ones it can: attribute, what to find, what to put there.
 * @type {[string, RegExp, string][]}
 */
const REWRITTEN = [
  ["x-init", /\$watch\('sidebarDesktopOpen'[^;]*;/, ""],
  ["x-bind:style", /^'width: ' \+ (\w+) \+ 'px'$/, "{ width: $1 + 'px' }"],
  ["x-on:keydown.escape.prevent", /; if \(\$refs\.searchInput\.value.*$/, "; pressEscape($refs.searchInput)"],
  ["x-on:keydown.enter.prevent", /^if \(!\$event\.metaKey && !\$event\.ctrlKey\) (.*)$/, "!$event.metaKey && !$event.ctrlKey && $1"],
];

document.addEventListener("alpine:init", () => {
  Alpine.data("theme", (/** @type {string} */ chosen) => ({ ...theme(chosen), ...GLOBALS }));
  Alpine.data("searchForm", searchForm);
  Alpine.data("searchDropdown", searchDropdown);
  Alpine.data("searchCommand", searchCommand);
  for (const [attribute, found, put] of REWRITTEN) {
    for (const element of document.querySelectorAll(`[${CSS.escape(attribute)}]`)) {
      element.setAttribute(attribute, (element.getAttribute(attribute) ?? "").trim().replace(found, put));
    }
  }
});

// In place of the watcher that was taken out above.
document.addEventListener("alpine:initialized", () => {
  const page = Alpine.$data(document.body);
  Alpine.effect(() => localStorage.setItem("sidebarDesktopOpen", page.sidebarDesktopOpen ? "1" : "0"));
});

// The help of Django's filtered lists is a sign whose words are a label: a picture, for those who do not see it. The
// signs are made by another listener of this event, which runs after this one.
window.addEventListener("load", () =>
  setTimeout(() => {
    for (const sign of document.querySelectorAll(".help-tooltip")) {
      sign.setAttribute("role", "img");
    }
  }),
);
