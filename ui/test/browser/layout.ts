// What a person at the register would call broken, found by measuring. It runs in the page.

export type Wanted = {
  /** The main action has to be in sight without scrolling. */
  actionInSight: boolean;
};

/** Everything wrong with what is drawn now, in words that name the place. */
export function layoutProblems({ actionInSight }: Wanted): string[] {
  const problems: string[] = [];
  const name = (element: Element) => {
    const id = element.closest("[data-testid]")?.getAttribute("data-testid");
    const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 50);
    return `<${element.localName}${id ? ` ${id}` : ""}> “${text}”`;
  };
  const dialog = document.querySelector("dialog[open]");
  const shown = [...(dialog ?? document.body).querySelectorAll<HTMLElement>("*")].filter(
    (element) =>
      element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) &&
      element.closest(".hidden-label, .sentence, svg, option") === null,
  );

  // Nothing scrolls sideways.
  const scrolls = (element: Element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
  for (const element of [
    document.documentElement,
    document.body,
    ...document.querySelectorAll(".scroll, dialog[open]"),
    ...shown.filter(scrolls),
  ]) {
    const over = element.scrollWidth - element.clientWidth;
    if (over > 0) problems.push(`${element.localName}.${element.className} is ${over} px wider than its place`);
  }

  const bounds = (element: Element) => element.getBoundingClientRect();
  for (const element of shown) {
    const style = getComputedStyle(element);
    const ownText = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
    // Names that people gave may be long without end: those alone may be shortened.
    const mayShorten = element.localName === "bdi";
    const clips = /hidden|clip/.test(style.overflowX + style.overflowY) || style.contentVisibility === "auto";
    const hides = clips && !mayShorten;
    if (hides && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)) {
      problems.push(`${name(element)} hides part of what it holds`);
    }
    if (ownText.length > 0 && !mayShorten && element.closest("bdi") === null) {
      const range = document.createRange();
      range.selectNodeContents(element);
      const frame = element.closest("button, .card, .notice, dialog, header, main");
      const outer = frame ? bounds(frame) : new DOMRect(0, 0, innerWidth, innerHeight);
      for (const node of ownText) {
        for (const word of frame?.localName === "button" ? (node.nodeValue ?? "").matchAll(/[^\s\u00AD\u2010-]+/gu) : []) {
          // A soft hyphen's own line counts for the letter after it.
          const line = (letter: number) => {
            range.setStart(node, letter);
            range.setEnd(node, letter + 1);
            return [...range.getClientRects()].at(-1)?.bottom ?? 0;
          };
          const broken = line(word.index + word[0].length - 1) - line(word.index) > 1;
          if (broken) problems.push(`${name(element)} breaks the word “${word[0]}”`);
        }
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) {
          if (box.left < outer.left - 1 || box.right > outer.right + 1) problems.push(`${name(element)} stands out of its frame`);
          else if (frame?.localName === "button" && (box.top < outer.top - 1 || box.bottom > outer.bottom + 1)) {
            problems.push(`${name(element)} is higher than its button`);
          }
        }
      }
    }
    if (element instanceof HTMLInputElement && element.type !== "radio" && element.scrollWidth > element.clientWidth + 1) {
      problems.push(`${name(element)} ${element.dataset["testid"]} holds more than it shows`);
    }
  }

  // Everything that can be touched is large enough for a finger in a glove.
  for (const element of shown.filter((element) => element.matches("button, input, select, summary, a[href]"))) {
    const small = element instanceof HTMLInputElement && /radio|checkbox/.test(element.type);
    const { width, height } = bounds((small && element.closest("label")) || element);
    if (width < 47.5 || height < 47.5) problems.push(`${name(element)} is only ${Math.round(width)} × ${Math.round(height)} px`);
  }

  // Two things to touch never lie on each other.
  // What is scrolled out of sight is nowhere, and under a bar at the edge things pass when they are scrolled.
  const seen = (element: Element) => {
    let { left, top, right, bottom } = bounds(element);
    for (let outer = element.parentElement; outer; outer = outer.parentElement) {
      if (getComputedStyle(outer).overflowY === "visible") continue;
      const clip = bounds(outer);
      [left, top, right, bottom] = [
        Math.max(left, clip.left),
        Math.max(top, clip.top),
        Math.min(right, clip.right),
        Math.min(bottom, clip.bottom),
      ];
    }
    return { element, left, top, right, bottom };
  };
  const targets = shown.filter((element) => element.matches("button, input:not([type=radio]), summary")).map(seen);
  targets.forEach((a, place) => {
    for (const b of targets.slice(place + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const together = a.element.closest(".bar") === b.element.closest(".bar");
      if (wide > 1 && high > 1 && together) problems.push(`${name(a.element)} lies on ${name(b.element)}`);
    }
  });

  if (actionInSight) {
    for (const element of shown.filter((element) => element.matches("button.primary, .bar button"))) {
      const { top, bottom } = bounds(element);
      if (top < 0 || bottom > innerHeight)
        problems.push(`${name(element)} is out of sight: it ends at ${Math.round(bottom)} of ${innerHeight} px`);
    }
  }
  return [...new Set(problems)];
}
