// The uploads tray: resumable uploads that go on while pages change. A file whose upload was cut off by closing the
// tab goes on where it stopped once the same file is chosen again.
import { csrfToken } from "../common/csrf.js";
import { find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";
import { messageOf } from "../common/toasts.js";
import { UploadRow } from "./upload_row.js";

const AT_ONCE = 2;
const CHUNK_BYTES = 16 * 1024 * 1024;
const RETRY_MS = [500, 1500, 4000, 8000, 15_000, 30_000];
const FINAL = new Set([400, 401, 403, 404, 410, 413, 415, 422, 507]);
const REFUSED = new Set([413, 415, 422]); // the file itself: sending it on would not help

/** @typedef {"waiting" | "going" | "paused" | "done" | "failed" | "cancelled"} State */

class Job {
  /** @type {State} */
  state = "waiting";
  page = "/"; // of the video, as soon as the server has named it
  again = false; // whether it failed in a way after which it can go on
  captionsSent = false;

  /**
   * @param {File} file
   * @param {{ title: string, language: string, captions: File | null, encoding: string }} options
   */
  constructor(file, { title, language, captions, encoding }) {
    this.file = file;
    this.title = title;
    this.language = language;
    this.captions = captions;
    this.encoding = encoding; // of the captions; "" to have it detected
    this.row = new UploadRow(tray, file.name, {
      pause: () => pause(this),
      resume: () => resume(this),
      cancel: () => cancel(this),
    });
    this.tus = makeTus(this);
  }
}

/** @type {Set<Job>} */
const jobs = new Set();
/** @type {HTMLElement} set at the start, where there is one */
let tray;

const isReady = () => Boolean(tray) && typeof tus !== "undefined";

/**
 * Send a file; the row in the tray says how it goes.
 * @param {File} file
 * @param {{ title?: string, language?: string, captions?: File | null, encoding?: string }} [options]
 */
export function upload(file, { title = "", language = "", captions = null, encoding = "" } = {}) {
  if (!isReady()) {
    return;
  }
  forgetStored(file);
  jobs.add(new Job(file, { title, language, captions, encoding }));
  next();
}

/** @param {Job} job */
function makeTus(job) {
  const { file } = job;
  return new tus.Upload(file, {
    endpoint: tray.dataset.endpoint,
    chunkSize: CHUNK_BYTES,
    retryDelays: RETRY_MS,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name, title: job.title, language: job.language, filetype: file.type },
    fingerprint: async () => fingerprint(file),
    onBeforeRequest: async (request) => {
      request.setHeader("X-CSRFToken", csrfToken());
      if (request.getMethod() === "PATCH") {
        await sendCaptions(job, request.getURL());
      }
    },
    onShouldRetry: (error) => {
      const again = !FINAL.has(statusOf(error));
      if (again) {
        job.row.say(text.retrying());
      }
      return again;
    },
    onAfterResponse: (_request, response) => {
      job.page = response.getHeader("Upload-Video") || job.page;
    },
    onProgress: (sent, all) => job.row.progress(sent, all),
    onSuccess: () => succeed(job),
    onError: (error) => {
      if (REFUSED.has(statusOf(error))) {
        storedUploads(fingerprint(file)).forEach(({ key }) => localStorage.removeItem(key));
      }
      fail(job, sentenceOf(error), { again: !FINAL.has(statusOf(error)) });
    },
  });
}

// Uploads begin in turn, so that the first is watched soon.
function next() {
  const going = [...jobs].filter((job) => job.state === "going").length;
  const waiting = [...jobs].filter((job) => job.state === "waiting");
  for (const job of waiting.slice(0, Math.max(0, AT_ONCE - going))) {
    begin(job);
  }
  summarise();
}

/** @param {Job} job */
async function begin(job) {
  job.state = "going";
  job.row.say(text.starting());
  job.row.going();
  const before = await job.tus.findPreviousUploads();
  if (job.state === "going") {
    if (before.length) {
      job.tus.resumeFromPreviousUpload(before[before.length - 1]);
    }
    job.tus.start();
  }
}

/** @param {Job} job */
function pause(job) {
  job.state = "paused";
  job.tus.abort();
  job.row.paused();
  next();
}

/**
 * A failed one begins anew where the server's part of the file ends.
 * @param {Job} job
 */
function resume(job) {
  if (job.state === "failed") {
    job.tus = makeTus(job);
    job.again = false;
  }
  job.state = "waiting";
  job.row.say(text.waiting());
  next();
}

/** @param {Job} job */
async function cancel(job) {
  const { state } = job;
  jobs.delete(job);
  job.row.remove();
  job.state = "cancelled";
  if (state === "going" || state === "paused" || job.again) {
    await job.tus.abort(true).catch(() => {});
  }
  next();
}

/** @param {Job} job */
function succeed(job) {
  job.state = "done";
  job.row.done(job.page, () => dismiss(job));
  next();
  showInLibrary();
}

