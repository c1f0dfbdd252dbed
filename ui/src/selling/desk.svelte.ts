// What a cashier is doing at the selling screen: what is typed, which line is marked, what is open above it.
// Invariants: presses are carried out one after the other, each in the state that the one before left; and what was
// pressed before a fault was shown is dropped, so that nobody pays a cart that lacks what was just refused.

import type { CartLineView } from "../generated/CartLineView";
import type { Command } from "../generated/Command";
import type { CommandName } from "../generated/CommandName";
import type { Fault } from "../generated/Fault";
import type { MovementKind } from "../generated/MovementKind";
import type { QuickKeyView } from "../generated/QuickKeyView";
import type { ReceiptView } from "../generated/ReceiptView";
import type { SaleId } from "../generated/SaleId";
import type { SaleSlip } from "../generated/SaleSlip";
import type { SellingView } from "../generated/SellingView";
import type { Subject } from "../generated/Subject";
import { currencyPlaces } from "../money";
import { printedSays, printTrouble } from "../paper";
import { preferences } from "../preferences.svelte";
import { reportLanguage } from "../report-language";
import { beep } from "../sound";
import type { Till } from "../till.svelte";
import { readLine, readMoney, type LineProblem, type Meaning } from "./input-line";
import type { Action } from "./keys";
import type { ScanRefusal } from "../scanner";
import { Search } from "./search.svelte";

/** What is open above the screen. */
export type Opened =
  | { name: Exclude<Action, "no-sale" | "close" | "end-practice"> | "spot-count" | "age" | "discard" | "refund-cart" }
  | { name: "approve"; subject: Subject }
  | { name: "movement"; kind: MovementKind }
  | { name: "item"; goods: Goods; quantity: string; price: string }
  | { name: "void"; receipt: ReceiptView };

/** What can be added to a cart by a press. */
export type Goods = Pick<QuickKeyView, "item_id" | "label" | "price" | "unit">;

/** A code that added nothing, and why. */
export type Missed = { code: string; fault: Fault };

/** Where a receipt goes. */
export type Paper = "printer" | "file";

/** A tender that is being taken; `amount` as typed, empty for all that is open. */
export type Tendering = { kind: "card"; amount: string } | { kind: "other"; label: string; amount: string };

/** Nobody has read a change or a fault that appeared so shortly ago. */
const unread = 500;
const isUnread = (at: number): boolean => performance.now() - at < unread;

export class Desk {
  /** What stands in the input line, or as the cash that was handed over. */
  typed = $state("");
  /** Why what was typed does nothing. */
  problem = $state<LineProblem | null>(null);
  /** Whether all that is typed is looked for, digits as well. */
  searching = $state(false);
  readonly search: Search;
  /** Codes that added nothing: each stays until somebody has seen it, whatever is scanned after it. */
  missed = $state.raw<readonly Missed[]>([]);
  /** The one of these that the next amount is sold for. */
  codeOfAmount = $state<string | null>(null);
  /** Why what was pressed last was not done. */
  fault = $state.raw<Fault | null>(null);
  opened = $state.raw<Opened | null>(null);
  tendering = $state.raw<Tendering | null>(null);
  /** What came of what was asked, in words; `amiss` where somebody has to do something about it. */
  said = $state.raw<{ text: string; amiss: boolean } | null>(null);
  /** Receipts that are on their way to paper. */
  printing = $state.raw<readonly SaleId[]>([]);
  /** The field that is ready for typing. */
  field: HTMLInputElement | undefined = $state();
  #chosen = $state<number | null>(null);
  #queue: Promise<unknown> = Promise.resolve();
  #round = 0;
  #doneAt = 0;
  #faultAt = 0;

  constructor(readonly till: Till) {
    this.search = new Search(till);
  }

  get selling(): SellingView | null {
    const screen = this.till.snapshot?.screen;
    return screen?.name === "register" ? screen.selling : null;
  }

  get currency(): string {
    const screen = this.till.snapshot?.screen;
    return screen?.name === "register" ? screen.location.currency : "";
  }

  get isPractice(): boolean {
    const screen = this.till.snapshot?.screen;
    return screen?.name === "register" && screen.practice;
  }

  /** Whether the server is not heard: nothing can be asked of it, and nobody approves anything. */
  get isOffline(): boolean {
    const screen = this.till.snapshot?.screen;
    return screen?.name === "register" && screen.connection.state === "offline";
  }

