import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, type AST } from "svelte/compiler";
import { describe, expect, it } from "vitest";
import { catalogues, languageNames, languages, matchLocale, type Language, type Words } from "../src/words";
import { pluralIn } from "../src/words/plural";

const source = join(import.meta.dirname, "../src");

type Leaf = string | ((p: Record<string, unknown>) => string);

/** Every word of a catalogue by its path. */
function leaves(words: object, path = ""): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  for (const [key, value] of Object.entries(words as Record<string, Leaf | object>)) {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "object") for (const [deep, leaf] of leaves(value, here)) found.set(deep, leaf);
    else found.set(here, value);
  }
  return found;
}

/** What a sentence says when each value it may take is its own name. */
function said(leaf: Leaf): string {
  if (typeof leaf === "string") return leaf;
  return leaf(new Proxy({}, { get: (_, name) => `{${String(name)}}` }));
}

/** What a sentence says of so many, apart from the number itself. */
function saidOf(leaf: Leaf, n: number): string {
  if (typeof leaf === "string") return leaf;
  return leaf(new Proxy({}, { get: () => n })).replaceAll(String(n), "#");
}

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
const all = Object.fromEntries(await Promise.all(languages.map(async (language) => [language, await catalogues[language]()]))) as Record<
  Language,
  Words
>;
const english = leaves(all.en);

