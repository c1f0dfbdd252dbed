// What may be pressed in a state of the gallery. The till decides it by itself; here it only has to look like that.

import type { CommandName } from "../generated/CommandName";
import type { Screen } from "../generated/Screen";
import type { SellingView } from "../generated/SellingView";
import type { Snapshot } from "../generated/Snapshot";

type Told = Pick<Snapshot, "screen" | "staff" | "older_server">;

const always: CommandName[] = ["sign-in", "check-now", "dismiss-fault", "acknowledge-set-aside", "dismiss-entry", "dismiss-report"];

export function mayBe({ screen, staff, older_server: older }: Told): CommandName[] {
  if (screen.name === "setup") return ["test-connection", "save-connection"];
  if (screen.name === "locked") return ["sign-in", "unlock", ...(screen.count_waits ? (["keep-tally"] as const) : [])];
  const manages = staff !== null && staff.role !== "cashier";
  const works: CommandName[] = staff === null ? [] : ["sign-out", "lock-screen", "show-z-report"];
  const managers: CommandName[] = manages ? ["force-end", "count-ended", ...(older ? [] : (["open-board"] as const))] : [];
  return [...always, ...works, ...onScreen(screen, manages, managers, older)];
}

function onScreen(screen: Screen, manages: boolean, managers: CommandName[], older: boolean): CommandName[] {
  switch (screen.name) {
    case "sign-in":
      return ["edit-connection"];
    case "choose-register":
      return [...managers, "choose-location", "reload-registers", "choose-register"];
    case "start-shift":
      return [...managers, "start-shift", "start-shift-counted", ...(screen.unanswered ? (["cancel-start"] as const) : between(older))];
    case "earlier-day":
      return [...managers, "go-on", "leave-shift"];
    case "register": {
      if (screen.practice) return [...(screen.selling === null ? [] : sells(screen.selling, false)), "end-practice"];
      const entries: CommandName[] = screen.session.counting === null ? ["record", "take-back", "record-again", "spot-count"] : [];
      const shift: CommandName[] = older ? [] : [...entries, "open-checklist", "show-x-report"];
      return [
        ...managers,
        "leave-shift",
        ...shift,
        ...(screen.selling === null ? [] : sells(screen.selling, screen.session.counting !== null)),
      ];
    }
    case "board":
      return [...managers, "close-board", "read-day", ...(screen.day === null ? [] : (["close-day"] as const)), ...keeps(screen, manages)];
    case "fenced":
      return ["acknowledge-end"];
    case "closing":
      return closing(screen, manages);
    default:
      return [];
  }
}

const between = (older: boolean): CommandName[] => ["change-register", ...(older ? [] : (["start-practice"] as const))];
function keeps({ catalogue, rules, day }: Extract<Screen, { name: "board" }>, manages: boolean): CommandName[] {
  if (!manages) return [];
  if (catalogue === null) return rules !== null ? [] : day === null ? ["open-catalogue", "settle-flag"] : ["settle-flag"];
  if (catalogue.import === null) {
    const taxes: CommandName[] = catalogue.settings?.can_save_taxes ? ["save-tax"] : [];
    return [
      ...taxes,
      "find-items",
      "save-item",
      "read-kept-settings",
      "save-quick-keys",
      "read-items-file",
      "export-items",
      "close-catalogue",
    ];
  }
  const { stage } = catalogue.import;
  if (stage.name === "unusable") return ["show-import", "close-import"];
  const runs = stage.name === "reading" ? !stage.is_stopped : stage.progress.name === "running";
  if (runs) return ["show-import", "stop-import"];
  const isOver = stage.name === "compared" && (stage.progress.name === "over" || stage.counts.add + stage.counts.change === 0);
  return ["show-import", "close-import", ...(isOver ? [] : (["start-import"] as const))];
}

function sells({ is_ready: ready, cart, done, parked, returning }: SellingView, counted: boolean): CommandName[] {
  const always: CommandName[] = [
    ...(returning?.exchanging ? (["stop-return"] as const) : []),
    "reprint-receipt",
    ...(counted ? [] : (["void-receipt"] as const)),
    ...(done === null ? [] : (["next-customer"] as const)),
  ];
  if (cart === null && returning !== null && !returning.exchanging) {
    return [
      ...always,
      "find-receipt",
      "return-line",
      "return-all",
      "return-first",
      "ask-refund",
      "exchange",
      "stop-return",
      "approve-sale",
    ];
  }
  if (cart === null && (!ready || counted)) return always;
  const adds: CommandName[] = ["add-amount", "add-item", "scan"];
  if (cart === null) return [...always, ...adds, "find-receipt", "approve-sale", ...(parked.length > 0 ? (["recall-cart"] as const) : [])];
  const changes: CommandName[] = ["set-quantity", "set-price", "discount-line", "discount-cart", "remove-line", "pay", "discard-cart"];
  switch (cart.stage.stage) {
    case "editing":
      return [
        ...always,
        ...adds,
        ...changes,
        "park-cart",
        "refund-cart",
        "approve-sale",
        ...(cart.stage.age_to_check === null ? [] : (["confirm-age"] as const)),
      ];
    case "paying":
      return [...always, "card-approved", "take-other", "give-back", "finish-sale", "back-to-lines", "park-cart"];
    case "awaiting-server":
      return [...always, "ask-refund"];
  }
}

function closing({ step, session }: Extract<Screen, { name: "closing" }>, manages: boolean): CommandName[] {
  switch (step.step) {
    case "checklist": {
      const allow: CommandName[] = manages ? ["allow-unsent", "allow-unsent-as"] : ["allow-unsent-as"];
      if (step.unsent > 0 && step.allowed_by === null) return ["stop-closing", ...allow];
      if (step.counting !== null) return ["stop-closing", ...(manages ? (["take-over-count"] as const) : [])];
      return ["stop-closing", "begin-count", ...(step.end_needs_manager ? [] : (["end-shift"] as const))];
    }
    case "count":
      return [
        "stop-closing",
        "keep-tally",
        "commit-count",
        "open-drawer",
        ...(session.status === "ended" ? (["settle-uncounted"] as const) : []),
      ];
    case "result":
      return [
        "stop-closing",
        "count-again",
        "leave-in-drawer",
        "approve-count",
        ...(step.needs === "approval" ? [] : (["close-shift"] as const)),
      ];
    case "ending":
      return [];
    default:
      return ["acknowledge-end"];
  }
}
