// The colours of favourites. A store names them; one that is not known is the plain one.

export const hues = ["red", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "brown", "grey"] as const;
const others: Record<string, Hue> = { purple: "violet", gray: "grey" };
export type Hue = (typeof hues)[number];

export function hueOf(colour: string | null): Hue | "plain" {
  const name = colour?.trim().toLowerCase() ?? "";
  return hues.find((hue) => hue === name) ?? others[name] ?? "plain";
}