describe.each(languages)("the %s catalogue", (language) => {
  const own = leaves(all[language]);

  it("calls itself by its own name", () =>
    expect(new Intl.DisplayNames(language, { type: "language" }).of(language)?.toLowerCase()).toBe(languageNames[language].toLowerCase()));

  it("has every key and no other", () => expect([...own.keys()].sort()).toEqual([...english.keys()].sort()));

  it("says something everywhere, and uses every value that English uses", () => {
    for (const [key, leaf] of own) {
      expect(said(leaf).trim(), key).not.toBe("");
      expect(holes(said(leaf)), key).toEqual(holes(said(english.get(key) ?? "")));
    }
  });

  it("tells one thing from several wherever English does", () => {
    const plurals = [...english].filter(([, leaf]) => saidOf(leaf, 1) !== saidOf(leaf, 2)).map(([key]) => key);
    expect(plurals.length).toBeGreaterThan(10);
    for (const key of plurals) expect(saidOf(own.get(key) ?? "", 1), key).not.toBe(saidOf(own.get(key) ?? "", 2));
  });

  it("is translated, not copied", () => {
    if (language === "en") return;
    const copied = [...own].filter(([key, leaf]) => {
      const text = said(leaf);
      return text.replace(/\{\w+\}/g, "").split(/\s+/).length > 3 && text === said(english.get(key) ?? "");
    });
    expect(copied.map(([key]) => key)).toEqual([]);
  });

  it("has words for every code that Rust knows", () => {
    const codes = readFileSync(join(source, "generated/Code.ts"), "utf8").match(/"[A-Z_]+"/g) ?? [];
    expect(codes.length).toBeGreaterThan(20);
    expect(Object.keys(all[language].faults).sort()).toEqual(codes.map((code) => code.slice(1, -1)).sort());
  });

  it("gives each fault its own title", () => {
    const titles = Object.values(all[language].faults).map((fault) => fault.title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it("tells how to deploy the function, with the words that runbooks search for", () => {
    const { title, action } = all[language].faults.FUNCTION_NOT_DEPLOYED;
    expect(title).toContain("Atomic session function not deployed");
    expect(action).toContain("supabase/migrations");
    expect(action).toContain("supabase db push");
    expect(action).toContain("SQL");
  });
});

// Otherwise a line would begin with a colon.
it("the French marks that stand apart stay with their word", () => {
  const apart = [...leaves(all.fr)].filter(([, leaf]) => / [:;?!»]|« /.test(said(leaf)));
  expect(apart.map(([key]) => key)).toEqual([]);
});

describe("one or several", () => {
  it.each([
    ["en", ["0 devices", "1 device", "2 devices"]],
    ["es", ["0 equipos", "1 equipo", "2 equipos"]],
    ["fr", ["0 appareil", "1 appareil", "2 appareils"]],
    ["de", ["0 Geräte", "1 Gerät", "2 Geräte"]],
  ] as const)("is chosen by the rules of %s", (language, said) => {
    expect([0, 1, 2].map((n) => all[language].board.devices({ n }))).toEqual(said);
  });

  it("falls back on the form of the others", () => {
    const plural = pluralIn("fr");
    expect(new Intl.PluralRules("fr").select(1_000_000)).toBe("many");
    expect(plural(1_000_000, { one: "one", other: "other" })).toBe("other");
    expect(plural(1_000_000, { one: "one", many: "many", other: "other" })).toBe("many");
  });
});

describe("components", () => {
  const components = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".svelte"));
  const spoken = ["aria-label", "aria-description", "aria-roledescription", "alt", "label", "legend", "placeholder", "title", "hint"];

  /** The texts that an expression may come to; what it compares or passes on is none. */
  function literals(node: unknown, judge: (text: string) => void): void {
    const { type, ...of } = node as { type: string } & Record<string, unknown>;
    if (type === "Literal" && typeof of["value"] === "string") judge(of["value"]);
    if (type === "TemplateLiteral") for (const { value } of of["quasis"] as { value: { raw: string } }[]) judge(value.raw);
    if (type === "ConditionalExpression") for (const branch of ["consequent", "alternate"]) literals(of[branch], judge);
    if (type === "LogicalExpression" || (type === "BinaryExpression" && of["operator"] === "+")) {
      for (const side of ["left", "right"]) literals(of[side], judge);
    }
  }

  /** Text and spoken attributes that stand in the markup itself. */
  function hardCoded(markup: string): string[] {
    const found: string[] = [];
    const judge = (text: string) => /\p{L}{2,}/u.test(text.replace(/&\w+;/g, "")) && found.push(text.trim());
    const walk = (node: unknown): void => {
      if (Array.isArray(node)) return node.forEach(walk);
      if (typeof node !== "object" || node === null) return;
      const { type } = node as { type?: string };
      if (type === "Text") judge((node as AST.Text).data);
      // A word in an expression: {"Hello"}, {open ? "Close" : "Open"}, {`Hello ${name}`}.
      if (type === "ExpressionTag") return literals((node as AST.ExpressionTag).expression, judge);
      if (type === "Attribute") {
        const { name, value } = node as AST.Attribute;
        if (name === "style") found.push("style attribute");
        if (spoken.includes(name) && value !== true) walk(value);
        return;
      }
      for (const [key, child] of Object.entries(node)) if (key !== "css" && key !== "instance" && key !== "module") walk(child);
    };
    walk(parse(markup, { modern: true }).fragment);
    return found;
  }

  it("would be caught with a word or a style of their own", () => {
    expect(hardCoded("<p>Hello</p>")).toEqual(["Hello"]);
    expect(hardCoded('<button aria-label="Close">×</button>')).toEqual(["Close"]);
    expect(hardCoded('<p>{"Hello"} {open ? "Close" : words.open} {name ?? "nobody"} {`by ${name}`}</p>')).toEqual([
      "Hello",
      "Close",
      "nobody",
      "by",
    ]);
    expect(hardCoded('<button aria-label={open ? "Close" : words.open}>{state === "open" ? 1 : words.of("shift")}</button>')).toEqual([
      "Close",
    ]);
    expect(hardCoded('<p class="small" style="color: red">{text}</p>')).toEqual(["style attribute"]);
  });

  it.each(components)("%s has no word of its own", (name) => {
    expect(hardCoded(readFileSync(join(source, name), "utf8"))).toEqual([]);
  });
});

describe("scripts", () => {
  const apart = /^(words|generated|dev)\//;
  const scripts = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.(ts|svelte)$/.test(name) && !apart.test(name.replaceAll("\\", "/")),
  );

  /** Strings that read like a sentence for people: two words or more, the first with a capital. */
  function sentences(script: string): string[] {
    const code = script.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(^|\s)\/\/.*$/gm, "");
    return [...code.matchAll(/(["'`])(\p{Lu}\p{Ll}+(?:[ ’',.:][^"'`\n]*)?\p{L}+[^"'`\n]*)\1/gu)]
      .map((found) => found[2] ?? "")
      .filter((text) => / \p{L}{2,}/u.test(text));
  }

  it("would be caught with a sentence of their own", () => {
    expect(sentences('const a = "Shift started"; // "Not this one"')).toEqual(["Shift started"]);
    expect(sentences('event.key === "Enter"; class: "row big"; import("Inter")')).toEqual([]);
  });

  it.each(scripts)("%s has no sentence of its own", (name) => {
    expect(sentences(readFileSync(join(source, name), "utf8"))).toEqual([]);
  });
});

describe("the system's language", () => {
  it("is followed with its region, else English", () => {
    expect(matchLocale(["es-MX", "en"])).toEqual({ language: "es", locale: "es-MX" });
    expect(matchLocale(["ja-JP", "de-CH"])).toEqual({ language: "de", locale: "de-CH" });
    expect(matchLocale(["ja-JP"])).toEqual({ language: "en", locale: "en" });
    expect(matchLocale([])).toEqual({ language: "en", locale: "en" });
  });
});
