// A bridge that records what was asked, and answers when the test says so.

import { render } from "@testing-library/svelte";
import type { UserEvent } from "@testing-library/user-event";
import { vi, type Mock } from "vitest";
import App from "../src/App.svelte";
import type { ComputerSettings } from "../src/generated/ComputerSettings";
import type { DemoAccount } from "../src/generated/DemoAccount";
import type { Snapshot } from "../src/generated/Snapshot";
import type { Bridge } from "../src/ipc";
import { Till } from "../src/till.svelte";

export type FakeBridge = { [Name in keyof Bridge]: Mock<Bridge[Name]> };

const unmanaged: ComputerSettings = { locale: null, managed: [] };

export function fakeBridge(first: Snapshot, accounts: DemoAccount[] = [], settings = unmanaged): FakeBridge {
  const done = () => vi.fn(async () => {});
  const saved = async () => ({ path: "/downloads/Z 1.pdf", fault: null });
  const report = async () => ({ checks: [], lacks: [] });
  return {
    snapshot: vi.fn(async () => first),
    onSnapshot: vi.fn(async () => {}),
    demoAccounts: vi.fn(async () => accounts),
    settings: vi.fn(async () => settings),
    testConnection: vi.fn(report),
    saveConnection: vi.fn(report),
    editConnection: done(),
    signIn: done(),
    signOut: done(),
    lockScreen: done(),
    unlock: done(),
    screenSettings: vi.fn(async () => ({ full_screen: false, lock_after_minutes: 15 })),
    chooseLocation: done(),
    reloadRegisters: done(),
    chooseRegister: done(),
    changeRegister: done(),
    startShift: done(),
    cancelStart: done(),
    goOn: done(),
    leaveShift: done(),
    checkNow: done(),
    acknowledgeEnd: done(),
    dismissFault: done(),
    acknowledgeSetAside: done(),
    saveDiagnostics: vi.fn(async () => ({ path: null, fault: null })),
    record: done(),
    takeBack: done(),
    recordAgain: done(),
    dismissEntry: done(),
    startShiftCounted: done(),
    spotCount: done(),
    openChecklist: done(),
    beginCount: done(),
    keepTally: done(),
    commitCount: done(),
    countAgain: done(),
    closeShift: done(),
    settleUncounted: done(),
    endShift: done(),
    forceEnd: done(),
    countEnded: done(),
    stopClosing: done(),
    allowUnsent: done(),
    allowUnsentAs: done(),
    approveCount: done(),
    openBoard: done(),
    closeBoard: done(),
    readDay: done(),
    closeDay: done(),
    showXReport: done(),
    showZReport: done(),
    dismissReport: done(),
    printReport: vi.fn(async () => ({ result: "done" as const })),
    saveReportPdf: vi.fn(saved),
    saveReportCsv: vi.fn(saved),
    openDrawer: vi.fn(async () => ({ result: "handed-over" as const })),
    onDrawer: vi.fn(async () => {}),
    programVersion: vi.fn(async () => ({ installed: "0.1.0", newer: null })),
    onVersion: vi.fn(async () => {}),
    installUpdate: done(),
    onCloseAsked: vi.fn(async () => {}),
    closeTold: done(),
    quit: done(),
    isFullScreen: vi.fn(async () => false),
    setFullScreen: done(),
    ready: done(),
  };
}

/** The whole window on a first snapshot. */
export async function openWindow(first: Snapshot, accounts: DemoAccount[] = [], settings = unmanaged) {
  const bridge = fakeBridge(first, accounts, settings);
  const till = new Till(bridge);
  render(App, { till });
  await till.start();
  await vi.waitFor(() => {
    if (!document.querySelector(`main[data-screen="${first.screen.name}"]`)) throw new Error("the screen is not there yet");
  }, 10_000);
  return { bridge, till };
}

let place = 0;

/** A tap at a place of its own: where nothing is laid out, all others look like a finger that hits twice. */
export function tap(user: UserEvent, target: Element): Promise<void> {
  place += 100;
  return user.pointer({ keys: "[MouseLeft]", target, coords: { clientX: place, clientY: 0 } });
}
