// The library: choices apply at once. Only what was found is replaced, so typing goes on undisturbed.
const TYPING_MS = 300;

export function mount(element, signal) {
  const form = element.querySelector("[data-auto-submit]");
  if (!form) {
    return;
  }
  let timer = 0;
  form.addEventListener("change", (event) => event.target.name !== "q" && form.requestSubmit(), { signal });
  form.addEventListener(
    "input",
    (event) => {
      if (event.target.name === "q") {
        clearTimeout(timer);
        timer = setTimeout(() => form.isConnected && form.requestSubmit(), TYPING_MS);
      }
    },
    { signal },
  );
  // What was not chosen stays out of the address.
  form.addEventListener(
    "htmx:configRequest",
    ({ detail }) => {
      for (const name of ["q", "status", "sort"]) {
        if (!detail.parameters[name]) {
          delete detail.parameters[name];
        }
      }
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer));
}
