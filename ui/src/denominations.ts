// The notes and coins that lie in a drawer, largest first. A currency that is not here is entered as an amount.

import type { Amount } from "./generated/Amount";

const small = ["0.50", "0.20", "0.10", "0.05"];
const known: Record<string, Amount[]> = {
  USD: ["100", "50", "20", "10", "5", "2", "1", "0.50", "0.25", "0.10", "0.05", "0.01"],
  CAD: ["100", "50", "20", "10", "5", "2", "1", "0.25", "0.10", "0.05"],
  MXN: ["1000", "500", "200", "100", "50", "20", "10", "5", "2", "1", "0.50"],
  EUR: ["200", "100", "50", "20", "10", "5", "2", "1", ...small, "0.02", "0.01"],
  GBP: ["50", "20", "10", "5", "2", "1", ...small, "0.02", "0.01"],
  CHF: ["200", "100", "50", "20", "10", "5", "2", "1", ...small],
  AUD: ["100", "50", "20", "10", "5", "2", "1", ...small],
  NZD: ["100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10"],
  JPY: ["10000", "5000", "2000", "1000", "500", "100", "50", "10", "5", "1"],
};

/** The pieces of a currency; none when it is not known here. */
export function denominations(currency: string): readonly Amount[] {
  return known[currency] ?? [];
}
