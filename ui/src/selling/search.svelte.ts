// What the catalogue has for what was typed. Invariant: what is shown and added belongs to what stands in the line now;
// an answer to something older is thrown away.

import type { ItemView } from "../generated/ItemView";
import type { Till } from "../till.svelte";

export class Search {
  #found = $state.raw<{ text: string; items: readonly ItemView[] }>({ text: "", items: [] });
  /** The place of the one that Enter adds. */
  marked = $state(0);
  #wanted = "";
  #underWay = false;

  constructor(readonly till: Till) {}

  /** What was found for exactly this; `null` before the answer is there. */
  of(text: string): readonly ItemView[] | null {
    return this.#found.text === text ? this.#found.items : null;
  }

  /** What was found last, as long as nothing newer is: rows that come and go at every key cannot be read. */
  get last(): readonly ItemView[] {
    return this.#found.items;
  }

  mark(place: number): void {
    this.marked = Math.max(0, Math.min(place, this.#found.items.length - 1));
  }

  /** Looks for it; of what is typed while the catalogue is asked, only the newest is asked then. */
  async look(text: string): Promise<void> {
    this.#wanted = text;
    if (this.#underWay) return;
    this.#underWay = true;
    try {
      while (this.#found.text !== this.#wanted) await this.#ask(this.#wanted);
    } finally {
      this.#underWay = false;
    }
  }

  async #ask(text: string): Promise<void> {
    const { outcome } = await this.till.press({ name: "search", text });
    // A catalogue that cannot be read has nothing; amounts sell without it.
    this.#found = { text, items: outcome?.name === "found" ? outcome.items : [] };
    this.marked = 0;
  }
}
