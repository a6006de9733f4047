// One file in the uploads tray: its name, its bar, what is happening to it, and its buttons.
import { copyOf, find } from "../common/dom.js";
import { remaining, size } from "../common/format.js";
import { text } from "../common/messages.js";

const WINDOW_MS = 6000; // speed is what was sent in this last stretch
const EVERY_MS = 250;

export class UploadRow {
  #element;
  /** @type {[number, number][]} moments in ms and the bytes sent by then */
  #samples = [];
  #shownAt = 0;

  /**
   * @param {HTMLElement} tray
   * @param {string} name of the file
   * @param {{ pause?: () => void, resume?: () => void, cancel?: () => void }} actions of its buttons
   */
  constructor(tray, name, { pause, resume, cancel }) {
    this.#element = copyOf(find(tray, "template", HTMLTemplateElement));
    this.#find("[data-name]").textContent = name;
    this.#find("[data-name]").title = name;
    this.#find("[data-pause]").addEventListener("click", () => pause?.());
    this.#find("[data-resume]").addEventListener("click", () => resume?.());
    this.#find("[data-cancel]").addEventListener("click", () => cancel?.());
    this.say(text.waiting());
    this.#find("[data-pause]").hidden = true;
    find(tray, "[data-rows]").append(this.#element);
    tray.hidden = false;
  }

  /** @param {string} words */
  say(words) {
    this.#find("[data-state]").textContent = words;
  }

  going() {
    this.#element.classList.remove("upload--failed");
    this.#buttons({ pause: true });
    this.#samples = [];
    this.#bar.classList.remove("progress--paused");
  }

  /**
   * @param {number} sent in bytes, of
   * @param {number} all
   */
  progress(sent, all) {
    const now = performance.now();
    this.#samples = [...this.#samples.filter(([at]) => now - at < WINDOW_MS), [now, sent]];
    if (now - this.#shownAt < EVERY_MS && sent < all) {
      return;
    }
    this.#shownAt = now;
    this.#bar.value = all ? (100 * sent) / all : 0;
    if (sent >= all) {
      this.say(text.checking());
      this.#buttons({});
      return;
    }
    const [[since, before]] = this.#samples;
    const speed = now > since ? ((sent - before) * 1000) / (now - since) : 0;
    const left = speed > 0 ? (all - sent) / speed : Infinity;
    this.say(text.sending(size(sent), size(all), size(speed), remaining(left)));
  }

  paused() {
    const bar = this.#bar;
    bar.classList.add("progress--paused");
    this.say(text.paused(Math.floor(bar.value)));
    this.#buttons({ resume: true });
  }

  /**
   * Left over from a tab that was closed: the file has to be chosen again.
   * @param {string} key under which the browser remembers it
   */
  stopped(key) {
    this.#element.dataset.stored = key;
    this.#bar.hidden = true;
    this.say(text.chooseAgain());
    this.#buttons({ resume: true });
  }

  /**
   * @param {string} address of the video's page
   * @param {() => void} opened is called once that page has been asked for
   */
  done(address, opened) {
    this.#element.classList.add("upload--done");
    const link = document.createElement("a");
    link.href = address;
    link.className = "button button--small";
    link.textContent = text.openVideo();
    this.#find(".upload__actions").replaceChildren(link);
    link.addEventListener("click", () => setTimeout(opened));
    htmx.process(link);
    this.say(text.accepted());
  }

  /**
   * `again` says that it can go on: the connection failed, and not the file.
   * @param {string} message
   */
  failed(message, { again = false } = {}) {
    this.#element.classList.add("upload--failed");
    this.#buttons({ resume: again });
    this.say(message);
  }

  remove() {
    this.#element.remove();
  }

  #buttons({ pause = false, resume = false }) {
    this.#find("[data-pause]").hidden = !pause;
    this.#find("[data-resume]").hidden = !resume;
  }

  get #bar() {
    return find(this.#element, "progress", HTMLProgressElement);
  }

  /** @param {string} selector */
  #find(selector) {
    return find(this.#element, selector);
  }
}
