// German words for printing and saving reports.

import type { PaperWords } from "./en";

export const paper: PaperWords = {
  print: "Drucken",
  pdf: "Als PDF speichern",
  csv: "Als CSV speichern",
  working: "Wird gedruckt oder gespeichert …",
  drawer: "Schublade öffnen",
  done: "Gedruckt.",
  handed: "An den Drucker gesendet.",
  notPrinted: "Es wurde nichts gedruckt.",
  unsure: "Vielleicht wurde gedruckt. Sehen Sie am Drucker nach, bevor Sie noch einmal drucken.",
  drawerDone: "Die Schublade wurde geöffnet.",
  drawerHanded: "Die Schublade soll sich öffnen.",
  drawerNot: "Die Schublade wurde nicht geöffnet. Öffnen Sie sie mit dem Schlüssel.",
  drawerUnsure: "Die Schublade ist vielleicht nicht aufgegangen. Sehen Sie nach, und nehmen Sie sonst den Schlüssel.",
  saved: (p) => `Gespeichert: ${p.path}`,
  notSaved: "Es wurde nicht gespeichert.",
  troubles: {
    "no-printer": "An dieser Kasse ist kein Drucker eingerichtet.",
    "no-drawer": "An dieser Kasse ist keine Schublade eingerichtet.",
    unreachable: "Der Drucker ist nicht erreichbar: Ist er an und angeschlossen?",
    "paper-out": "Der Drucker hat kein Papier.",
    "cover-open": "Der Deckel des Druckers ist offen.",
    offline: "Der Drucker meldet sich als offline.",
    slow: "Der Drucker brauchte zu lange.",
    "connection-lost": "Die Verbindung zum Drucker brach ab.",
    "queue-refused": "Die Druckwarteschlange dieses Computers hat es abgelehnt.",
  },
};
