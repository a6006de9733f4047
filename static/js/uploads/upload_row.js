// One file in the uploads tray: its name, its bar, what is happening to it, and its buttons.
import { left, size, text } from "../common/messages.js";

const WINDOW_MS = 6000; // speed is what was sent in this last stretch
const EVERY_MS = 250;

export class UploadRow {
  #element;
  #tray;
  #samples = [];
  #shownAt = 0;

  constructor(tray, name, { pause, resume, cancel }) {
    this.#tray = tray;
    this.#element = tray.querySelector("template").content.firstElementChild.cloneNode(true);
    this.#find("[data-name]").textContent = name;
    this.#find("[data-name]").title = name;
    this.#find("[data-pause]").addEventListener("click", () => pause?.());
    this.#find("[data-resume]").addEventListener("click", () => resume?.());
    this.#find("[data-cancel]").addEventListener("click", () => cancel?.());
    this.say(text.waiting());
    this.#find("[data-pause]").hidden = true;
    tray.querySelector("[data-rows]").append(this.#element);
    tray.hidden = false;
  }

  say(words) {
    this.#find("[data-state]").textContent = words;
  }

  going() {
    this.#element.classList.remove("upload--failed");
    this.#buttons({ pause: true });
    this.#samples = [];
    this.#find("progress").classList.remove("progress--paused");
  }

  progress(sent, all) {
    const now = performance.now();
    this.#samples = [...this.#samples.filter(([at]) => now - at < WINDOW_MS), [now, sent]];
    if (now - this.#shownAt < EVERY_MS && sent < all) {
      return;
    }
    this.#shownAt = now;
    this.#find("progress").value = all ? (100 * sent) / all : 0;
    if (sent >= all) {
      this.say(text.checking());
      this.#buttons({});
      return;
    }
    const [[since, before]] = this.#samples;
    const speed = now > since ? ((sent - before) * 1000) / (now - since) : 0;
    const remaining = speed > 0 ? (all - sent) / speed : Infinity;
    this.say(text.sending(size(sent), size(all), size(speed), left(remaining)));
  }

  paused() {
    const bar = this.#find("progress");
    bar.classList.add("progress--paused");
    this.say(text.paused(Math.floor(bar.value)));
    this.#buttons({ resume: true });
  }

  /** Left over from a tab that was closed: the file has to be chosen again. */
  stopped(key) {
    this.#element.dataset.stored = key;
    this.#find("progress").hidden = true;
    this.say(text.chooseAgain());
    this.#buttons({ resume: true });
  }

  /** `opened` is called once its page has been asked for. */
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

  /** `again` says that it can go on: the connection failed, and not the file. */
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

  #find(selector) {
    return this.#element.querySelector(selector);
  }
}
