// What the window knows: the newest snapshot, what the cashier just asked for, and what went wrong in the window.
// Invariants: a press that repeats an unanswered one does nothing; one made on a screen that has gone holds nothing
// up on the next; and an older snapshot never replaces a newer one.

import type { Command } from "./generated/Command";
import type { CommandName } from "./generated/CommandName";
import type { ComputerSettings } from "./generated/ComputerSettings";
import type { DemoAccount } from "./generated/DemoAccount";
import type { Fault } from "./generated/Fault";
import type { Printed } from "./generated/Printed";
import type { ProgramVersion } from "./generated/ProgramVersion";
import type { ScreenSettings } from "./generated/ScreenSettings";
import type { Snapshot } from "./generated/Snapshot";
import type { ExitWarning } from "./generated/ExitWarning";
import type { Answer, Bridge } from "./ipc";
import type { SettingKey } from "./generated/SettingKey";
import { screenKey } from "./screen-key";
import { preferences } from "./preferences.svelte";

type Told =
  "snapshot" | "onSnapshot" | "onDrawer" | "onCloseAsked" | "onVersion" | "demoAccounts" | "settings" | "screenSettings" | "programVersion";
/** What concerns the window, paper and updates. */
type Call = Exclude<keyof Bridge, Told | "press">;
type Returned<Name extends Call> = Awaited<ReturnType<Bridge[Name]>>;
type PendingCall = { name: Call | CommandName; what: string };

export class Till {
  snapshot = $state.raw<Snapshot | null>(null);
  demoAccounts = $state.raw<DemoAccount[]>([]);
  settings = $state.raw<ComputerSettings>({ locale: null, managed: [], prints_receipts: false });
  /** What came of the drawer that the last movement opened. */
  drawer = $state.raw<Printed | null>(null);
  /** Which version of the program runs, and a newer one where there is one. */
  version = $state.raw<ProgramVersion | null>(null);
  /** How the window behaves on this computer. */
  screenSettings = $state.raw<ScreenSettings | null>(null);
  /** The window was asked to close, and this would stay behind. */
  leaving = $state.raw<ExitWarning | null>(null);
  /** A mistake of the window itself, in technical words for support. */
  trouble = $state<string | null>(null);
  #pending = $state.raw<readonly PendingCall[]>([]);

  constructor(readonly bridge: Bridge) {}

  async start(): Promise<void> {
    try {
      await this.bridge.onSnapshot((snapshot) => this.show(snapshot));
      const [settings, snapshot] = await Promise.all([this.bridge.settings(), this.bridge.snapshot()]);
      this.settings = settings;
      await preferences.configure(settings.locale, this.isManaged("locale"));
      this.show(snapshot);
      await this.bridge.onDrawer((printed) => (this.drawer = printed));
      await this.bridge.onVersion((version) => (this.version = version));
      this.version = await this.bridge.programVersion();
      await this.bridge.onCloseAsked((behind) => {
        this.leaving = behind;
        void this.ask("acknowledgeClose");
      });
      this.screenSettings = await this.bridge.screenSettings();
      this.demoAccounts = await this.bridge.demoAccounts();
    } catch (cause) {
      this.report(cause);
    }
  }

  show(snapshot: Snapshot): void {
    if (this.snapshot !== null && snapshot.serial < this.snapshot.serial) return;
    if (this.snapshot === null || screenKey(snapshot) !== screenKey(this.snapshot)) this.#pending = [];
    this.snapshot = snapshot;
  }

  /** Whether nobody at this computer may change it. */
  isManaged(key: SettingKey): boolean {
    return this.settings.managed.some((setting) => setting.key === key);
  }

  report(cause: unknown): void {
    this.trouble = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  }

  /** Whether this may be pressed now; the till refuses everything else. */
  may(command: CommandName): boolean {
    return this.snapshot?.may.includes(command) ?? false;
  }

  /** Whether something of these that the cashier asked for on this screen has no answer yet. */
  isPending(...names: PendingCall["name"][]): boolean {
    return this.#pending.some((call) => names.includes(call.name));
  }

  /** Presses something; the answer is the answer to this press, and what it changed is on the screen by then. */
  async press(command: Command): Promise<Answer> {
    const wasPending = this.isPending(command.name);
    const answer = await this.#run(command.name, [command], async () => {
      const answer = await this.bridge.press(command);
      this.show(await this.bridge.snapshot());
      return answer;
    });
    const nothing: Fault = wasPending ? { code: "NOT_NOW", detail: "it is under way" } : { code: "INTERNAL", detail: this.trouble ?? "" };
    return answer ?? { outcome: null, fault: nothing };
  }

  /** Asks for what concerns the window, paper or updates; nothing is returned while the same is under way. */
  ask<Name extends Call>(name: Name, ...what: Parameters<Bridge[Name]>): Promise<Returned<Name> | undefined> {
    // The compiler does not see that a method and its own parameters belong together.
    const run = this.bridge[name] as (...what: Parameters<Bridge[Name]>) => Promise<Returned<Name>>;
    return this.#run(name, what, () => run(...what));
  }

  /** Runs it unless the very same is still under way on the same screen. */
  async #run<T>(name: PendingCall["name"], what: unknown, run: () => Promise<T>): Promise<T | undefined> {
    const call = { name, what: JSON.stringify(what) };
    if (this.#pending.some((other) => other.name === call.name && other.what === call.what)) return undefined;
    this.#pending = [...this.#pending, call];
    try {
      return await run();
    } catch (cause) {
      this.report(cause);
      return undefined;
    } finally {
      this.#pending = this.#pending.filter((other) => other !== call);
    }
  }

  /** Stops waiting for a start; its answer is still fetched behind the scenes. */
  async cancelStart(): Promise<void> {
    this.#pending = [];
    await this.press({ name: "cancel-start" });
  }
}