  get lines(): readonly CartLineView[] {
    return this.selling?.cart?.lines ?? [];
  }

  /** The line that keys act on: the last one, unless another was chosen. */
  get marked(): number | null {
    const last = this.lines.length - 1;
    return last < 0 ? null : Math.min(this.#chosen ?? last, last);
  }

  mark(line: number): void {
    this.#chosen = Math.max(0, Math.min(line, this.lines.length - 1));
  }

  /** What the input line means. */
  get meaning(): Meaning {
    const meaning = readLine(this.typed, currencyPlaces(this.currency));
    const all = this.typed.trim();
    return this.searching && all !== "" && meaning.kind !== "words" ? { kind: "words", text: all, quantity: "" } : meaning;
  }

  /** Whether the lines of a cart can change now, or a first one can come. */
  get isSelling(): boolean {
    const { cart } = this.selling ?? { cart: null };
    return cart === null || cart.stage.stage === "editing";
  }

  /**
   * Presses it after whatever was pressed before; nothing is pressed where `choose` finds nothing to. A receipt that comes
   * of it goes to `paper`, which nobody waits for. `unasked`: no person pressed.
   */
  press(choose: Command | (() => Command | null), paper: Paper = "printer", unasked = false): Promise<Fault | null> {
    const round = this.#round;
    const turn = this.#queue.then(async () => {
      const command = typeof choose === "function" ? choose() : choose;
      // What was scanned is added or told, whatever became of the press before.
      if (command === null || (round !== this.#round && command.name !== "scan")) return null;
      // What came of paper and drawer is told until something else is done.
      this.till.drawer = null;
      if (adds.includes(command.name)) this.said = null;
      const { outcome, fault } = await this.till.press(command);
      if (fault !== null && command.name === "scan") this.#miss(command.code, fault);
      else this.fault = fault;
      const asked = command.name === "reprint-receipt" && !unasked;
      if (outcome?.name === "receipt" && (command.name === "reprint-receipt" || this.till.settings.prints_receipts))
        void this.#put(outcome.slip, paper, asked);
      if (fault !== null) {
        this.#round += 1;
        this.#faultAt = performance.now();
      } else if (adds.includes(command.name)) this.#chosen = null;
      return fault;
    });
    this.#queue = turn;
    return turn;
  }

  #miss(code: string, fault: Fault): void {
    this.missed = [...this.missed, { code, fault }];
    beep();
    // The same is on record in the till, where nothing else would take it away.
    if (this.till.snapshot?.fault?.code === fault.code) void this.till.press({ name: "dismiss-fault" });
  }

  /** Somebody has seen them. */
  seen(): void {
    this.missed = [];
    this.codeOfAmount = null;
    this.focus();
  }

  /** The next amount is sold for this code, which the catalogue does not know. */
  sellByAmount(code: string): void {
    this.codeOfAmount = code;
    this.searching = false;
    this.focus();
  }

