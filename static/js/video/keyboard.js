// Keys of the transcript page. None of them acts while something is being typed or a dialog is open.

export function startKeyboard({ page, player, video, scenes, seek, find, transcript, signal }) {
  const press = (selector) => player.querySelector(selector)?.click();
  const sceneStep = (by) => {
    const ms = video.currentTime * 1000;
    const here = scenes.findLastIndex((scene) => scene.start <= ms);
    // Going back shortly after a scene has begun means the one before it.
    const back = by < 0 && ms - scenes[here].start > 3000 ? 0 : by;
    const scene = scenes[Math.min(scenes.length - 1, Math.max(0, here + back))];
    seek(scene.start / 1000);
    transcript.reveal();
  };
  const actions = {
    " ": () => press("[data-play]"),
    k: () => press("[data-play]"),
    j: () => seek(video.currentTime - 10),
    l: () => seek(video.currentTime + 10),
    ArrowLeft: () => seek(video.currentTime - 5),
    ArrowRight: () => seek(video.currentTime + 5),
    n: () => sceneStep(1),
    p: () => sceneStep(-1),
    m: () => press("[data-mute]"),
    c: () => press("[data-captions]"),
    f: () => press("[data-fullscreen]"),
    e: () => page.querySelector(".scene--now a[data-export]")?.click(),
    "/": () => find.focus(),
    "?": () => document.getElementById("keys-dialog").showModal(),
  };
  document.addEventListener(
    "keydown",
    (event) => {
      const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!action || isBusy(event)) {
        return;
      }
      event.preventDefault();
      action();
    },
    { signal },
  );
}

function isBusy(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
    return true;
  }
  const { target } = event;
  if (target.matches("input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable]")) {
    return true;
  }
  return event.key === " " && target.matches("button, a, summary, input");
}
