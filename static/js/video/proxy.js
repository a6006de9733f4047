// A small copy of a video that this browser cannot play: it is played as soon as it has been made.

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {AbortSignal} parts.signal
 */
export function startProxy({ page, video, signal }) {
  document.addEventListener(
    "htmx:afterSettle",
    () => {
      const line = page.querySelector("[data-proxy]");
      const isInTrouble = Boolean(video.error) || (video.readyState >= HTMLMediaElement.HAVE_METADATA && !video.videoWidth);
      if (line instanceof HTMLElement && line.dataset.proxy && isInTrouble) {
        video.dataset.origin = "0"; // a proxy's clock starts at the first picture
        video.src = line.dataset.proxy;
      }
    },
    { signal },
  );
}
