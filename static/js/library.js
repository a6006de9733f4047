// The library: choices apply at once.
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
  // A search replaces the page under the cursor: it goes on where it was.
  const search = form.querySelector("input[name=q]");
  if (search.value && sessionStorage.getItem("searching")) {
    search.focus();
    search.setSelectionRange(search.value.length, search.value.length);
  }
  sessionStorage.removeItem("searching");
  form.addEventListener(
    "submit",
    () => document.activeElement === search && sessionStorage.setItem("searching", "yes"),
    { signal },
  );
}
