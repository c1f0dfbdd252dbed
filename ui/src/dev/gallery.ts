// Development only: `npm run dev`, then `?state=register-joined` shows that fixture.
// `&theme=dark`, `&lang=de` and `&text=200` set the preferences.

import type { Snapshot } from "../generated/Snapshot";
import type { Bridge } from "../ipc";
import { preferences, type Appearance, type TextSize } from "../preferences.svelte";
import type { Language } from "../words";
import { cash, demoAccounts, fault, instant, states as usual } from "./fixtures";

const states: Record<string, Snapshot> = { ...usual, "register-200": cash.long };

export function galleryBridge(): Bridge {
  const wish = new URLSearchParams(location.search);
  preferences.language = (wish.get("lang") as Language | null) ?? "en";
  preferences.appearance = (wish.get("theme") as Appearance | null) ?? "light";
  preferences.textSize = (wish.get("text") as TextSize | null) ?? "100";
  const named = states[wish.get("state") ?? "register"];
  if (!named) throw new Error(`no such state; there are: ${Object.keys(states).join(", ")}`);
  const snapshot = named;
  // The fixtures' moment is now.
  const began = Date.now();
  Date.now = () => instant + (performance.timeOrigin + performance.now() - began);
  const nothing = async () => {};
  const report = {
    checks: [
      { name: "settings" as const, made: true, fault: null },
      { name: "reach" as const, made: true, fault: null },
      { name: "key" as const, made: true, fault: fault("WRONG_KEY", "401 Invalid API key") },
      { name: "function" as const, made: false, fault: null },
    ],
  };
  return {
    snapshot: async () => snapshot,
    onSnapshot: nothing,
    demoAccounts: async () => (wish.has("demo") ? demoAccounts : []),
    testConnection: async () => report,
    saveConnection: async () => report,
    editConnection: nothing,
    signIn: nothing,
    signOut: nothing,
    chooseLocation: nothing,
    reloadRegisters: nothing,
    chooseRegister: nothing,
    changeRegister: nothing,
    startShift: nothing,
    cancelStart: nothing,
    goOn: nothing,
    leaveShift: nothing,
    checkNow: nothing,
    acknowledgeEnd: nothing,
    dismissFault: nothing,
    record: nothing,
    takeBack: nothing,
    recordAgain: nothing,
    dismissEntry: nothing,
    ready: nothing,
  };
}
