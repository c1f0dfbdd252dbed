// Over and short as Rust would tell it.

import type { Difference } from "../generated/Difference";

export function off(amount: string): Difference {
  const size = amount.replace("-", "");
  return { way: /^[0.]*$/.test(size) ? "exact" : amount === size ? "over" : "short", size, amount };
}
