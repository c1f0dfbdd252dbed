// The one sentence that a screen reader is told when the state of the till changes.

import type { ClosingStep } from "./generated/ClosingStep";
import type { Screen } from "./generated/Screen";
import type { Words } from "./words";

function spokenStep(step: ClosingStep, words: Words): string {
  switch (step.step) {
    case "checklist":
      return words.closing.checklist.title;
    case "count":
      return `${words.closing.count.title}. ${words.closing.count.blind}`;
    case "ending":
      return words.closing.ending[step.how];
    case "ended":
      return `${words.closing.over.ended}. ${words.closing.over.endedLine}`;
    case "cancelled":
      return `${words.closing.over.cancelled}. ${words.closing.over.cancelledLine}`;
    // The heading, which takes the focus, says how these came out.
    case "result":
    case "closed":
      return "";
  }
}

export function spoken(screen: Screen, words: Words): string {
  switch (screen.name) {
    case "register":
      if (screen.practice) return `${words.selling.practice.title}. ${words.selling.practice.line}`;
      return `${words.register.outcome[screen.outcome]}. ${words.announce[screen.connection.state]}`;
    case "locked":
      return `${words.lock.title}. ${words.lock.calm}`;
    case "fenced":
      return `${words.fenced.title}. ${words.fenced.calm}`;
    case "closing":
      return spokenStep(screen.step, words);
    case "board":
      return words.board.title;
    case "earlier-day":
      return words.earlier.line;
    default:
      return "";
  }
}