// Only what was found is fetched anew, so that typing into its search is not interrupted.
function showInLibrary() {
  if (location.pathname === "/") {
    const part = document.querySelector("[data-auto-submit]") ? "#found" : "#main";
    htmx.ajax("GET", location.href, { target: part, select: part, swap: "outerHTML" });
  }
}

/** @param {Job} job */
function dismiss(job) {
  jobs.delete(job);
  job.row.remove();
  summarise();
}

/**
 * @param {Job} job
 * @param {string} message
 */
function fail(job, message, { again = false } = {}) {
  if (job.state === "cancelled" || job.state === "failed") {
    return;
  }
  job.state = "failed";
  job.again = again;
  job.row.failed(message, { again });
  next();
}

/**
 * Captions go before the first byte: a file that cannot be read is refused before gigabytes are sent.
 * @param {Job} job
 * @param {string} url
 */
async function sendCaptions(job, url) {
  if (!job.captions || job.captionsSent) {
    return;
  }
  const body = new FormData();
  body.append("captions", job.captions);
  body.append("encoding", job.encoding);
  const answer = await fetch(`${url}/captions`, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": csrfToken() },
  });
  if (answer.ok) {
    job.captionsSent = true;
    return;
  }
  const { message } = await answer.json().catch(() => ({}));
  fail(job, message ?? text.refused());
  job.tus.abort(true).catch(() => {});
  throw new Error(message);
}

/** @param {Job} job */
const isOver = (job) => job.state === "done" || job.state === "failed";

/** @param {tus.DetailedError} error */
const statusOf = (error) => error.originalResponse?.getStatus() ?? 0;

/** @param {tus.DetailedError} error */
function sentenceOf(error) {
  if (!statusOf(error)) {
    return text.noConnection();
  }
  return messageOf(error.originalResponse?.getBody() ?? "") ?? text.refused();
}

function summarise() {
  const all = [...jobs];
  const open = all.filter((job) => ["waiting", "going", "paused"].includes(job.state));
  const failed = all.filter((job) => job.state === "failed");
  const words = open.length ? text.uploadsGoing(open.length) : failed.length ? text.uploadsFailed(failed.length) : text.uploadsDone();
  const stored = tray.querySelectorAll("[data-stored]").length;
  find(tray, "[data-summary]").textContent = !all.length && stored ? text.uploadsStopped(stored) : words;
  find(tray, "[data-dismiss]", HTMLButtonElement).disabled = !all.some(isOver);
  tray.hidden = !all.length && !stored;
}

/**
 * The name under which a closed tab's unfinished upload is found again.
 * @param {File} file
 */
function fingerprint(file) {
  return `${prefix()}${file.name}-${file.size}-${file.lastModified}`;
}

const prefix = () => `heimdex-${tray.dataset.user}-`;

/** @returns {(tus.PreviousUpload & { key: string })[]} */
function storedUploads(beginning = prefix()) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(`tus::${beginning}`))
      .map((key) => ({ key, ...JSON.parse(localStorage.getItem(key) ?? "{}") }));
  } catch {
    return [];
  }
}

// What a closed tab left unfinished is offered again.
function offerStored() {
  for (const stored of storedUploads()) {
    const row = new UploadRow(tray, stored.metadata?.filename ?? "", {
      resume: chooseAgain,
      cancel: () => {
        row.remove();
        localStorage.removeItem(stored.key);
        tus.Upload.terminate(stored.uploadUrl ?? "", {
          onBeforeRequest: (request) => request.setHeader("X-CSRFToken", csrfToken()),
        }).catch(() => {});
        summarise();
      },
    });
    row.stopped(stored.key);
  }
  summarise();
}

function chooseAgain() {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.addEventListener("change", () => [...(input.files ?? [])].forEach((file) => upload(file)));
  input.click();
}

/** @param {File} file */
function forgetStored(file) {
  for (const row of findAll(tray, "[data-stored]")) {
    if (row.dataset.stored?.startsWith(`tus::${fingerprint(file)}`)) {
      row.remove();
    }
  }
}

/** @returns {boolean} whether files can be uploaded from this page */
export function startUploads() {
  const element = document.getElementById("uploads");
  if (!element || typeof tus === "undefined") {
    return false;
  }
  tray = element;
  const fold = find(tray, "[data-fold]");
  fold.addEventListener("click", () => {
    fold.setAttribute("aria-expanded", String(!tray.classList.toggle("tray--folded")));
  });
  find(tray, "[data-dismiss]").addEventListener("click", () => {
    [...jobs].filter(isOver).forEach(dismiss);
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...jobs].some((job) => ["going", "waiting"].includes(job.state))) {
      event.preventDefault();
    }
  });
  window.addEventListener("online", () => [...jobs].filter((job) => job.again).forEach(resume));
  offerStored();
  return true;
}
