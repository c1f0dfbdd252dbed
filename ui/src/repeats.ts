// Impatient hands. Invariant: a second tap or Enter that was meant for the screen or dialog before never acts on the
// next one.
// (A repeat on the same screen finds the till still waiting for the first, and does nothing.)

const soon = 400;
const near = 32;

type Press = { at: number; x: number; y: number; screen: number; dialog: Element | null };

/** Swallows repeats on `target` until `stop`; `newScreen` tells that another screen appeared. */
export function swallowRepeats(target: Document): { newScreen: () => void; stop: () => void } {
  const listening = new AbortController();
  const first = { capture: true, signal: listening.signal };
  let screen = 0;
  let tap: Press | null = null;
  let enter: Press | null = null;

  const dialog = () => target.querySelector("dialog[open]");
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const repeats = (last: Press | null, next: Press) =>
    last !== null &&
    (last.screen !== next.screen || last.dialog !== next.dialog) &&
    next.at - last.at < soon &&
    Math.hypot(next.x - last.x, next.y - last.y) < near;

  target.addEventListener(
    "click",
    (event) => {
      // A click without a pointer comes from the keyboard, which is judged at its keydown.
      if (event.detail === 0) return;
      const next = { at: event.timeStamp, x: event.clientX, y: event.clientY, screen, dialog: dialog() };
      if (repeats(tap, next)) swallow(event);
      else tap = next;
    },
    first,
  );
  target.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter") return;
      const next = { at: event.timeStamp, x: 0, y: 0, screen, dialog: dialog() };
      if (event.repeat || repeats(enter, next)) swallow(event);
      else enter = next;
    },
    first,
  );
  return { newScreen: () => (screen += 1), stop: () => listening.abort() };
}
