// Development only: one state at a time, in any theme, language and text size, at a moment that does not pass.
// Invariant: what is shown depends on the wish alone, so that two pictures of the same wish are the same.

import { mount, tick, unmount } from "svelte";
import App from "../App.svelte";
import type { CommandName } from "../generated/CommandName";
import type { Outcome } from "../generated/Outcome";
import type { Bridge } from "../ipc";
import { preferences, type Appearance, type TextSize } from "../preferences.svelte";
import NoBridge from "../screens/NoBridge.svelte";
import { Till } from "../till.svelte";
import { catalogues, languages, type Language } from "../words";
import { demoAccounts, instant } from "./fixtures";
import { pseudo } from "./pseudo";
import { connectionReport, shows, type Show } from "./shows";

/** Longer, accented words, and the same in a layout from right to left: by the names that Unicode gives them. */
const pseudoLanguages = { "en-XA": async () => pseudo("ltr"), "ar-XB": async () => pseudo("rtl") };
Object.assign(catalogues, pseudoLanguages);

export type Wish = { theme?: string; lang?: string; text?: string };

let shown: Record<string, unknown> | null = null;

export const gallery = {
  names: Object.keys(shows),
  languages: [...languages, ...Object.keys(pseudoLanguages)],

  /** Shows a state; resolves once it is painted and what it opens is open. */
  async show(name: string, wish: Wish): Promise<void> {
    const show = shows[name];
    if (!show) throw new Error(`no such state; there are: ${Object.keys(shows).join(", ")}`);
    Date.now = () => instant;
    if (shown !== null) await unmount(shown);
    document.body.replaceChildren();
    preferences.language = (wish.lang ?? "en") as Language;
    preferences.appearance = (wish.theme ?? "light") as Appearance;
    preferences.textSize = (wish.text ?? "100") as TextSize;
    await preferences.start();
    const till = new Till(bridgeTo(show));
    shown = show.noBridge ? mount(NoBridge, { target: document.body }) : mount(App, { target: document.body, props: { till } });
    const told = till.start();
    if (show.snapshot !== null) await told;
    if (show.leaving) till.leaving = show.leaving;
    if (show.trouble) till.report(show.trouble);
    await document.fonts.ready;
    // A part of the page of its own, drawn once it is read.
    if (show.snapshot?.screen.name === "board") await import("../screens/Board.svelte").then(tick);
    if (show.type) await type(...show.type);
    for (const id of show.press ?? []) await press(id);
    if (show.late) await new Promise((done) => setTimeout(done, 600));
    await gallery.settle();
  },

  /** What is on its way on the screen has arrived, and is painted. What turns for ever stands still. */
  async settle(): Promise<void> {
    await tick();
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getTiming().iterations === Infinity) {
        animation.currentTime = 0;
        animation.pause();
      } else animation.finish();
    }
    await new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
  },
};

/** Presses what carries this test id, as a keyboard would: at no place on the screen. */
async function press(id: string): Promise<void> {
  await tick();
  const target = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!target) throw new Error(`nothing to press: ${id}`);
  target.focus();
  target.click();
  await tick();
}

/** Types into the field that carries this test id. */
async function type(id: string, text: string): Promise<void> {
  await tick();
  const field = document.querySelector<HTMLInputElement>(`[data-testid="${id}"]`);
  if (!field) throw new Error(`nothing to type into: ${id}`);
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await tick();
}

/** A till that tells its one state and does nothing; a late one never answers what is asked. */
function bridgeTo(show: Show): Bridge {
  const answer =
    <T>(value: T) =>
    (): Promise<T> =>
      show.late ? new Promise(() => {}) : Promise.resolve(value);
  const nothing = answer(undefined);
  const { snapshot } = show;
  const outcomeOf = (name: CommandName): Outcome => {
    if (name === "open-drawer") return { name: "drawer", printed: { result: "handed-over" } };
    if (name === "test-connection") return { name: "checked", report: show.report ?? connectionReport };
    return { name: "done" };
  };
  const told: Partial<Bridge> = {
    snapshot: () => (snapshot === null ? new Promise(() => {}) : Promise.resolve(snapshot)),
    onSnapshot: async () => {},
    press: ({ name }) => answer(show.answers?.[name] ?? { outcome: outcomeOf(name), fault: null })(),
    onDrawer: async () => {},
    programVersion: async () => ({ installed: "1.4.0", newer: show.newer ?? null }),
    onVersion: async () => {},
    onCloseAsked: async () => {},
    isFullScreen: answer(false),
    printReport: answer({ result: "not-printed", why: "paper-out" } as const),
    screenSettings: async () => ({ full_screen: false, lock_after_minutes: 0 }),
    saveReportPdf: answer({ path: "/home/till/Downloads/Z REG-1 127.pdf", fault: null }),
    settings: async () => show.settings ?? { locale: null, managed: [], prints_receipts: false },
    demoAccounts: async () => (show.demo ? demoAccounts : []),
  };
  return new Proxy(told, { get: (bridge, name) => bridge[name as keyof Bridge] ?? nothing }) as Bridge;
}
