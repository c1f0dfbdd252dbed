// English words for printing and saving reports; the shape that the other languages must fill.

import type { Trouble } from "../../generated/Trouble";

const troubles: Record<Trouble, string> = {
  "no-printer": "No printer is set up at this till.",
  "no-drawer": "No cash drawer is set up at this till.",
  unreachable: "The printer cannot be reached: check that it is on and connected.",
  "paper-out": "The printer is out of paper.",
  "cover-open": "The printer’s cover is open.",
  offline: "The printer says it is offline.",
  slow: "The printer took too long.",
  "connection-lost": "The connection to the printer broke off.",
  "queue-refused": "The print queue of this computer refused it.",
};

export const paper = {
  print: "Print",
  pdf: "Save as PDF",
  csv: "Save as CSV",
  working: "Printing or saving…",
  drawer: "Open the drawer",
  done: "Printed.",
  handed: "Sent to the printer.",
  notPrinted: "Nothing was printed.",
  unsure: "It may have been printed. Look at the printer before you print again.",
  drawerDone: "The drawer was opened.",
  drawerHanded: "The drawer was told to open.",
  drawerNot: "The drawer was not opened. Open it with its key.",
  drawerUnsure: "The drawer may not have opened. Look, and use its key if it did not.",
  saved: (p: { path: string }) => `Saved: ${p.path}`,
  notSaved: "It was not saved.",
  troubles,
};

export type PaperWords = typeof paper;
