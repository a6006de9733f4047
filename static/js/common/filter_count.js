// How many filters of a panel are set, on its button.
import { find } from "./dom.js";

/**
 * @param {HTMLElement} fields that hold the filters
 * @param {ParentNode} button
 */
export function countFilters(fields, button) {
  const set = [...fields.querySelectorAll("input, select")].filter(
    (field) => (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) && field.value,
  );
  find(button, "[data-filter-count]").textContent = set.length ? String(set.length) : "";
}
