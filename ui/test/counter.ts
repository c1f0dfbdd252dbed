// A till that sells, as far as the window can see: it answers each command with the next snapshot.

import { counter } from "../src/dev/fixtures";
import { states } from "../src/dev/fixtures";
import type { CartLineView } from "../src/generated/CartLineView";
import type { CartStage } from "../src/generated/CartStage";
import type { CartView } from "../src/generated/CartView";
import type { Command } from "../src/generated/Command";
import type { SaleSlip } from "../src/generated/SaleSlip";
import type { SellingView } from "../src/generated/SellingView";
import type { Snapshot } from "../src/generated/Snapshot";
import type { Answer } from "../src/ipc";
import { mayBe } from "../src/dev/may";
import { openWindow } from "./bridge";

const cents = (amount: string) => Math.round(Number(amount) * 100);
const written = (cents: number) => (cents / 100).toFixed(2);
/** A code that the catalogue of the fake till does not have. */
export const unknownCode = "5901234123457";
/** All that the window reads of a receipt. */
const slip = { sale: { id: counter.done.sale_id, totals: { currency: "USD" } } } as SaleSlip;
const receipt: Answer = { outcome: { name: "receipt", slip }, fault: null };
const nothing: Answer = { outcome: null, fault: { code: "NOT_NOW", detail: "the fake till" } };

function sum(lines: CartLineView[], stage: CartStage): CartView | null {
  if (lines.length === 0) return null;
  const total = written(lines.reduce((all, line) => all + cents(line.amount), 0));
  return counter.cartOf(lines, total, "0.00", { taxes: [], stage });
}

/** The selling screen of this state, on a till that goes on from there. */
export async function openCounter(name = "selling-empty", more: Partial<SellingView> = {}, prints_receipts = true) {
  const first = structuredClone(states[name] as Snapshot);
  if (first.screen.name !== "register" || first.screen.selling === null) throw new Error(`${name} sells nothing`);
  let selling: SellingView = { ...first.screen.selling, ...more };
  let serial = 1;
  const parked = new Map<string, CartView>();
  const now = (): Snapshot => {
    const screen = { ...first.screen, selling } as Snapshot["screen"];
    return { ...first, serial, screen, may: mayBe({ ...first, screen }) };
  };
  const lines = () => selling.cart?.lines ?? [];
  const edit = (next: CartLineView[]) => {
    selling = { ...selling, cart: sum(next, counter.editing), done: null };
  };
  const paying = () => (selling.cart?.stage.stage === "paying" ? selling.cart.stage : null);

  function run(command: Command): Answer {
    const { cart } = selling;
    switch (command.name) {
      case "add-amount":
        if (paying()) return nothing;
        edit([...lines(), counter.line("Goods", written(cents(command.amount) * Number(command.quantity || "1")))]);
        break;
      case "add-item": {
        const key = selling.keys.find((one) => one.item_id === command.item_id);
        const item = counter.items.find((one) => one.item_id === command.item_id);
        edit([...lines(), counter.line(key?.label ?? item?.name ?? "", command.price || (key?.price ?? item?.price ?? "0.00"))]);
        break;
      }
      case "scan":
        if (paying()) return nothing;
        if (command.code === unknownCode) return { outcome: null, fault: { code: "UNKNOWN_ITEM", detail: command.code } };
        edit([...lines(), counter.line(command.code, "1.00")]);
        break;
      case "search": {
        const words = command.text.toLowerCase().split(" ");
        const fits = counter.items.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
        return { outcome: { name: "found", items: fits }, fault: null };
      }
      case "remove-line":
        edit(lines().filter((_, place) => place !== command.line));
        break;
      case "confirm-age":
        edit(lines());
        break;
      case "pay":
        if (cart?.stage.stage !== "editing") return nothing;
        selling = { ...selling, cart: { ...cart, stage: counter.pay(cart.sums?.total ?? "") } };
        break;
      case "back-to-lines":
        edit(lines());
        break;
      case "card-approved": {
        const stage = paying();
        if (!stage || !cart) return nothing;
        const amount = command.amount || stage.open;
        const open = written(cents(stage.open) - cents(amount));
        const taken = [...stage.taken, { kind: "card" as const, amount, reference: command.reference || null }];
        selling = { ...selling, cart: { ...cart, stage: { ...stage, taken, open, due: open, is_settled: cents(open) === 0 } } };
        break;
      }
      case "finish-sale": {
        const stage = paying();
        if (!stage || !cart) return nothing;
        const handed = command.handed || stage.due;
        if (cents(handed) < cents(stage.due)) return nothing;
        const no_change = cents(handed) === cents(stage.due);
        const cash_back = written(cents(handed) - cents(stage.due));
        const done = {
          ...counter.done,
          total: cart.sums?.total ?? "",
          tendered: cents(stage.due) === 0 ? null : handed,
          cash_back,
          no_change,
        };
        selling = { ...selling, cart: null, done };
        serial += 1;
        return receipt;
      }
      case "next-customer":
        selling = { ...selling, done: null };
        break;
      case "park-cart": {
        if (!cart) return nothing;
        const one = { ...counter.parked[0], label: command.label, total: cart.sums?.total ?? "" } as SellingView["parked"][number];
        parked.set(one.sale_id, cart);
        selling = { ...selling, cart: null, parked: [...selling.parked, one] };
        break;
      }
      case "recall-cart":
        selling = {
          ...selling,
          cart: parked.get(command.sale_id) ?? null,
          parked: selling.parked.filter((one) => one.sale_id !== command.sale_id),
        };
        break;
      case "reprint-receipt":
      case "void-receipt":
        serial += 1;
        return receipt;
      default:
        break;
    }
    serial += 1;
    return { outcome: { name: "done" }, fault: null };
  }

  const opened = await openWindow(now(), [], { locale: null, managed: [], prints_receipts });
  opened.bridge.press.mockImplementation(async (command) => run(command));
  opened.bridge.snapshot.mockImplementation(async () => now());
  /** What was sent, first to last. */
  const sent = () => opened.bridge.press.mock.calls.map(([command]) => command);
  return { ...opened, run, sent, names: () => sent().map(({ name }) => name) };
}
