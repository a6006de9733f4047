// An open dialog is a place in the browser's history: Back closes it and leaves the page as it is.
//
// Opening adds an entry with the page's own address, whose state says `dialog`. Closing in any other way than by Back
// takes that entry away again, so that one press of Back never does nothing.

import { pageShown } from "./page_memory.js";

const isOpen = () => document.querySelector("dialog[open]") !== null;

/** Whether the next step back is our own and leads to the page that is shown already. */
let isTidying = false;

export function startDialogHistory() {
  new MutationObserver(follow).observe(document.body, { subtree: true, attributeFilter: ["open"] });
  // Before htmx, which would load the page anew.
  window.addEventListener("popstate", goBack, { capture: true });
  // A link in a dialog leads away from the page: the dialog is over before the next page comes.
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.boosted && detail.elt instanceof HTMLAnchorElement) {
      closeAll();
    }
  });
}

function closeAll() {
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog instanceof HTMLDialogElement && dialog.close());
}

/** @param {MutationRecord[]} changes */
function follow(changes) {
  if (!changes.some(({ target }) => target instanceof HTMLDialogElement)) {
    return;
  }
  const isMarked = Boolean(history.state?.dialog);
  if (isOpen() && !isMarked) {
    history.pushState({ ...history.state, dialog: true }, "");
  } else if (!isOpen() && isMarked) {
    isTidying = true;
    history.back();
  }
}

/** @param {PopStateEvent} event */
function goBack(event) {
  if (isTidying) {
    isTidying = false;
    event.stopImmediatePropagation();
  } else if (isOpen()) {
    event.stopImmediatePropagation();
    closeAll();
  } else if (event.state?.dialog) {
    // Forward opens nothing again. Coming back from another page, the entry before this one is the page itself.
    event.stopImmediatePropagation();
    isTidying = pageShown() === location.pathname + location.search;
    history.back();
  }
}
