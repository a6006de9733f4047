// Elements by selector, with their types.

/**
 * The first element in `root` that the selector fits.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [type] HTMLElement when it is left out
 * @returns {T}
 * @throws {TypeError} when there is none of that type: template and script are out of step
 */
export function find(root, selector, type) {
  const element = root.querySelector(selector);
  if (!isA(element, type)) {
    throw new TypeError(`no ${type?.name ?? "element"} for ${selector}`);
  }
  return element;
}

/**
 * All elements in `root` that the selector fits and that have the type.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [type]
 * @returns {T[]}
 */
export function findAll(root, selector, type) {
  return [...root.querySelectorAll(selector)].filter((element) => isA(element, type));
}

/**
 * The element an event happened in, or the nearest around it, that the selector fits; null when there is none.
 * @template {Element} [T=HTMLElement]
 * @param {Event} event
 * @param {string} selector
 * @param {new () => T} [type]
 * @returns {T | null}
 */
export function closest(event, selector, type) {
  const element = event.target instanceof Element ? event.target.closest(selector) : null;
  return isA(element, type) ? element : null;
}

/**
 * @template {Element} [T=HTMLElement]
 * @param {Element | null} element
 * @param {new () => T} [type]
 * @returns {element is T}
 */
function isA(element, type) {
  return element instanceof (type ?? HTMLElement);
}

/**
 * A copy of what a `<template>` holds.
 * @param {HTMLTemplateElement} template
 * @returns {HTMLElement}
 */
export function copyOf(template) {
  const copy = template.content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) {
    throw new TypeError("an empty template");
  }
  return copy;
}
