// Nobody touches the till. Invariant: the time is measured by the clock, so that a computer that slept is idle when it
// wakes, before anybody could touch it.

/** Every way in which a person touches a till. */
const touches = ["pointerdown", "pointermove", "keydown", "wheel", "input"] as const;

/** Calls `idle` once nobody has touched the page for so long, and again after each further touch and pause. */
export function watchIdleness(page: Document, minutes: number, idle: () => void): { stop: () => void } {
  const listening = new AbortController();
  let touched: number | null = Date.now();
  const look = () => {
    if (touched === null || Date.now() - touched < minutes * 60_000) return;
    touched = null;
    idle();
  };
  const timer = setInterval(look, 1000);
  const touch = () => {
    // The touch that wakes a computer comes before its timers.
    look();
    touched = Date.now();
  };
  for (const kind of touches) page.addEventListener(kind, touch, { capture: true, passive: true, signal: listening.signal });
  page.addEventListener("visibilitychange", look, { signal: listening.signal });
  return {
    stop: () => {
      clearInterval(timer);
      listening.abort();
    },
  };
}
