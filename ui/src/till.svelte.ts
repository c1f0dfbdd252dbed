// What the window knows: the newest snapshot, what the cashier just asked for, and what went wrong in the window.
// Invariant: a press that repeats an unanswered one does nothing, and an older snapshot never replaces a newer one.

import type { DemoAccount } from "./generated/DemoAccount";
import type { Snapshot } from "./generated/Snapshot";
import type { Bridge } from "./ipc";

export class Till {
  snapshot = $state.raw<Snapshot | null>(null);
  demoAccounts = $state.raw<DemoAccount[]>([]);
  /** A mistake of the window itself, in technical words for support. */
  trouble = $state<string | null>(null);
  /** True while something the cashier asked for has no answer. */
  asking = $state(false);
  #wish = 0;

  constructor(readonly bridge: Bridge) {}

  async start(): Promise<void> {
    try {
      await this.bridge.onSnapshot((snapshot) => this.show(snapshot));
      this.show(await this.bridge.snapshot());
      this.demoAccounts = await this.bridge.demoAccounts();
    } catch (cause) {
      this.report(cause);
    }
  }

  show(snapshot: Snapshot): void {
    if (this.snapshot === null || snapshot.serial >= this.snapshot.serial) this.snapshot = snapshot;
  }

  report(cause: unknown): void {
    this.trouble = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  }

  /** Runs what the cashier asked for, unless an earlier wish is still under way. */
  async ask<T>(command: (bridge: Bridge) => Promise<T>): Promise<T | undefined> {
    if (this.asking) return undefined;
    this.asking = true;
    const wish = (this.#wish += 1);
    try {
      return await command(this.bridge);
    } catch (cause) {
      this.report(cause);
      return undefined;
    } finally {
      // A wish that was given up no longer decides whether the next one may run.
      if (wish === this.#wish) this.asking = false;
    }
  }

  /** Stops waiting for a start; its answer is still fetched behind the scenes. */
  async cancelStart(): Promise<void> {
    this.#wish += 1;
    this.asking = false;
    await this.aside((bridge) => bridge.cancelStart());
  }

  /** Runs what must not wait for an earlier wish, such as asking the server again. */
  async aside(command: (bridge: Bridge) => Promise<void>): Promise<void> {
    try {
      await command(this.bridge);
    } catch (cause) {
      this.report(cause);
    }
  }
}
