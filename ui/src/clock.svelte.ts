// The time that ages and durations are told by: one ticking clock, running only while a screen reads it.

import { createSubscriber } from "svelte/reactivity";

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});

/** Device time in milliseconds; a component that reads it is brought up to date every second. */
export function now(): number {
  subscribe();
  return Date.now();
}
