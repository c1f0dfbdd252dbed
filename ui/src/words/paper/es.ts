// Spanish words for printing and saving reports.

import type { PaperWords } from "./en";

export const paper: PaperWords = {
  print: "Imprimir",
  pdf: "Guardar como PDF",
  csv: "Guardar como CSV",
  working: "Imprimiendo o guardando…",
  drawer: "Abrir el cajón",
  done: "Impreso.",
  handed: "Enviado a la impresora.",
  notPrinted: "No se imprimió nada.",
  unsure: "Puede que se haya impreso. Mire la impresora antes de imprimir otra vez.",
  drawerDone: "El cajón se abrió.",
  drawerHanded: "Se ordenó abrir el cajón.",
  drawerNot: "El cajón no se abrió. Ábralo con su llave.",
  drawerUnsure: "Puede que el cajón no se haya abierto. Mire y, si no, use su llave.",
  saved: (p) => `Guardado: ${p.path}`,
  notSaved: "No se guardó.",
  troubles: {
    "no-printer": "Esta caja no tiene impresora configurada.",
    "no-drawer": "Esta caja no tiene cajón configurado.",
    unreachable: "No se llega a la impresora: ¿está encendida y conectada?",
    "paper-out": "La impresora no tiene papel.",
    "cover-open": "La tapa de la impresora está abierta.",
    offline: "La impresora dice que no está disponible.",
    slow: "La impresora tardó demasiado.",
    "connection-lost": "Se cortó la conexión con la impresora.",
    "queue-refused": "La cola de impresión de este equipo lo rechazó.",
  },
};
