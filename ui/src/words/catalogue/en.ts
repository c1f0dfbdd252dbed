// English words for the catalogue before its managers, and for files of it.

import type { FileProblem } from "../../generated/FileProblem";
import type { ImportFilter } from "../../generated/ImportFilter";
import type { ItemField } from "../../generated/ItemField";
import type { Layout } from "../../generated/Layout";
import type { ProblemKind } from "../../generated/ProblemKind";
import { pluralIn } from "../plural";

const plural = pluralIn("en");

const fields: Record<ItemField, string> = {
  name: "Name",
  short_name: "Short name",
  sku: "Item number (SKU)",
  unit: "Unit",
  price: "Price",
  price_is_open: "Price is typed at the till",
  tax_code: "Tax",
  category: "Category",
  age_limit: "Age limit in years",
  is_active: "It is sold",
  codes: "Codes",
  prices: "Prices by location",
};

/** What is wrong with a field, said so that it can be mended. */
const problems: Record<ProblemKind, string> = {
  name: "A name has 1 to 200 letters.",
  "short-name": "A short name has at most 40 letters.",
  sku: "An item number has at most 64 letters.",
  unit: "A unit has at most 16 letters.",
  price: "A price is zero or more, with at most two places.",
  "no-price": "Give a price, or let it be typed at the till.",
  "tax-code": "The shop has no such tax code.",
  category: "A category has at most 80 letters.",
  "age-limit": "An age limit is a number from 1 to 99.",
  "yes-or-no": "Write yes or no.",
  code: "A code has 1 to 64 letters and digits without blanks. A spreadsheet may have rounded it: format the column as text.",
  "check-digit": "The last digit of this code does not fit the others.",
  factor: "A code stands for more than 0 and at most 99,999 pieces.",
  "too-many-codes": "An item has at most 50 codes.",
  location: "The shop has no location of this name.",
  id: "The shop has no item with this id.",
  unreadable: "The line cannot be read: a quotation mark is not closed, or a field is too long.",
  repeated: "An earlier line is of the same item.",
  "code-repeated": "An earlier line has the same code.",
  "code-taken": "Another item has this code.",
  ambiguous: "Several items could be meant.",
  changed: "Somebody changed this item meanwhile.",
  server: "The server refused it.",
};

const filters: Record<ImportFilter, string> = { refuse: "Refused", add: "New", change: "Changed", same: "As they are" };

const layouts: Record<Layout, string> = {
  onetill: "Onetill",
  square: "Square",
  loyverse: "Loyverse",
  shopify: "Shopify",
  "woo-commerce": "WooCommerce",
  plain: "a plain table",
};

const files: Record<FileProblem, string> = {
  empty: "The file has no lines below the names of its columns.",
  "too-large": "The file is too large. Divide it into files of at most 20 MB and 200,000 lines.",
  "no-table": "This is no table of text. Save it from the spreadsheet as CSV, then choose that file.",
  "unknown-columns": "No column of the file is known. It needs at least one for the name and one for the price.",
};

export const catalogue = {
  title: "Catalogue",
  back: "Back to the registers",
  backToList: "Back to the list",
  working: "Asking the server …",
  search: "Name, code or item number",
  find: "Find",
  add: "New item",
  import: "Import a file",
  export: "Export",
  none: "No item found.",
  notRead: "The catalogue could not be read.",
  again: "Try again",
  previous: "Previous page",
  next: "Next page",
  open: "Price at the till",
  inactive: "Not sold",
  edit: (p: { name: string }) => `Edit ${p.name}`,
  columns: { name: "Item", code: "Code", category: "Category", price: "Price" },
  readOnly: "Your account works at one location. The catalogue is kept by managers of the whole shop.",
  fields,
  problems,
  item: {
    new: "New item",
    save: "Save",
    saved: "Saved. Every till hears of it within seconds.",
    unsaved: "It is not saved. What you typed stays here.",
    changed: "Somebody else changed this item",
    changedLine: "Nothing was saved. Below stands what you typed; the item as it is now can be taken up instead.",
    theirs: "Show it as it is now",
    mine: "Keep mine",
    gone: "The item could not be found any more. Look for it in the list.",
    noTax: "No tax",
    yes: "Yes",
    no: "No",
    unitHint: "Such as kg; empty: pieces",
    ageHint: "Empty: none",
    pricesHint: "Empty: the price above",
    code: "Code",
    factor: "Pieces",
    addCode: "Another code",
    removeCode: "Remove this code",
  },
  file: {
    title: "Import a file",
    choose: "Choose the file",
    taken:
      "CSV from a spreadsheet, or as Square, Shopify, Loyverse, WooCommerce or Onetill export it. Nothing is changed before you have seen what would be.",
    tax: "Tax of new items, where the file says nothing",
    reading: (p: { n: string }) => `The catalogue is read to compare the file with: ${p.n} items so far …`,
    readingStopped: "The catalogue was not read to its end.",
    unusable: "This file cannot be used",
    problems: files,
    recognised: (p: { file: string; layout: string }) => `${p.file}: columns of ${p.layout}`,
    layouts,
    filters,
    skipped: (p: { n: number; shown: string }) =>
      plural(p.n, { one: `${p.shown} line is of no item.`, other: `${p.shown} lines are of no item.` }),
    start: (p: { n: number; shown: string }) => plural(p.n, { one: `Import ${p.shown} item`, other: `Import ${p.shown} items` }),
    resume: "Go on",
    stop: "Stop",
    cancel: "Put the file away",
    close: "Done",
    nothing: "Nothing to do: the catalogue is as the file says.",
    onlyRefused: "No line of the file can be taken.",
    notYet: "Nothing was changed yet. Refused lines are left out; correct them in the file and import it again later.",
    running: (p: { done: string; of: string }) => `${p.done} of ${p.of} sent …`,
    stopped: (p: { done: string; of: string }) => `Stopped after ${p.done} of ${p.of}. What was sent is saved; going on sends the rest.`,
    over: (p: { n: number; shown: string }) =>
      plural(p.n, {
        one: `${p.shown} item saved. Every till hears of it within seconds.`,
        other: `${p.shown} items saved. Every till hears of them within seconds.`,
      }),
    line: "Line",
    what: "What",
    changes: "Changes",
    before: (p: { line: string }) => `Line ${p.line} was first.`,
    empty: "No lines of this kind.",
    page: (p: { from: string; to: string; of: string }) => `${p.from} to ${p.to} of ${p.of}`,
  },
  exporting: (p: { n: string }) => `The catalogue is read: ${p.n} items so far …`,
  exported: "Saved among the downloads:",
};

export type CatalogueWords = typeof catalogue;
