// What a scanner types. Invariant: what a scanner read is never taken for an amount.
// The listener that tells a scanner by its speed, wherever the focus is, belongs here, too.

/** No amount has so many digits, and no code on goods has fewer. */
const fewest = 8;

/** Whether digits that were typed can only be a code. */
export const looksScanned = (text: string): boolean => /^\d+$/.test(text) && text.length >= fewest;
