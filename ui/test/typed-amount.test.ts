import { describe, expect, it } from "vitest";
import { readAmount } from "../src/typed-amount";

const amount = (typed: string) => {
  const reading = readAmount(typed, 2);
  return reading.kind === "amount" ? reading.amount : reading.kind === "problem" ? reading.problem : reading.readings;
};

describe("what a cashier types", () => {
  it.each([
    ["150", "150.00"],
    ["150.", "150.00"],
    ["150.5", "150.50"],
    ["150.00", "150.00"],
    ["150,00", "150.00"],
    [".5", "0.50"],
    ["0", "0.00"],
    ["00012", "12.00"],
    [" $ 1 234,50 ", "1234.50"],
    ["1’234.50", "1234.50"],
    ["1 234 567", "1234567.00"],
    ["1.234,56", "1234.56"],
    ["1,234.56", "1234.56"],
    ["1,234,567", "1234567.00"],
    ["1.234.567,8", "1234567.80"],
    ["1234.5600", "1234.56"],
    ["9999999.99", "9999999.99"],
    ["٢٠٠٫٥٠", "200.50"],
    ["２００", "200.00"],
    ["0.500", "0.50"],
    ["-0", "0.00"],
  ])("%s is %s", (typed, read) => expect(amount(typed)).toBe(read));

  it.each([
    ["", "empty"],
    ["   ", "empty"],
    ["abc", "not-a-number"],
    ["1e3", "not-a-number"],
    ["NaN", "not-a-number"],
    [".", "not-a-number"],
    ["1.2.3", "not-a-number"],
    ["1,23,456", "not-a-number"],
    ["10 50", "not-a-number"],
    ["1 2345", "not-a-number"],
    ["- 5", "negative"],
    ["1.23,4.5", "not-a-number"],
    ["-5", "negative"],
    ["1.2345", "too-precise"],
    ["0.123", "too-precise"],
    ["10000000", "too-large"],
    ["9".repeat(40), "too-large"],
  ])("%s is refused: %s", (typed, problem) => expect(amount(typed)).toBe(problem));

  it("asks back where one mark and three digits may be thousands or a fraction", () => {
    expect(amount("1.234")).toEqual(["1234.00"]);
    expect(amount("1,500")).toEqual(["1500.00", "1.50"]);
    expect(amount("200.000")).toEqual(["200000.00", "200.00"]);
  });

  it("knows that some currencies have no coins below one", () => {
    expect(readAmount("1500.5", 0)).toEqual({ kind: "problem", problem: "too-precise" });
    expect(readAmount("1500", 0)).toEqual({ kind: "amount", amount: "1500.00" });
  });
});
