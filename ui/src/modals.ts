// The browser keeps the stack of modal dialogs: each holds the focus, takes Escape and lies above what opened it.
// Invariant: only parts/Dialog.svelte opens one, and no screen acts on an Escape that closes one.

/** As browsers call the key, and as it is told to screen readers. */
export const escapeKey = "Escape";

/** A handler of the window's keys: acts on Escape where no dialog is open, to which it would belong. */
export function onEscape(act: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key === escapeKey && document.querySelector("dialog[open]") === null) act();
  };
}
