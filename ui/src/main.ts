// Starts the window. Invariant: whatever fails here or later, the window shows words, never nothing.

import { mount } from "svelte";
import App from "./App.svelte";
import NoBridge from "./screens/NoBridge.svelte";
import { tauriBridge } from "./ipc";
import { preferences } from "./preferences.svelte";
import { Till } from "./till.svelte";
import "./style/fonts.css";
import "./style/tokens.css";
import "./style/base.css";

async function open(): Promise<void> {
  preferences.start();
  const bridge = tauriBridge() ?? (import.meta.env.DEV ? (await import("./dev/gallery")).galleryBridge() : null);
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

void open();
