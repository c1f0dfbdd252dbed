// What came of paper and drawer, in words.

import type { Printed } from "./generated/Printed";
import type { Words } from "./words";

type PaperWords = Words["paper"];

/** What came of printing. */
export function printedSays(printed: Printed, words: PaperWords): string {
  if (printed.result === "done") return words.done;
  if (printed.result === "handed-over") return words.handed;
  return `${printed.result === "unsure" ? words.unsure : words.notPrinted} ${words.troubles[printed.why]}`;
}

/** What stood in the way of paper that comes by itself; nothing where no printer is set up, or where it came. */
export function printTrouble(printed: Printed, words: PaperWords): string | null {
  const came = printed.result === "done" || printed.result === "handed-over";
  return came || printed.why === "no-printer" ? null : printedSays(printed, words);
}

/** What came of opening the drawer because somebody asked for it. */
export function drawerSays(printed: Printed, words: PaperWords): string {
  if (printed.result === "done") return words.drawerDone;
  if (printed.result === "handed-over") return words.drawerHanded;
  return `${printed.result === "unsure" ? words.drawerUnsure : words.drawerNot} ${words.troubles[printed.why]}`;
}

/** What stood in the way of a drawer that opens by itself; nothing where none is set up, or where it opened. */
export function drawerTrouble(printed: Printed, words: PaperWords): string | null {
  const opened = printed.result === "done" || printed.result === "handed-over";
  if (opened || printed.why === "no-printer" || printed.why === "no-drawer") return null;
  return drawerSays(printed, words);
}
