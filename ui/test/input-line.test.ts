import { describe, expect, it } from "vitest";
import { readLine, readMoney, readPercent, readQuantity } from "../src/selling/input-line";
import { looksScanned } from "../src/scanner";

const amount = (amount: string, quantity = "") => ({ kind: "amount", amount, quantity });
const problem = (problem: string) => ({ kind: "problem", problem });
const words = (text: string, quantity = "") => ({ kind: "words", text, quantity });
const code = (code: string) => ({ kind: "code", code });

describe("the input line", () => {
  it.each([
    // Digits alone fill the places from the right, as on a cash register.
    ["350", 2, amount("3.50")],
    ["5", 2, amount("0.05")],
    ["0350", 2, amount("3.50")],
    ["1234567", 2, amount("12345.67")],
    ["350", 0, amount("350.00")],
    ["٣٥٠", 2, amount("3.50")],
    // A decimal mark says where they begin.
    ["3.5", 2, amount("3.50")],
    ["3,5", 2, amount("3.50")],
    ["12.", 2, amount("12.00")],
    [".5", 2, amount("0.50")],
    ["1,234.50", 2, amount("1234.50")],
    ["$3.50", 2, amount("3.50")],
    // How many comes first.
    ["3*350", 2, amount("3.50", "3")],
    ["3 × 3.50", 2, amount("3.50", "3")],
    ["0,485x1290", 2, amount("12.90", "0.485")],
    ["3*", 2, { kind: "quantity", quantity: "3" }],
    ["12x", 2, { kind: "quantity", quantity: "12" }],
    // What nobody types as an amount is looked up.
    ["40123455", 2, code("40123455")],
    ["4006381333931", 2, code("4006381333931")],
    ["4006381333931", 0, code("4006381333931")],
    ["flat white", 2, words("flat white")],
    ["ABC-12", 2, words("ABC-12")],
    ["3XL", 2, words("3XL")],
    ["123456XL", 2, words("123456XL")],
    ["3*flat white", 2, words("flat white", "3")],
    ["0.5 × tea", 2, words("tea", "0.5")],
    ["", 2, { kind: "nothing" }],
    ["  ", 2, { kind: "nothing" }],
    // What could be read in two ways, or sells nothing, is asked back.
    ["1.234", 2, problem("unclear")],
    ["3.505", 2, problem("unclear")],
    ["-3.50", 2, problem("unclear")],
    ["1.5", 0, problem("unclear")],
    ["0", 2, problem("zero")],
    ["0.00", 2, problem("zero")],
    ["3*40123455", 2, problem("unclear")],
    ["0*350", 2, problem("unclear")],
    ["99999999.99", 2, problem("too-large")],
  ])("%o with %i places", (typed, places, meant) => expect(readLine(typed, places)).toEqual(meant));

  it("never takes the digits of a scanner for money that was handed over", () => {
    for (const scanned of ["40123455", "4006381333931", "00000000"]) {
      expect(looksScanned(scanned)).toBe(true);
      expect(readMoney(scanned, 2).kind).toBe("problem");
    }
    expect(readMoney("2000", 2)).toEqual({ kind: "amount", amount: "20.00" });
  });
});

describe("a quantity", () => {
  it.each([
    ["3", "3"],
    ["0,485", "0.485"],
    [" 12 ", "12"],
    ["0", null],
    ["1.2345", null],
    ["123456", null],
    ["-1", null],
    ["", null],
  ])("%o", (typed, read) => expect(readQuantity(typed)).toBe(read));
});

describe("a per cent", () => {
  it.each([
    ["10", "10"],
    ["7,5", "7.5"],
    ["12.5 %", "12.5"],
    ["100", "100"],
    ["101", null],
    ["100.01", null],
    ["ten", null],
  ])("%o", (typed, read) => expect(readPercent(typed)).toBe(read));
});
