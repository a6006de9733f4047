// Captions and what else is drawn, in the export dialog: the preview is made by what draws the file itself, so it is
// asked for anew whenever a field about it has rested for a moment.
const WAIT_MS = 350;
const COLOURS = ["color", "accent", "edge"];

/** Keep the large preview as the form describes it; `range` gives the range in ms, or null when it makes no Short,
 * `framing` what is wished of its framing. */
export function startCaptionStyle(form, range, framing, signal) {
  const picture = form.querySelector("[data-look-preview]");
  let timer = 0;
  let wanted = "";
  let looks = 0; // how often it was found out who is in the picture: captions keep off faces

  function address() {
    const span = range();
    const fields = new FormData(form);
    const drawn = fields.get("captions") !== "off" || fields.get("hook") || fields.get("progress") === "yes" || fields.get("logo");
    if (!span || !drawn) {
      return "";
    }
    const asked = new URLSearchParams({ start_ms: span.start, end_ms: span.end, looks });
    for (const element of form.querySelector("[data-look]").querySelectorAll("[name]")) {
      const skipped = element.type === "file" || element.name.startsWith("preset_") || element.name === "back";
      const off = (element.type === "radio" || element.type === "checkbox") && !element.checked;
      if (!skipped && !off && element.value) {
        asked.set(element.name, element.value);
      }
    }
    if (framing()) {
      asked.set("framing", framing());
    }
    const page = picture.dataset.lookPreview.replace(`/${picture.dataset.strategy}.jpg`, `/${form.elements.strategy.value}.jpg`);
    return `${page}?${asked}`;
  }

  async function show() {
    const before = wanted;
    wanted = address();
    if (wanted && wanted === before) {
      return;
    }
    if (!wanted) {
      picture.hidden = true;
      picture.removeAttribute("src");
      return;
    }
    const loading = new Image();
    const asked = wanted;
    loading.src = asked;
    try {
      await loading.decode();
    } catch {
      wanted = asked === wanted ? "" : wanted; // asked again at the next change
      return; // a field is half typed, or too much was asked: what is shown stays
    }
    if (asked === wanted && !signal.aborted) {
      picture.src = asked;
      picture.hidden = false;
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT_MS);
  }

  // The colour fields show the chosen preset's own colours until somebody picks others; empty fields say what it has.
  function showColours() {
    const box = form.querySelector("[data-look]");
    const style = JSON.parse(box.dataset.styles)[new FormData(form).get("captions")] ?? {};
    if (style.color && !form.elements.own_colors.checked) {
      for (const name of COLOURS) {
        form.elements[name].value = style[name];
      }
    }
    if (style.progress_color && form.elements.progress.value !== "yes") {
      form.elements.progress_color.value = style.progress_color;
    }
    const says = {
      size: style.size,
      words: style.words === 0 ? box.dataset.sayFit : style.words,
      height: style.position === "custom" ? style.height : "",
      hook_s: style.hook_ms / 1000 || "",
      logo_opacity: style.logo_opacity,
    };
    for (const [name, words] of Object.entries(says)) {
      form.elements[name].placeholder = words ?? "";
    }
  }

  form.addEventListener(
    "input",
    (event) => {
      const { name } = event.target;
      if (COLOURS.includes(name)) {
        form.elements.own_colors.checked = true;
      }
      if (name === "progress_color") {
        form.elements.progress.value = "yes";
      }
      if (name === "captions" || name === "own_colors") {
        showColours();
      }
      soon();
    },
    { signal },
  );
  form.addEventListener(
    "htmx:afterSettle",
    () => {
      wanted = ""; // a preset of the same name may look otherwise now
      showColours();
      soon();
    },
    { signal },
  );
  form.addEventListener(
    "people-seen",
    () => {
      looks += 1;
      soon();
    },
    { signal },
  );
  form.addEventListener("framing-wished", soon, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  showColours();
  show();
}
