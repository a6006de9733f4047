// The search page: results while typing, the recent searches, and keys to go through the hits.
import { closest, find, findAll } from "../common/dom.js";
import { countFilters } from "../common/filter_count.js";
import { keyOf } from "../common/keys.js";
import { forgetSearches, recentSearches, rememberSearch } from "./recent_searches.js";

const TYPING_MS = 250;

/**
 * @param {HTMLElement} page
 * @param {AbortSignal} signal
 */
export function mount(page, signal) {
  const form = find(page, "[data-search-form]", HTMLFormElement);
  const box = find(form, "[data-search]", HTMLInputElement);
  let timer = 0;
  let isTyping = false;
  const submit = (/** @type {boolean} */ typing) => {
    clearTimeout(timer);
    isTyping = typing;
    if (form.isConnected) {
      form.requestSubmit();
    }
  };
  form.addEventListener("change", (event) => event.target !== box && submit(false), { signal });
  startFilters(form, signal);
  form.addEventListener(
    "input",
    (event) => {
      if (event.target === box) {
        clearTimeout(timer);
        timer = setTimeout(() => submit(true), TYPING_MS);
      }
    },
    { signal },
  );
  form.addEventListener(
    "htmx:configRequest",
    ({ detail }) => {
      if (isTyping) {
        detail.headers["Search-Typing"] = "1";
      }
      isTyping = false;
      for (const name of Object.keys(detail.parameters)) {
        if (!detail.parameters[name]) {
          delete detail.parameters[name]; // what was not chosen stays out of the address
        }
      }
    },
    { signal },
  );
  page.addEventListener("keydown", (event) => goThrough(page, box, event), { signal });
  // A search is remembered when it led somewhere: while it is being typed it is not one yet.
  page.addEventListener("click", (event) => closest(event, "[data-hit]") && rememberSearch(box.value), { signal });
  page.addEventListener("click", (event) => forget(page, event), { signal });
  document.addEventListener("htmx:afterSettle", () => showRecent(page), { signal });
  form.addEventListener("submit", () => clearTimeout(timer), { signal });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    // An answer that comes when the page is left already must not put its address over the next page's.
    form.dispatchEvent(new CustomEvent("htmx:abort"));
  });
  showRecent(page);
  if (box.value !== box.defaultValue) {
    submit(true); // typed before this script was there
  }
  if (!matchMedia("(pointer: coarse)").matches || !box.value) {
    box.focus({ preventScroll: true });
    box.setSelectionRange(box.value.length, box.value.length);
  }
}

/**
 * On a phone the filters are folded behind a button that says how many are set.
 * @param {HTMLElement} form
 * @param {AbortSignal} signal
 */
function startFilters(form, signal) {
  const fold = find(form, "[data-filter-fold]");
  const filters = find(form, "[data-filters]");
  const isOpen = () => fold.getAttribute("aria-expanded") === "true";
  fold.addEventListener("click", () => fold.setAttribute("aria-expanded", String(!isOpen())), { signal });
  filters.addEventListener("change", () => countFilters(filters, fold), { signal });
}

/**
 * The arrows go from hit to hit, Enter plays (it is a link), E exports. From the box, down leads to the first hit.
 * @param {HTMLElement} page
 * @param {HTMLInputElement} box
 * @param {KeyboardEvent} event
 */
function goThrough(page, box, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
    return;
  }
  const links = findAll(page, "[data-hit-play]", HTMLAnchorElement);
  const hit = closest(event, "[data-hit]");
  const at = hit ? links.findIndex((link) => hit.contains(link)) : -1;
  const inBox = event.target === box;
  if (keyOf(event) === "e" && hit && !event.shiftKey) {
    event.preventDefault();
    hit.querySelector("[data-hit-export]")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  } else if (event.key === "ArrowDown" && (hit || inBox) && links[at + 1]) {
    event.preventDefault();
    links[at + 1].focus();
  } else if (event.key === "ArrowUp" && hit) {
    event.preventDefault();
    (links[at - 1] ?? box).focus();
  }
}

/** @param {HTMLElement} page */
function showRecent(page) {
  const recent = page.querySelector("[data-recent]");
  const list = recent?.querySelector("[data-recent-list]");
  if (!(recent instanceof HTMLElement) || !list || list.childElementCount) {
    return;
  }
  const searches = recentSearches();
  recent.hidden = searches.length === 0;
  for (const words of searches) {
    const link = document.createElement("a");
    link.className = "tag";
    link.href = `${location.pathname}?q=${encodeURIComponent(words)}`;
    link.textContent = words;
    list.append(link);
  }
}

/**
 * @param {HTMLElement} page
 * @param {Event} event
 */
function forget(page, event) {
  if (closest(event, "[data-forget]")) {
    forgetSearches();
    find(page, "[data-recent]").hidden = true;
  }
}
