// The shared dialog that htmx fills, and dialogs of a page opened with commandfor / command="show-modal".

function open(dialog) {
  if (!dialog.open) {
    dialog.showModal();
  }
}

// A menu closes when one of its items opens a dialog; the focus then goes back to the menu's button.
function returnFocusToMenu(opener, dialog) {
  const summary = opener.closest("details.menu")?.querySelector("summary");
  dialog?.addEventListener("close", () => setTimeout(() => document.activeElement === document.body && summary?.focus()), { once: true });
}

// What opened the dialog may be replaced while it is open (a chip whose export went on): the focus then goes to what
// stands in its place under the same id, as soon as that is there.
function returnFocus(dialog, id) {
  const giveBack = () => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (lost && !dialog.open) {
      document.getElementById(id)?.focus();
    }
  };
  setTimeout(giveBack);
  document.addEventListener("htmx:afterSettle", giveBack, { once: true });
}

export function startDialogs() {
  const shared = document.getElementById("dialog");
  let opener = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "dialog") {
      opener = event.detail.elt.id;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "dialog" && shared.childElementCount) {
      open(shared);
    }
  });
  shared.addEventListener("close", () => {
    shared.replaceChildren();
    document.body.dispatchEvent(new CustomEvent("exports-changed"));
    if (opener) {
      returnFocus(shared, opener);
    }
  });
  document.addEventListener("click", (event) => {
    const { target } = event;
    if (target.closest?.("[data-close]")) {
      target.closest("dialog")?.close();
    } else if (target instanceof HTMLDialogElement && outside(target, event)) {
      target.close();
    }
    const button = target.closest?.("[command='show-modal']");
    if (button) {
      const dialog = document.getElementById(button.getAttribute("commandfor"));
      returnFocusToMenu(button, dialog);
      if (!("command" in HTMLButtonElement.prototype)) {
        open(dialog);
      }
    }
  });
}

// A click on the backdrop is a click on the dialog outside its box.
function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside && event.detail > 0;
}
