// The main job by openapi-fetch with the types of openapi-typescript: `main_job.js URL TOKEN VIDEO CAPTIONS TARGET`.
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";

import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

type Export = components["schemas"]["Export"];
type Video = components["schemas"]["Video"];

const [url, token, videoFile, captionsFile, target] = process.argv.slice(2) as [string, string, string, string, string];
const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

/** The data of an answer that must not be an error. */
async function ok<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) {
    throw new Error(JSON.stringify(error));
  }
  return data;
}

/** The answer of `ask` once it has ended. */
async function finished<T extends Export | Video>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 900; tries += 1) {
    const found = await ask();
    if (!["PENDING", "PROCESSING", "pending", "processing"].includes(found.status)) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("it did not end");
}

const form = new FormData();
form.append("file", new Blob([await readFile(videoFile)]), "talk.mp4");
form.append("captions", new Blob([await readFile(captionsFile)]), "talk.srt");
form.append("language", "en");
const made = await ok(
  api.POST("/v1/videos", {
    params: { header: { "Idempotency-Key": "typescript" } },
    body: { file: "talk.mp4", title: "", language: "en", encoding: "" },
    bodySerializer: () => form,
  }),
);
const video_id = made.id;
const video = await finished(() => ok(api.GET("/v1/videos/{video_id}", { params: { path: { video_id } } })));
if (video.status !== "READY") {
  throw new Error(JSON.stringify(video));
}
const details = await ok(api.GET("/v1/videos/{video_id}/details", { params: { path: { video_id } } }));
const scene = details.scenes[0];
if (scene === undefined) {
  throw new Error("no scene");
}
const asked = await ok(
  api.POST("/v1/scenes/{scene_id}/export-short", {
    params: { path: { scene_id: scene.id } },
    body: {
      aspect_ratio_strategy: "blur",
      output_quality: "medium",
      reduce_noise: false,
      start_s: 1.5,
      end_s: 4.5,
    },
  }),
);
const export_id = asked.export_id;
const done = await finished(() => ok(api.GET("/v1/exports/{export_id}", { params: { path: { export_id } } })));
if (done.status !== "completed" || done.download_url === null) {
  throw new Error(JSON.stringify(done));
}
const file = await fetch(done.download_url);
await writeFile(target, Buffer.from(await file.arrayBuffer()));
const { error } = await api.GET("/v1/videos/{video_id}", { params: { path: { video_id: "nothing" } } });
if (error?.error_code !== "VIDEO_NOT_FOUND") {
  throw new Error(JSON.stringify(error));
}
