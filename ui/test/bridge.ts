// A bridge that records what was asked, and answers when the test says so.

import { render } from "@testing-library/svelte";
import type { UserEvent } from "@testing-library/user-event";
import { vi, type Mock } from "vitest";
import App from "../src/App.svelte";
import type { Command } from "../src/generated/Command";
import type { CommandName } from "../src/generated/CommandName";
import type { ComputerSettings } from "../src/generated/ComputerSettings";
import type { DemoAccount } from "../src/generated/DemoAccount";
import type { Fault } from "../src/generated/Fault";
import type { Outcome } from "../src/generated/Outcome";
import type { Snapshot } from "../src/generated/Snapshot";
import type { Answer, Bridge } from "../src/ipc";
import { Till } from "../src/till.svelte";

export type FakeBridge = { [Name in keyof Bridge]: Mock<Bridge[Name]> };

const unmanaged: ComputerSettings = { locale: null, managed: [], prints_receipts: false };

export function fakeBridge(first: Snapshot, accounts: DemoAccount[] = [], settings = unmanaged): FakeBridge {
  const done = () => vi.fn(async () => {});
  const saved = async () => ({ path: "/downloads/Z 1.pdf", fault: null });
  return {
    snapshot: vi.fn(async () => first),
    onSnapshot: vi.fn(async () => {}),
    press: vi.fn(async ({ name }: Command): Promise<Answer> => ({ outcome: outcomeOf(name), fault: null })),
    demoAccounts: vi.fn(async () => accounts),
    settings: vi.fn(async () => settings),
    screenSettings: vi.fn(async () => ({ full_screen: false, lock_after_minutes: 15 })),
    saveDiagnostics: vi.fn(async () => ({ path: null, fault: null })),
    printReport: vi.fn(async () => ({ result: "done" as const })),
    saveReportPdf: vi.fn(saved),
    saveReportCsv: vi.fn(saved),
    printReceipt: vi.fn(async () => ({ result: "done" as const })),
    saveReceiptPdf: vi.fn(saved),
    onDrawer: vi.fn(async () => {}),
    programVersion: vi.fn(async () => ({ installed: "0.1.0", newer: null })),
    onVersion: vi.fn(async () => {}),
    installUpdate: done(),
    onCloseAsked: vi.fn(async () => {}),
    acknowledgeClose: done(),
    quit: done(),
    isFullScreen: vi.fn(async () => false),
    setFullScreen: done(),
    ready: done(),
  };
}

function outcomeOf(name: CommandName): Outcome {
  if (name === "open-drawer") return { name: "drawer", printed: { result: "handed-over" } };
  if (name === "test-connection" || name === "save-connection") return { name: "checked", report: { checks: [], limitations: [] } };
  return { name: "done" };
}

type Named<Name extends CommandName> = Extract<Command, { name: Name }>;

/** What was sent with each press of this command, first to last. */
export function pressed<Name extends CommandName>(bridge: FakeBridge, name: Name): Omit<Named<Name>, "name">[] {
  const commands = bridge.press.mock.calls.map(([command]) => command);
  const isNamed = (command: Command): command is Named<Name> => command.name === name;
  const withoutName = (command: Named<Name>) => Object.fromEntries(Object.entries(command).filter(([key]) => key !== "name"));
  return commands.filter(isNamed).map(withoutName) as Omit<Named<Name>, "name">[];
}

/** An answer that does not come. */
export const never = new Promise<never>(() => {});

/** From now on this command comes to this; every other one is done. */
export function answer(bridge: FakeBridge, name: CommandName, to: Outcome | Fault | Promise<unknown>): void {
  bridge.press.mockImplementation(async (command) => {
    if (command.name !== name) return { outcome: outcomeOf(command.name), fault: null };
    if (to instanceof Promise) await to;
    else if ("code" in to) return { outcome: null, fault: to };
    else return { outcome: to, fault: null };
    return { outcome: outcomeOf(name), fault: null };
  });
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
