// The words of a printed report. The screen shows the same ones; Rust has none and is sent these with every report.

import type { Language } from "..";
import type { ReportWords } from "../../generated/ReportWords";
import de from "./de.json";
import en from "./en.json";
import es from "./es.json";
import fr from "./fr.json";

export const reportWords: Record<Language, ReportWords> = { en, es, fr, de };
