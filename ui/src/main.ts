// Starts the window. Invariant: whatever fails here or later, the window shows words, never nothing.

import { mount } from "svelte";
import App from "./App.svelte";
import NoBridge from "./screens/NoBridge.svelte";
import { tauriBridge, type Bridge } from "./ipc";
import { preferences } from "./preferences.svelte";
import { Till } from "./till.svelte";
import { en } from "./words/en";
import "./style/fonts.css";
import "./style/tokens.css";
import "./style/base.css";

async function open(bridge: Bridge | null): Promise<void> {
  await preferences.start();
  // The words that stand in the page itself were for a window whose script does not run.
  document.body.replaceChildren();
  if (bridge === null) {
    mount(NoBridge, { target: document.body });
    return;
  }
  const till = new Till(bridge);
  window.addEventListener("error", (event) => till.report(event.error ?? event.message));
  window.addEventListener("unhandledrejection", (event) => till.report(event.reason));
  mount(App, { target: document.body, props: { till } });
  await till.start();
}

const bridge = tauriBridge();
try {
  await open(bridge);
} catch (cause) {
  // Not even the frame could be drawn: plain words, without anything that may be what is broken.
  const { title, meaning, action } = en.general.trouble;
  document.body.textContent = [title, meaning, action, String(cause)].join(" · ");
  await bridge?.ready();
}
