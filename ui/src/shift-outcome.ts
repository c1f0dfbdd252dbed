// How this device came to its shift, in words.

import type { Screen } from "./generated/Screen";
import type { Staff } from "./generated/Staff";
import { formatMoney } from "./money";
import { formatMoment } from "./when";
import type { Words } from "./words";

type AtRegister = Extract<Screen, { name: "register" }>;

export function shiftOutcome(
  screen: AtRegister,
  staff: Staff | null,
  words: Words,
  locale: string,
  now: number,
): { title: string; line: string } {
  const { session, outcome, location } = screen;
  const money = (amount: string) => formatMoney(amount, location.currency, locale);
  const mine = session.opener_id !== null && session.opener_id === staff?.user_id;
  // A colleague who signs in later did not start it.
  const told = outcome === "created" && session.opener_id !== null && !mine ? "unknown" : outcome;
  const line = words.register.outcomeLine[told]({
    name: session.opener_name ?? words.general.unknownPerson,
    when: formatMoment(session.opened_at, now, locale, location.timezone),
    amount: money(session.opening_cash),
  });
  const counted = screen.own_opening_cash;
  const own = counted === null ? "" : words.register.joinedOwn({ own: money(counted), float: money(session.opening_cash) });
  return { title: words.register.outcome[told], line: `${line} ${own}`.trim() };
}
