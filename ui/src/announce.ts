// The one sentence that a screen reader is told when the state of the till changes.

import type { Screen } from "./generated/Screen";
import type { Words } from "./words";

export function spoken(screen: Screen, words: Words): string {
  switch (screen.name) {
    case "register":
      return `${words.register.outcome[screen.outcome]}. ${words.announce[screen.connection.state]}`;
    case "fenced":
      return `${words.fenced.title}. ${words.fenced.calm}`;
    case "earlier-day":
      return words.earlier.line;
    default:
      return "";
  }
}
