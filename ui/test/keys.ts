// Keys as a browser tells them. Invariant: their pace is what a test says, whatever the computer does meanwhile.

let clock = 0;
const moments = new WeakMap<Event, number>();
/** More than lies between two keys of a scanner. */
const pace = 50;
const editable = (at: Element | null): at is HTMLInputElement => at instanceof HTMLInputElement;

/** When a key was pressed: by `press`, or by a person. */
export function momentOf(event: Event): number {
  const said = moments.get(event);
  if (said !== undefined) return said;
  return (clock = Math.max(clock + pace, performance.now()));
}

/** One key `after` so many milliseconds, and what it does to the field that has the focus; whether nobody swallowed it. */
export function press(key: string, after: number, more: KeyboardEventInit = {}): boolean {
  clock += after;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  moments.set(event, clock);
  const goes = (document.activeElement ?? document.body).dispatchEvent(event);
  const at = document.activeElement;
  if (goes && [...key].length === 1 && editable(at) && !more.ctrlKey) {
    const from = at.selectionStart;
    const place = from ?? at.value.length;
    at.value = at.value.slice(0, place) + key + at.value.slice(at.selectionEnd ?? place);
    if (from !== null) at.setSelectionRange(place + 1, place + 1);
    at.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  return goes;
}

/** What a scanner types, Enter included. */
export function scan(code: string): void {
  clock += 4 * pace;
  for (const key of code) press(key, 8);
  press("Enter", 8);
}
