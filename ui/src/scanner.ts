// What a scanner types. Invariant: what a scanner read is never taken for an amount, changes no field, and presses nothing.

/** No amount has so many digits, and no code on goods has fewer. */
const fewest = 8;

/** Whether digits that were typed can only be a code. */
export const looksScanned = (text: string): boolean => /^\d+$/.test(text) && text.length >= fewest;

/** The longest time between two keys of a scanner, in milliseconds; nobody types four keys and Enter at this pace. */
const pace = 35;
const shortest = 4;
/** So many at this pace can only be a scanner's; from then on a busy computer may hold a key up, this long at most. */
const sure = 6;
const stall = 150;
/** How scanners type the separator of GS1 elements: as Ctrl and `]`. */
const separator = "\u001D";

/** Why a scan could not be taken where it arrived. */
export type ScanRefusal = "nothing-sold" | "dialog" | "paying";

type Field = HTMLInputElement | HTMLTextAreaElement;
type Before = { value: string; from: number | null; to: number | null };

let receiver: ((code: string) => ScanRefusal | null) | null = null;

/** From now on until the result is called, what is scanned goes to `take`, unless a dialog is open. */
export function receiveScans(take: (code: string) => ScanRefusal | null): () => void {
  receiver = take;
  return () => {
    if (receiver === take) receiver = null;
  };
}

/** Hands a code to whoever takes it; why not, where nobody does. */
function give(code: string): ScanRefusal | null {
  if (document.querySelector("dialog[open]") !== null) return "dialog";
  return receiver === null ? "nothing-sold" : receiver(code);
}

/**
 * Tells a scanner from a person by its pace, wherever the focus is, until the result is called; `tell` hears of each scan. What a field received of a
 * code is taken back. A field for a password or an e-mail address keeps what is typed into it: badges type there.
 */
export function listenForScans(target: Window, tell: (refusal: ScanRefusal | null, code: string) => void): () => void {
  const listening = new AbortController();
  const first = { capture: true, signal: listening.signal };
  let code = "";
  let last = Number.NEGATIVE_INFINITY;
  let fields = new Map<Field, Before>();

  const remember = (on: EventTarget | null) => {
    if (!(on instanceof HTMLInputElement || on instanceof HTMLTextAreaElement) || fields.has(on)) return;
    fields.set(on, { value: on.value, from: on.selectionStart, to: on.selectionEnd });
  };
  const signsIn = (on: Element | null) => on instanceof HTMLInputElement && ["password", "email"].includes(on.type);
  const forget = () => {
    code = "";
    last = Number.NEGATIVE_INFINITY;
    fields = new Map();
  };

  /** What the key types; `null` for one that no scanner presses within a code. */
  function typed({ key, ctrlKey, altKey, metaKey, repeat, isComposing }: KeyboardEvent): string | null {
    if (altKey || metaKey || repeat || isComposing) return null;
    if (ctrlKey) return key === "]" || key === separator ? separator : null;
    return [...key].length === 1 ? key : null;
  }

  const goesOn = ({ timeStamp }: KeyboardEvent) => timeStamp - last <= (code.length >= sure ? stall : pace);

  function ends(event: KeyboardEvent): boolean {
    return (
      (event.key === "Enter" || event.key === "Tab") &&
      !event.repeat &&
      code.length >= shortest &&
      goesOn(event) &&
      !signsIn(target.document.activeElement)
    );
  }

  target.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Shift" || (event.key === "Control" && !event.repeat)) return;
      if (ends(event)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        const scanned = code;
        for (const [field, before] of fields) takeBack(field, before);
        forget();
        tell(give(scanned), scanned);
        return;
      }
      const character = typed(event);
      if (character === null) return forget();
      if (!goesOn(event)) forget();
      if (character === separator) event.preventDefault();
      code += character;
      last = event.timeStamp;
      remember(target.document.activeElement);
    },
    first,
  );
  // A key may move the focus to the field that then receives it.
  target.addEventListener("focusin", ({ target: on }) => code !== "" && remember(on), first);
  return () => listening.abort();
}

function takeBack(field: Field, { value, from, to }: Before): void {
  if (field.value === value || !field.isConnected) return;
  field.value = value;
  if (from !== null) field.setSelectionRange(from, to);
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