  /** An amount, for the code that was chosen. */
  async #addAmount(amount: string, quantity: string, key: string | null): Promise<void> {
    const code = this.codeOfAmount;
    this.clear();
    const fault = await this.press({ name: "add-amount", amount, quantity, key, code });
    if (fault !== null || code === null) return;
    const place = this.missed.findIndex((missed) => missed.code === code);
    this.missed = this.missed.filter((_, other) => other !== place);
    this.codeOfAmount = null;
  }

  /** What a scanner read; why it cannot be taken now. */
  scan(code: string): ScanRefusal | null {
    const stage = this.selling?.cart?.stage.stage;
    if (stage !== undefined && stage !== "editing") return "paying";
    if (this.selling?.returning) return "dialog";
    if (this.selling?.done) this.next(true);
    void this.press({ name: "scan", code });
    return null;
  }

  /** A receipt on paper or in a file. Of what nobody asked for, only what went amiss is worth a word. */
  async #put(slip: SaleSlip, paper: Paper, asked: boolean): Promise<void> {
    const words = preferences.words.paper;
    const wish = { slip, language: reportLanguage(preferences.words.report, preferences.locale, slip.sale.totals.currency) };
    if (paper === "file") {
      const saved = await this.till.ask("saveReceiptPdf", wish);
      if (saved === undefined) return;
      this.said = saved.path === null ? { text: words.notSaved, amiss: true } : { text: words.saved({ path: saved.path }), amiss: false };
      return;
    }
    const { id } = slip.sale;
    this.printing = [...this.printing, id];
    const printed = await this.till.ask("printReceipt", wish);
    this.printing = this.printing.filter((other) => other !== id);
    if (printed === undefined) return;
    const trouble = printTrouble(printed, words);
    if (trouble !== null) this.said = { text: trouble, amiss: true };
    else if (asked) this.said = { text: printedSays(printed, words), amiss: false };
  }

  /** A dialog is closed; what it answered may have opened the next. `fault`: what it still said. */
  closed(dialog: Desk["opened"], fault: Fault | null): void {
    if (fault !== null) void this.till.press({ name: "dismiss-fault" });
    this.fault = null;
    if (this.opened === dialog) this.opened = null;
    this.focus();
  }

  /** Whether it can be asked for once more: while it is being printed, a press would bring no second paper. */
  mayReprint(sale_id: SaleId): boolean {
    return this.till.may("reprint-receipt") && !this.printing.includes(sale_id);
  }

  /** A receipt of this till once more. */
  again(sale_id: SaleId, paper: Paper = "printer"): void {
    this.said = null;
    void this.press({ name: "reprint-receipt", sale_id }, paper);
  }

  /** The first paper of what the server has recorded by now, where receipts are printed. */
  printFirst(sale_id: SaleId): void {
    if (this.till.settings.prints_receipts) void this.press({ name: "reprint-receipt", sale_id }, "printer", true);
  }

  /** Asks for a receipt of which something comes back; what is open above the screen gives way to it. */
  async findReceipt(number: string): Promise<void> {
    if ((await this.press({ name: "find-receipt", number })) === null) this.opened = null;
  }

  /** The receipt is put away, of which something might have come back. */
  stopReturn(): void {
    void this.press({ name: "stop-return" }).then(() => this.focus());
  }

  /** A void, or the manager that it takes first. */
  void(receipt: ReceiptView): void {
    this.opened = receipt.void_needs_approval
      ? { name: "approve", subject: { of: "void", sale_id: receipt.sale_id } }
      : { name: "void", receipt };
  }

  /** The goods of the cart come back without a receipt, or first the manager whom that takes. */
  refundCart(): void {
    const stage = this.selling?.cart?.stage;
    if (stage?.stage !== "editing" || stage.refund_needs === null) return;
    this.opened = stage.refund_needs.length > 0 ? { name: "approve", subject: { of: "cart-refund" } } : { name: "refund-cart" };
  }

  /** Makes the field ready for typing, unless something is open above it. */
  focus(): void {
    if (document.querySelector("dialog[open]") === null) this.field?.focus({ preventScroll: true });
  }

  clear(): void {
    this.typed = "";
    this.problem = null;
    this.searching = false;
  }

  /** Takes what was typed, where it is an amount; else says what is wrong with it. */
  #takeMoney(): string | null {
    const money = readMoney(this.typed, currencyPlaces(this.currency));
    if (money.kind === "problem") {
      this.problem = money.problem;
      return null;
    }
    this.clear();
    return money.kind === "amount" ? money.amount : "";
  }

  /** Enter: what is typed is added; with nothing typed the sale goes one step on. */
  enter(): void {
    if (this.tendering !== null) return;
    const stage = this.selling?.cart?.stage.stage ?? null;
    if (this.typed.trim() === "") return void this.press(() => this.#onward());
    if (stage === "paying") return this.hand();
    const { meaning } = this;
    if (meaning.kind === "problem") this.problem = meaning.problem;
    else if (meaning.kind === "amount") void this.#addAmount(meaning.amount, meaning.quantity, null);
    else if (meaning.kind === "code") this.#add({ name: "scan", code: meaning.code });
    else if (meaning.kind === "words") this.addFound();
    else this.problem = "amount-first";
  }

  /** Adds the marked one of what was found, or this one, as often as was typed before it. */
  addFound(place = this.search.marked): void {
    const { meaning } = this;
    const item = meaning.kind === "words" ? this.search.of(meaning.text)?.[place] : undefined;
    if (meaning.kind !== "words" || item === undefined) return;
    const { quantity } = meaning;
    this.clear();
    this.#addGoods({ ...item, label: item.name }, quantity, "");
  }

  #add(command: Command): void {
    this.clear();
    void this.press(command);
  }

  /** The next step of the sale that needs nothing typed. */
  #onward(): Command | null {
    const { cart, done } = this.selling ?? { cart: null, done: null };
    // Hands that were already on their way do not pay a cart that lacks what was just refused.
    if (this.fault !== null && isUnread(this.#faultAt)) return null;
    if (cart === null) return done !== null && !isUnread(this.#doneAt) ? { name: "next-customer" } : null;
    if (cart.stage.stage === "paying") return { name: "finish-sale", handed: "" };
    return cart.stage.stage === "editing" ? this.#payment() : null;
  }

  /** To pay, or what has to be asked or said before. */
  #payment(): Command | null {
    const cart = this.selling?.cart;
    if (cart?.stage.stage !== "editing" || cart.lines.length === 0) return null;
    if (cart.stage.age_to_check !== null) {
      this.opened = { name: "age" };
      return null;
    }
    if (cart.stage.needs.length > 0) {
      this.opened = { name: "approve", subject: { of: "cart" } };
      return null;
    }
    return { name: "pay" };
  }

  pay(): void {
    void this.press(() => this.#payment());
  }

  /** The customer's cash: what was typed, or exactly what is due. */
  hand(): void {
    const handed = this.#takeMoney();
    if (handed !== null) void this.press({ name: "finish-sale", handed });
  }

  exact(): void {
    this.clear();
    void this.press({ name: "finish-sale", handed: "" });
  }

  /** An amount that was typed is sold by this key. */
  addBy(key: string): void {
    const { meaning } = this;
    if (meaning.kind === "amount") void this.#addAmount(meaning.amount, meaning.quantity, key);
    else this.problem = meaning.kind === "problem" ? meaning.problem : "amount-first";
  }

  /** A favourite. What is typed is its quantity, or the price that it lacks. */
  addKey(key: QuickKeyView): void {
    const { meaning } = this;
    const quantity = meaning.kind === "quantity" || meaning.kind === "amount" ? meaning.quantity : "";
    const price = key.price === null && meaning.kind === "amount" ? meaning.amount : "";
    if (quantity !== "" || price !== "") this.clear();
    this.#addGoods(key, quantity, price);
  }

  /** At once where nothing is left to ask. */
  #addGoods(goods: Goods, quantity: string, price: string): void {
    if ((goods.price === null && price === "") || (goods.unit !== null && quantity === "")) {
      this.opened = { name: "item", goods, quantity, price };
    } else void this.press({ name: "add-item", item_id: goods.item_id, quantity, price });
  }

  removeMarked(): void {
    void this.press(() => (this.marked === null ? null : { name: "remove-line", line: this.marked }));
  }

  /** Begins to take a card or another tender, for what was typed or for all that is open. */
  take(tender: { kind: "card" } | { kind: "other"; label: string }): void {
    const amount = this.#takeMoney();
    if (amount !== null) this.tendering = { ...tender, amount };
  }

  /** What was taken is in; with nothing left to pay the sale is finished at once. */
  async took(reference: string): Promise<void> {
    const tender = this.tendering;
    if (tender === null) return;
    const { amount } = tender;
    const command: Command =
      tender.kind === "card"
        ? { name: "card-approved", amount, reference }
        : { name: "take-other", label: tender.label, amount, reference };
    this.tendering = null;
    if ((await this.press(command)) !== null) return;
    await this.press(() => {
      const stage = this.selling?.cart?.stage;
      return stage?.stage === "paying" && stage.is_settled ? { name: "finish-sale", handed: "" } : null;
    });
  }

  back(): void {
    this.clear();
    void this.press({ name: "back-to-lines" });
  }

  /** A change appeared on the screen. */
  shown(): void {
    this.#doneAt = performance.now();
  }

  /** The change was read; `typed`: somebody types already, and so has seen it. */
  next(typed = false): void {
    if (!typed && isUnread(this.#doneAt)) return;
    void this.press(() => (this.selling?.done ? { name: "next-customer" } : null));
  }
}

/** After these the last line is marked. */
const adds: readonly CommandName[] = ["add-amount", "add-item", "scan", "recall-cart", "pay", "next-customer"];
