// Runs before the first paint, so that a remembered theme never flashes. A classic script on purpose.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") {
      document.documentElement.dataset.theme = theme;
    }
  } catch {
    // Storage is closed to us: the system's theme it is.
  }
})();
