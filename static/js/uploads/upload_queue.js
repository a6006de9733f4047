// The uploads tray: resumable uploads that go on while pages change. A file whose upload was cut off by closing the
// tab goes on where it stopped once the same file is chosen again.
import { UploadRow } from "./upload_row.js";
import { text } from "../common/messages.js";

const AT_ONCE = 2;
const CHUNK_BYTES = 16 * 1024 * 1024;
const RETRY_MS = [500, 1500, 4000, 8000, 15_000, 30_000];
const FINAL = new Set([400, 401, 403, 404, 410, 413, 415, 422, 507]);
const REFUSED = new Set([413, 415, 422]); // the file itself: sending it on would not help

const jobs = new Set();
let tray = null;

/** Send a file. `captions` is a File or null. The row in the tray says how it goes. */
export function upload(file, { title = "", language = "", captions = null } = {}) {
  if (!tray || typeof tus === "undefined") {
    return;
  }
  forgetStored(file);
  const job = { file, title, language, captions, state: "waiting", row: null, tus: null, page: "/" };
  job.row = new UploadRow(tray, file.name, {
    pause: () => pause(job),
    resume: () => resume(job),
    cancel: () => cancel(job),
  });
  jobs.add(job);
  job.tus = makeTus(job);
  next();
}

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
      const again = !FINAL.has(error.originalResponse?.getStatus());
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
      if (REFUSED.has(error.originalResponse?.getStatus())) {
        storedUploads(fingerprint(file)).forEach(({ key }) => localStorage.removeItem(key));
      }
      fail(job, messageOf(error), { again: !FINAL.has(error.originalResponse?.getStatus()) });
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

async function begin(job) {
  job.state = "going";
  job.row.say(text.starting());
  job.row.going();
  const before = await job.tus.findPreviousUploads();
  if (job.state === "going") {
    if (before.length) {
      job.tus.resumeFromPreviousUpload(before.at(-1));
    }
    job.tus.start();
  }
}

function pause(job) {
  job.state = "paused";
  job.tus.abort();
  job.row.paused();
  next();
}

// A failed one begins anew where the server's part of the file ends.
function resume(job) {
  if (job.state === "failed") {
    job.tus = makeTus(job);
    job.again = false;
  }
  job.state = "waiting";
  job.row.say(text.waiting());
  next();
}

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

function succeed(job) {
  job.state = "done";
  job.row.done(job.page, () => dismiss(job));
  next();
  showInLibrary();
}

// Only what was found is fetched anew, so that somebody who types a search there goes on undisturbed.
function showInLibrary() {
  if (location.pathname === "/") {
    const part = document.querySelector("[data-auto-submit]") ? "#found" : "#main";
    htmx.ajax("GET", location.href, { target: part, select: part, swap: "outerHTML" });
  }
}

function dismiss(job) {
  jobs.delete(job);
  job.row.remove();
  summarise();
}

function fail(job, message, { again = false } = {}) {
  if (job.state === "cancelled" || job.state === "failed") {
    return;
  }
  job.state = "failed";
  job.again = again;
  job.row.failed(message, { again });
  next();
}

// Captions go before the first byte: a file that cannot be read is refused before gigabytes are sent.
async function sendCaptions(job, url) {
  if (!job.captions || job.captionsSent) {
    return;
  }
  const body = new FormData();
  body.append("captions", job.captions);
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

const isOver = (job) => job.state === "done" || job.state === "failed";

function messageOf(error) {
  const response = error.originalResponse;
  if (!response || !response.getStatus()) {
    return text.noConnection();
  }
  try {
    return JSON.parse(response.getBody()).message ?? text.refused();
  } catch {
    return text.refused();
  }
}

function summarise() {
  const all = [...jobs];
  const open = all.filter((job) => ["waiting", "going", "paused"].includes(job.state));
  const failed = all.filter((job) => job.state === "failed");
  const words = open.length ? text.uploadsGoing(open.length) : failed.length ? text.uploadsFailed(failed.length) : text.uploadsDone();
  const stored = tray.querySelectorAll("[data-stored]").length;
  tray.querySelector("[data-summary]").textContent = !all.length && stored ? text.uploadsStopped(stored) : words;
  tray.querySelector("[data-dismiss]").disabled = !all.some(isOver);
  tray.hidden = !all.length && !stored;
}

// What a closed tab left unfinished is offered again.
function fingerprint(file) {
  return `${prefix()}${file.name}-${file.size}-${file.lastModified}`;
}

const prefix = () => `heimdex-${tray.dataset.user}-`;

function storedUploads(beginning = prefix()) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(`tus::${beginning}`))
      .map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
  } catch {
    return [];
  }
}

function offerStored() {
  for (const stored of storedUploads()) {
    const row = new UploadRow(tray, stored.metadata?.filename ?? "", {
      resume: () => chooseAgain(stored),
      cancel: () => {
        row.remove();
        localStorage.removeItem(stored.key);
        tus.Upload.terminate(stored.uploadUrl, {
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
  input.addEventListener("change", () => [...input.files].forEach((file) => upload(file)));
  input.click();
}

function forgetStored(file) {
  for (const row of tray.querySelectorAll("[data-stored]")) {
    if (row.dataset.stored.startsWith(`tus::${fingerprint(file)}`)) {
      row.remove();
    }
  }
}

// Over HTTPS the cookie carries the prefix by which browsers refuse one that was planted by a neighbouring host.
function csrfToken() {
  return cookie("__Host-csrftoken") || cookie("csrftoken");
}

function cookie(name) {
  return document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";
}

// Files can be dropped on any page; the upload page takes them into its list first.
function startDropping() {
  const veil = document.createElement("div");
  veil.className = "drop-veil";
  veil.textContent = text.dropHere();
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (by) => (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      depth = Math.max(0, depth + by);
      if (depth) {
        document.body.append(veil);
      } else {
        veil.remove();
      }
    }
  };
  document.addEventListener("dragenter", over(1));
  document.addEventListener("dragleave", over(-1));
  document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) {
      return;
    }
    event.preventDefault();
    depth = 0;
    veil.remove();
    const files = [...event.dataTransfer.files];
    const form = document.querySelector("[data-module=upload]");
    if (form) {
      form.dispatchEvent(new CustomEvent("files", { detail: files }));
    } else {
      files.forEach((file) => upload(file));
    }
  });
}

export function startUploads() {
  tray = document.getElementById("uploads");
  if (!tray || typeof tus === "undefined") {
    return;
  }
  tray.querySelector("[data-fold]").addEventListener("click", (event) => {
    const folded = tray.classList.toggle("tray--folded");
    event.currentTarget.setAttribute("aria-expanded", String(!folded));
  });
  tray.querySelector("[data-dismiss]").addEventListener("click", () => {
    [...jobs].filter(isOver).forEach(dismiss);
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...jobs].some((job) => ["going", "waiting"].includes(job.state))) {
      event.preventDefault();
    }
  });
  window.addEventListener("online", () => [...jobs].filter((job) => job.again).forEach(resume));
  startDropping();
  offerStored();
}
