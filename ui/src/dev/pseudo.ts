// Words for judging a layout: every letter accented, every word about half as long again, and readable all the same.
// Invariant: what stands for a value, and an address or a command that people type, is left as it is.

import { en, type Words } from "../words/en";

const accented: Record<string, string> = Object.fromEntries(
  [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((letter, place) => [
    letter,
    [..."àƀçđéƒĝĥîĵķłɱñöþǫŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶŁṀÑÖÞǪŔŠŢÛṼŴẊÝŽ"][place] ?? letter,
  ]),
);

// Hebrew letters make the browser lay a sentence out from the right, and stay apart from the values in it.
const hebrew = [..."אבגדהוזחטיכלמנסעפצקרשת"];

function word(text: string, direction: "ltr" | "rtl"): string {
  if (/[._/`@]/.test(text)) return text;
  if (direction === "rtl") return text.replace(/[a-z]/gi, (letter) => hebrew[letter.toLowerCase().charCodeAt(0) % hebrew.length] ?? letter);
  const long = text.replace(/[aeiou]/gi, (vowel) => vowel + vowel.toLowerCase());
  return long.replace(/[a-z]/gi, (letter) => accented[letter] ?? letter);
}

const sentence = (text: string, direction: "ltr" | "rtl") =>
  text
    .split(/(\s+)/)
    .map((part) => word(part, direction))
    .join("");

/** Around each value, to keep it out of the change: no letter of any language. */
const mark = "\uE000";

function leaf(value: unknown, direction: "ltr" | "rtl"): unknown {
  if (typeof value === "string") return sentence(value, direction);
  if (typeof value === "function") {
    return (values: Record<string, unknown>) => {
      const marks: string[] = [];
      const marked = new Proxy(values, {
        get: (all, name) => {
          const told = all[name as string];
          // A number decides between one and several.
          if (typeof told === "number") return told;
          marks.push(String(told));
          return `${mark}${marks.length - 1}${mark}`;
        },
      });
      const text = (value as (p: unknown) => string)(marked);
      return text
        .split(/(\uE000\d+\uE000)/)
        .map((part) => (part.startsWith(mark) ? (marks[Number(part.slice(1, -1))] ?? "") : sentence(part, direction)))
        .join("");
    };
  }
  if (Array.isArray(value)) return value.map((one) => leaf(one, direction));
  return Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, leaf(one, direction)]));
}

/** The English words, as another language would stretch or turn them. */
export function pseudo(direction: "ltr" | "rtl"): Words {
  return leaf(en, direction) as Words;
}
