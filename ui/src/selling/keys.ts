// The function keys of the selling screen. Invariant: what is written on the lower edge is what the keys do.

import type { CommandName } from "../generated/CommandName";
import type { IconName } from "../parts/Icon.svelte";

export type Action = "quantity" | "discount" | "park" | "recall" | "no-sale" | "receipts" | "drawer" | "close" | "end-practice";

/** `needs`: one of these has to be allowed; nothing needed is always there. */
export type FunctionKey = { key: string; action: Action; icon: IconName; needs: readonly CommandName[] };

export const functionKeys: readonly FunctionKey[] = [
  { key: "F2", action: "quantity", icon: "quantity", needs: ["set-quantity"] },
  { key: "F3", action: "discount", icon: "discount", needs: ["discount-line", "discount-cart", "set-price"] },
  { key: "F4", action: "park", icon: "park", needs: ["park-cart"] },
  { key: "F5", action: "recall", icon: "recall", needs: ["recall-cart"] },
  { key: "F6", action: "no-sale", icon: "no_sale", needs: ["record"] },
  { key: "F7", action: "receipts", icon: "report", needs: [] },
  { key: "F8", action: "drawer", icon: "count", needs: ["record", "spot-count", "show-x-report"] },
  { key: "F10", action: "close", icon: "check", needs: ["open-checklist"] },
];

/** In practice there is no shift to close: the same key is the way out. */
export const practiceKeys: readonly FunctionKey[] = functionKeys.map((one) =>
  one.action === "close" ? { key: one.key, action: "end-practice", icon: "leave", needs: ["end-practice"] } : one,
);

/** The key of the number pad beside Enter that takes a card. */
export const cardKey = "+";

/** Whether a key that was pressed is one that is typed. */
export const isTyped = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean =>
  [...key].length === 1 && !ctrlKey && !altKey && !metaKey;

/** Whether nothing but the key itself was pressed. */
export const isPlain = ({ ctrlKey, altKey, metaKey, shiftKey }: KeyboardEvent): boolean => !ctrlKey && !altKey && !metaKey && !shiftKey;
