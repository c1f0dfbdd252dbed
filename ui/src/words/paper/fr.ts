// French words for printing and saving reports.

import type { PaperWords } from "./en";

export const paper: PaperWords = {
  print: "Imprimer",
  pdf: "Enregistrer en PDF",
  csv: "Enregistrer en CSV",
  working: "Impression ou enregistrement…",
  drawer: "Ouvrir le tiroir",
  done: "Imprimé.",
  handed: "Envoyé à l’imprimante.",
  notPrinted: "Rien n’a été imprimé.",
  unsure: "C’est peut-être imprimé. Regardez l’imprimante avant de réimprimer.",
  drawerDone: "Le tiroir a été ouvert.",
  drawerHanded: "Le tiroir a reçu l’ordre de s’ouvrir.",
  drawerNot: "Le tiroir n’a pas été ouvert. Ouvrez-le avec sa clé.",
  drawerUnsure: "Le tiroir ne s’est peut-être pas ouvert. Regardez, et prenez la clé au besoin.",
  saved: (p) => `Enregistré\u00A0: ${p.path}`,
  notSaved: "Rien n’a été enregistré.",
  troubles: {
    "no-printer": "Aucune imprimante n’est installée sur cette caisse.",
    "no-drawer": "Aucun tiroir n’est installé sur cette caisse.",
    unreachable: "L’imprimante est injoignable\u00A0: est-elle allumée et branchée\u00A0?",
    "paper-out": "L’imprimante n’a plus de papier.",
    "cover-open": "Le capot de l’imprimante est ouvert.",
    offline: "L’imprimante se dit hors ligne.",
    slow: "L’imprimante a mis trop de temps.",
    "connection-lost": "La liaison avec l’imprimante a été coupée.",
    "queue-refused": "La file d’impression de cet ordinateur l’a refusé.",
  },
};
