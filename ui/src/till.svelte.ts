// What the window knows: the newest snapshot, what the cashier just asked for, and what went wrong in the window.
// Invariants: a press that repeats an unanswered one does nothing; one made on a screen that has gone holds nothing
// up on the next; and an older snapshot never replaces a newer one.

import type { ComputerSettings } from "./generated/ComputerSettings";
import type { DemoAccount } from "./generated/DemoAccount";
import type { Printed } from "./generated/Printed";
import type { ProgramVersion } from "./generated/ProgramVersion";
import type { ScreenSettings } from "./generated/ScreenSettings";
import type { Snapshot } from "./generated/Snapshot";
import type { StaysBehind } from "./generated/StaysBehind";
import type { Bridge } from "./ipc";
import type { SettingKey } from "./generated/SettingKey";
import { placeOf } from "./place";
import { preferences } from "./preferences.svelte";

type Told =
  "snapshot" | "onSnapshot" | "onDrawer" | "onCloseAsked" | "onVersion" | "demoAccounts" | "settings" | "screenSettings" | "programVersion";
type Command = Exclude<keyof Bridge, Told>;
type Answer<Name extends Command> = Awaited<ReturnType<Bridge[Name]>>;
type Wish = { command: Command; what: string };

export class Till {
  snapshot = $state.raw<Snapshot | null>(null);
  demoAccounts = $state.raw<DemoAccount[]>([]);
  settings = $state.raw<ComputerSettings>({ locale: null, managed: [] });
  /** What came of the drawer that the last movement opened. */
  drawer = $state.raw<Printed | null>(null);
  /** Which version of the program runs, and a newer one where there is one. */
  version = $state.raw<ProgramVersion | null>(null);
  /** How the window behaves on this computer. */
  screenSettings = $state.raw<ScreenSettings | null>(null);
  /** The window was asked to close, and this would stay behind. */
  leaving = $state.raw<StaysBehind | null>(null);
  /** A mistake of the window itself, in technical words for support. */
  trouble = $state<string | null>(null);
  #wishes = $state.raw<readonly Wish[]>([]);

  constructor(readonly bridge: Bridge) {}

  async start(): Promise<void> {
    try {
      await this.bridge.onSnapshot((snapshot) => this.show(snapshot));
      const [settings, snapshot] = await Promise.all([this.bridge.settings(), this.bridge.snapshot()]);
      this.settings = settings;
      preferences.configure(settings.locale, this.isManaged("locale"));
      this.show(snapshot);
      await this.bridge.onDrawer((printed) => (this.drawer = printed));
      await this.bridge.onVersion((version) => (this.version = version));
      this.version = await this.bridge.programVersion();
      await this.bridge.onCloseAsked((behind) => {
        this.leaving = behind;
        void this.ask("closeTold");
      });
      this.screenSettings = await this.bridge.screenSettings();
      this.demoAccounts = await this.bridge.demoAccounts();
    } catch (cause) {
      this.report(cause);
    }
  }

  show(snapshot: Snapshot): void {
    if (this.snapshot !== null && snapshot.serial < this.snapshot.serial) return;
    if (this.snapshot === null || placeOf(snapshot) !== placeOf(this.snapshot)) this.#wishes = [];
    this.snapshot = snapshot;
  }

  /** Whether nobody at this computer may change it. */
  isManaged(key: SettingKey): boolean {
    return this.settings.managed.some((setting) => setting.key === key);
  }

  report(cause: unknown): void {
    this.trouble = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  }

  /** Whether something of these that the cashier asked for on this screen has no answer yet. */
  waitsFor(...commands: Command[]): boolean {
    return this.#wishes.some((wish) => commands.includes(wish.command));
  }

  /** Runs what the cashier asked for, unless the very same wish is still under way on the same screen. */
  async ask<Name extends Command>(command: Name, ...what: Parameters<Bridge[Name]>): Promise<Answer<Name> | undefined> {
    const wish = { command, what: JSON.stringify(what) };
    if (this.#wishes.some((other) => other.command === wish.command && other.what === wish.what)) return undefined;
    this.#wishes = [...this.#wishes, wish];
    try {
      // The compiler does not see that a method and its own parameters belong together.
      const run = this.bridge[command] as (...what: Parameters<Bridge[Name]>) => Promise<Answer<Name>>;
      return await run(...what);
    } catch (cause) {
      this.report(cause);
      return undefined;
    } finally {
      this.#wishes = this.#wishes.filter((other) => other !== wish);
    }
  }

  /** Stops waiting for a start; its answer is still fetched behind the scenes. */
  async cancelStart(): Promise<void> {
    this.#wishes = [];
    await this.ask("cancelStart");
  }
}
