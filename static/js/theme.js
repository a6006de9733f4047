// Runs before the first paint, so that a remembered theme never flashes and what only a browser without scripts needs is
// never seen. A classic script on purpose.
(() => {
  const root = document.documentElement;
  root.dataset.scripts = "";
  addEventListener("load", () => root.dataset.scripts !== "run" && delete root.dataset.scripts); // the others did not come
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") {
      root.dataset.theme = theme;
    }
  } catch {
    // Storage is closed to us: the system's theme it is.
  }
})();
