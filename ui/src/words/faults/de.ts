// German words for what went wrong, by its code.

import type { Code } from "../../generated/Code";
import type { FaultWords } from "./en";

export const faults: Record<Code, FaultWords> = {
  UNREACHABLE: {
    title: "Keine Verbindung",
    meaning: "Es wurde nichts gesendet, also nichts geändert und keine Schicht begonnen.",
    action: "Prüfen Sie Netzwerkkabel oder WLAN dieses Computers und versuchen Sie es erneut.",
  },
  UNAVAILABLE: {
    title: "Der Server kann gerade nicht antworten",
    meaning: "Was schon erfasst ist, ist sicher. Nichts wird doppelt begonnen.",
    action: "Warten Sie eine Minute und versuchen Sie es erneut. Bleibt es so, melden Sie es der Leitung.",
  },
  NO_ANSWER: {
    title: "Die Antwort ist nicht angekommen",
    meaning: "Die Anfrage wurde vielleicht ausgeführt. Ein neuer Versuch ist sicher: Nichts wird doppelt begonnen.",
    action: "Prüfen Sie das Netzwerk dieses Computers und versuchen Sie es erneut.",
  },
  NOT_SUPABASE: {
    title: "Etwas anderes hat geantwortet",
    meaning: "Statt des Supabase-Projekts hat eine Webseite oder ein anderer Dienst geantwortet. Nichts wurde geändert.",
    action: "In einem öffentlichen WLAN melden Sie sich zuerst im Browser bei diesem Netz an. Sonst prüfen Sie die Projekt-URL.",
  },
  WRONG_KEY: {
    title: "Das Projekt nimmt diesen Schlüssel nicht an",
    meaning: "Ohne den richtigen Schlüssel kann diese Kasse nicht arbeiten. Nichts wurde geändert.",
    action:
      "Kopieren Sie den Publishable Key aus dem Supabase-Dashboard (Project Settings, API Keys) und tragen Sie ihn in den Verbindungseinstellungen ein.",
  },
  SECRET_KEY: {
    title: "Das ist ein geheimer Schlüssel",
    meaning: "Ein geheimer Schlüssel öffnet jedem an diesem Computer die ganze Datenbank. Er wurde nicht gespeichert.",
    action:
      "Verwenden Sie den Publishable Key (er beginnt mit sb_publishable_). Lag der geheime Schlüssel je auf einer Kasse, ersetzen Sie ihn im Supabase-Dashboard.",
  },
  BAD_URL: {
    title: "Das ist keine Projektadresse",
    meaning: "Nichts wurde gespeichert und nichts gesendet.",
    action: "Tragen Sie die Projekt-URL aus dem Supabase-Dashboard ein. Sie sieht aus wie https://ihr-projekt.supabase.co.",
  },
  BAD_CONFIG: {
    title: "Die Konfigurationsdatei ist nicht lesbar",
    meaning: "Diese Kasse kennt ihr Projekt nicht. Keine Schicht und kein Geld geht verloren.",
    action:
      "Berichtigen Sie die Datei, die in den Einzelheiten genannt ist, oder tragen Sie die Verbindung hier ein und speichern Sie neu.",
  },
  WRONG_PASSWORD: {
    title: "E-Mail und Passwort passen nicht zusammen",
    meaning: "Sie sind nicht angemeldet. Nichts wurde geändert.",
    action: "Tippen Sie beides noch einmal und achten Sie auf Großbuchstaben. Die Leitung kann ein neues Passwort vergeben.",
  },
  EMAIL_NOT_CONFIRMED: {
    title: "Diese E-Mail-Adresse ist noch nicht bestätigt",
    meaning: "Sie sind nicht angemeldet. Nichts wurde geändert.",
    action: "Öffnen Sie die Bestätigungsmail, folgen Sie dem Link und melden Sie sich dann an.",
  },
  TOO_MANY_ATTEMPTS: {
    title: "Zu viele Versuche",
    meaning: "Der Server bittet alle in diesem Laden, kurz zu warten. Nichts wurde geändert.",
    action: "Warten Sie fünf Minuten und versuchen Sie es dann noch einmal.",
  },
  SIGNED_OUT: {
    title: "Ihre Anmeldung ist abgelaufen",
    meaning: "Was hier erfasst wurde, bleibt erhalten. Die Schicht bleibt auf dem Server offen.",
    action: "Melden Sie sich neu an, um weiterzuarbeiten.",
  },
  NOT_STAFF: {
    title: "Sie gehören hier zu keinem Laden",
    meaning: "Die Anmeldung hat geklappt, öffnet aber keine Kasse. Nichts wurde geändert.",
    action: "Bitten Sie die Leitung, Sie ins Personal aufzunehmen, oder nehmen Sie Ihr anderes Konto.",
  },
  FORBIDDEN: {
    title: "Ihre Rolle erlaubt das nicht",
    meaning: "Nichts wurde geändert.",
    action: "Bitten Sie die Leitung, es zu tun oder Ihre Rolle zu ändern.",
  },
  FUNCTION_NOT_DEPLOYED: {
    title: "Der Datenbankteil fehlt (Atomic session function not deployed)",
    meaning: "Dem Projekt fehlt der Datenbankteil von Onetill. Keine Schicht kann beginnen, kein Geld ist betroffen.",
    action:
      "Für die Einrichtung: Wenden Sie die Migrationen im Ordner `supabase/migrations` an, entweder mit der Supabase CLI, `supabase db push`, oder indem Sie die Dateien der Reihe nach in den SQL-Editor des Supabase-Dashboards einfügen. Dann versuchen Sie es erneut.",
  },
  OLDER_SERVER: {
    title: "Der Datenbankteil dieses Projekts ist ein früherer",
    meaning:
      "Schichten können begonnen und mitgenutzt werden. Buchungen, Zählungen, Berichte und die Übersicht brauchen den heutigen Datenbankteil. Es wurde nichts gebucht.",
    action:
      "Für die Einrichtung: Wenden Sie die Migrationen im Ordner `supabase/migrations` an (`onetillctl deploy` tut es). Schreiben Sie es bis dahin auf wie bisher.",
  },
  FUNCTION_AMBIGUOUS: {
    title: "Es gibt mehrere Schichtfunktionen",
    meaning: "Die Datenbank kann nicht zwischen ihnen wählen. Keine Schicht kann beginnen, kein Geld ist betroffen.",
    action:
      "Für die Einrichtung: Wenden Sie die Migrationen in `supabase/migrations` erneut an, danach gibt es genau eine `get_or_create_session`. Dann versuchen Sie es erneut.",
  },
  SERVER_MISCONFIGURED: {
    title: "Der Datenbankteil hat einen Fehler",
    meaning: "Der Server konnte die Anfrage nicht beenden. Nichts wurde geändert.",
    action:
      "Melden Sie es der Einrichtung, mit den Einzelheiten unten. Meist hilft es, die Migrationen in `supabase/migrations` erneut anzuwenden.",
  },
  REGISTER_NOT_FOUND: {
    title: "Diese Kasse gibt es für Sie nicht",
    meaning: "Es wurde keine Schicht begonnen.",
    action: "Wählen Sie eine andere Kasse. Sollte es sie geben, fragen Sie die Leitung.",
  },
  REGISTER_RETIRED: {
    title: "Diese Kasse ist außer Betrieb",
    meaning: "Es wurde keine Schicht begonnen.",
    action: "Wählen Sie eine andere Kasse. Die Leitung kann diese wieder in Betrieb nehmen.",
  },
  REGISTER_BUSY: {
    title: "Jemand öffnet oder schließt diese Kasse gerade",
    meaning: "Es wurde keine zweite Schicht begonnen.",
    action: "Warten Sie ein paar Sekunden und versuchen Sie es erneut.",
  },
  SCOPE_MISMATCH: {
    title: "Diese Kasse gehört zu einer anderen Filiale",
    meaning: "Es wurde keine Schicht begonnen.",
    action: "Laden Sie die Liste der Kassen neu und wählen Sie Ihre.",
  },
  USER_MISMATCH: {
    title: "Jemand anderes ist angemeldet",
    meaning: "Die Anfrage lief auf den Namen einer anderen Person. Es wurde keine Schicht begonnen.",
    action: "Melden Sie sich ab und unter Ihrem Namen wieder an.",
  },
  BAD_OPENING_CASH: {
    title: "Dieser Anfangsbestand kann nicht stimmen",
    meaning: "Es wurde keine Schicht begonnen.",
    action: "Geben Sie einen Betrag von 0 bis 9.999.999,99 mit höchstens zwei Nachkommastellen ein.",
  },
  KEY_REUSED: {
    title: "Das wurde schon für etwas anderes angefragt",
    meaning: "Nichts wurde ein zweites Mal getan, und nichts Neues wurde erfasst.",
    action:
      "Sehen Sie noch einmal auf den Bildschirm und beginnen Sie neu. Kommt es wieder, melden Sie es dem Support, mit den Einzelheiten unten.",
  },
  SESSION_NOT_FOUND: {
    title: "Der Server kennt diese Schicht nicht",
    meaning: "Was hier erfasst wurde, bleibt erhalten.",
    action: "Wählen Sie die Kasse neu. Fehlt Geld in einem Bericht, melden Sie es der Leitung.",
  },
  SESSION_OVER: {
    title: "Diese Schicht war schon beendet",
    meaning: "Der Eintrag steht nicht in den Büchern der Schicht. Er bleibt hier erhalten.",
    action: "Erfassen Sie ihn in der laufenden Schicht oder klären Sie ihn mit der Leitung.",
  },
  COUNT_IN_PROGRESS: {
    title: "Jemand zählt gerade die Kasse",
    meaning: "Der Eintrag wartet auf diesem Computer. Nichts geht verloren.",
    action: "Warten Sie, bis die Zählung fertig oder abgebrochen ist.",
  },
  COUNT_TAKEN_OVER: {
    title: "Die Zählung wurde übernommen",
    meaning: "Jemand anderes zählt diese Kasse jetzt oder hat die Zählung abgebrochen. Was erfasst wurde, bleibt erhalten.",
    action: "Sehen Sie auf den Hinweis an der Kasse und zählen Sie neu, falls Sie zuständig sind.",
  },
  BAD_COUNT: {
    title: "Diese Zählung kann nicht stimmen",
    meaning: "Es wurde nichts abgegeben, und Ihre Eingaben sind noch da.",
    action: "Prüfen Sie jede Zahl. Eine leere Kasse wird als 0 gezählt.",
  },
  REASON_REQUIRED: {
    title: "Es fehlt eine Begründung",
    meaning: "Die Schicht ist noch nicht abgeschlossen. Die Zählung bleibt bestehen.",
    action: "Schreiben Sie in wenigen Worten, warum, und schließen Sie dann noch einmal ab.",
  },
  APPROVAL_REQUIRED: {
    title: "Die Leitung muss die Differenz freigeben",
    meaning: "Die Schicht ist noch nicht abgeschlossen. Die Zählung bleibt bestehen.",
    action: "Zählen Sie noch einmal, oder bitten Sie die Leitung, sich hier anzumelden und freizugeben.",
  },
  MANAGER_REQUIRED: {
    title: "Das darf nur die Leitung",
    meaning: "Es wurde nichts geändert.",
    action: "Bitten Sie die Leitung, sich hier anzumelden.",
  },
  OWNER_REQUIRED: {
    title: "Das darf nur die Inhaberin oder der Inhaber",
    meaning: "Es wurde nichts geändert.",
    action: "Die Inhaberin oder der Inhaber meldet sich an und erledigt es.",
  },
  BAD_CATALOGUE: {
    title: "So kann das nicht gespeichert werden",
    meaning: "Es wurde nichts geändert.",
    action: "Das Feld berichtigen, das unten in den Einzelheiten steht, dann noch einmal speichern.",
  },
  CODE_TAKEN: {
    title: "Ein anderer Artikel hat diesen Code",
    meaning: "Ein Code gehört zu einem Artikel. Es wurde nichts gespeichert.",
    action: "Den Code in der Liste suchen, um zu sehen, wem er gehört, oder ihn hier entfernen.",
  },
  ITEM_CHANGED: {
    title: "Jemand anders hat diesen Artikel geändert",
    meaning: "Es wurde nichts gespeichert, also ging nichts davon verloren.",
    action: "Den Artikel ansehen, wie er jetzt ist, dann noch einmal speichern.",
  },
  UNSENT_ENTRIES: {
    title: "Einträge dieses Computers sind noch nicht gesendet",
    meaning: "Die Schicht bleibt offen, und die Einträge sind auf diesem Computer sicher.",
    action: "Warten Sie, bis sie gesendet sind, oder bitten Sie die Leitung, den Abschluss ohne sie zu erlauben.",
  },
  SESSION_NOT_EMPTY: {
    title: "In dieser Schicht gibt es Einträge",
    meaning: "Sie wurde nicht storniert, weil Geld darin erfasst ist.",
    action: "Zählen und schließen Sie sie ab, oder beenden Sie sie und zählen später.",
  },
  OVER_LIMIT: {
    title: "Diesen Betrag erfasst die Leitung",
    meaning: "Es wurde nichts erfasst. Das Geschäft begrenzt, was an der Kasse allein erfasst wird.",
    action: "Bitten Sie die Leitung, sich anzumelden und ihn zu erfassen.",
  },
  NOT_CLOSED: {
    title: "Es gibt noch keinen Z-Bericht",
    meaning: "Die Schicht ist nicht abgeschlossen, daher gibt es ihren endgültigen Bericht noch nicht.",
    action: "Schließen Sie die Schicht zuerst ab, oder lesen Sie ihren X-Bericht.",
  },
  BAD_MOVEMENT: {
    title: "Dieser Eintrag kann nicht stimmen",
    meaning: "In der Schicht wurde nichts erfasst.",
    action: "Prüfen Sie den Betrag und ob der Eintrag schon zurückgenommen wurde.",
  },
  SELLING_OFF: {
    title: "Der Verkauf ist hier ausgeschaltet",
    meaning: "Es wurde nichts verkauft. Schichten, Kassenbewegungen und Zählungen gehen wie bisher.",
    action:
      "Wer das Geschäft besitzt, schaltet ihn in den Verkaufsregeln ein. Manche Länder verlangen eine zertifizierte Kasse; dort bleibt er aus.",
  },
  BAD_SALE: {
    title: "Der Server hat diesen Beleg nicht angenommen",
    meaning:
      "Er steht nicht in den Büchern der Schicht. Ein fertiger Verkauf bleibt auf diesem Computer; zu einer Erstattung gehört noch keine Auszahlung.",
    action: "Zeigen Sie ihn der Leitung, mit den Einzelheiten unten. Andere Verkäufe gehen weiter.",
  },
  BAD_TENDER: {
    title: "Die Zahlung dieses Belegs geht nicht auf",
    meaning:
      "Der Server hat ihn nicht angenommen. Ein fertiger Verkauf bleibt auf diesem Computer; zu einer Erstattung gehört noch keine Auszahlung.",
    action: "Zeigen Sie ihn der Leitung, mit den Einzelheiten unten. Andere Verkäufe gehen weiter.",
  },
  BAD_RECEIPT: {
    title: "Die Nummer dieses Belegs passt nicht zu dieser Kasse",
    meaning: "Der Server hat ihn nicht angenommen. Er bleibt auf diesem Computer.",
    action: "Zeigen Sie ihn der Leitung oder dem Installateur, mit den Einzelheiten unten.",
  },
  SALE_NOT_FOUND: {
    title: "Diesen Beleg gibt es nicht",
    meaning: "Es wurde nichts geändert.",
    action: "Prüfen Sie die Nummer auf dem Papier. Ein Beleg, der gerade offline entstand, ist zu finden, sobald er gesendet ist.",
  },
  ALREADY_VOIDED: {
    title: "Dieser Beleg wurde schon storniert",
    meaning: "Davon kann nichts mehr zurückkommen, und es wurde nichts erfasst.",
    action: "Zahlen Sie nichts aus. Sehen Sie sich den Beleg noch einmal an.",
  },
  NOTHING_LEFT: {
    title: "So viel kann nicht mehr zurückkommen",
    meaning: "Ein Teil dieses Belegs kam schon zurück. Es wurde nichts erfasst.",
    action: "Zahlen Sie nichts aus. Lesen Sie den Beleg neu und wählen Sie aus dem, was übrig ist.",
  },
  BAD_FIGURE: {
    title: "Diese Zahl kann nicht stimmen",
    meaning: "Der Verkauf ist, wie er vorher war.",
    action: "Prüfen Sie Menge, Preis und Betrag. Ein Rabatt ist nie höher als das, wovon er abgeht.",
  },
  CARD_NUMBER: {
    title: "Das sieht nach der Nummer einer Zahlungskarte aus",
    meaning: "Kartennummern werden hier nicht aufbewahrt; der Text wurde nicht übernommen.",
    action: "Schreiben Sie es ohne die Nummer.",
  },
  TEXT_TOO_LONG: {
    title: "Dieser Text ist zu lang",
    meaning: "Er wurde nicht übernommen, und der Verkauf ist, wie er vorher war.",
    action: "Sagen Sie es mit weniger Worten.",
  },
  NO_SUCH_LINE: {
    title: "Diese Zeile gibt es nicht mehr",
    meaning: "Der Verkauf ist, wie er vorher war.",
    action: "Sehen Sie sich den Verkauf noch einmal an und wählen Sie eine andere Zeile.",
  },
  CART_EMPTY: {
    title: "In diesem Verkauf ist noch nichts",
    meaning: "Es wurde nichts erfasst.",
    action: "Scannen Sie zuerst einen Artikel oder geben Sie einen Betrag ein.",
  },
  BAD_SCAN: {
    title: "Dieser Code ist nicht lesbar",
    meaning: "Es kam nichts dazu. Eine Ziffer wurde falsch gelesen, oder es ist kein Artikelcode.",
    action: "Noch einmal scannen oder den Betrag eintippen.",
  },
  UNKNOWN_ITEM: {
    title: "Nicht im Sortiment",
    meaning: "Es kam nichts dazu. Der Code steht unten in den Einzelheiten.",
    action: "Nach Betrag verkaufen und der Leitung Bescheid sagen.",
  },
  PRICE_NEEDED: {
    title: "Dieser Artikel braucht einen Preis",
    meaning: "Er wurde nicht hinzugefügt.",
    action: "Geben Sie den Preis ein und fügen Sie ihn noch einmal hinzu.",
  },
  AGE_TO_CHECK: {
    title: "Das Alter der Kundschaft muss geprüft werden",
    meaning: "Der Verkauf bleibt, wie er ist, und ist noch nicht bezahlt.",
    action: "Sehen Sie den Ausweis an und bestätigen Sie das Alter, oder nehmen Sie den Artikel heraus.",
  },
  SALE_NEEDS_APPROVAL: {
    title: "Die Leitung muss das freigeben",
    meaning: "Es geht über das hinaus, was das Geschäft an der Kasse allein erlaubt. Es wurde nichts erfasst.",
    action: "Bitten Sie die Leitung, sich hier anzumelden und es freizugeben, oder ändern Sie den Verkauf.",
  },
  MONEY_TAKEN: {
    title: "Für diesen Verkauf wurde schon Geld genommen",
    meaning: "Der Verkauf bleibt, wie er ist, solange das Geld in der Kasse liegt.",
    action: "Geben Sie zuerst das Geld zurück und nehmen Sie die Zahlung heraus, oder schließen Sie den Verkauf ab.",
  },
  PARKED_FULL: {
    title: "Mehr Verkäufe lassen sich nicht zurückstellen",
    meaning: "Dieser Verkauf bleibt auf dem Bildschirm.",
    action: "Schließen Sie zuerst einen zurückgestellten Verkauf ab, oder verwerfen Sie einen.",
  },
  CANNOT_VOID: {
    title: "Dieser Beleg lässt sich hier nicht stornieren",
    meaning: "Storniert wird nur ein ganzer Verkauf dieser Kasse aus der laufenden Schicht. Es wurde nichts erfasst.",
    action: "Erstatten Sie ihn stattdessen.",
  },
  OUTCOME_UNKNOWN: {
    title: "Die Antwort des Servers ist noch nicht bekannt",
    meaning: "Er hat die Erstattung vielleicht erfasst.",
    action: "Zahlen Sie noch nichts aus. Er wird gefragt, bis er antwortet.",
  },
  PRACTISING: {
    title: "Das ist eine Übung",
    meaning: "Nichts wurde geändert. In der Übung wird nur verkauft: Schicht, Schublade, Zählung und Übersicht gibt es in ihr nicht.",
    action: "Beenden Sie zuerst die Übung (F10) und tun Sie es dann noch einmal.",
  },
  CLOCK_SKEW: {
    title: "Eine Uhr geht falsch",
    meaning: "Dieser Computer und der Server sind sich über die Zeit nicht einig. Nichts wurde geändert.",
    action: "Stellen Sie Datum, Uhrzeit und Zeitzone dieses Computers ein und versuchen Sie es erneut.",
  },
  SERVER_CLOCKS: {
    title: "Der Server des Geschäfts ist sich über die Zeit nicht einig",
    meaning:
      "Ein Teil von ihm hält für abgelaufen oder noch nicht gültig, was ein anderer eben ausgestellt hat. Nichts wurde geändert, und dieser Computer ist in Ordnung.",
    action: "Hier ist nichts zu tun: Es wird von selbst wieder versucht. Bleibt es so, sagen Sie es der Person, die den Server betreut.",
  },
  STORE_FAILED: {
    title: "Dieser Computer kann nicht speichern",
    meaning: "Seine Platte ist voll, schreibgeschützt oder beschädigt. Was nicht gespeichert war, wurde nicht gesendet.",
    action: "Schaffen Sie Platz und starten Sie Onetill neu. Nehmen Sie bis dahin einen anderen Computer.",
  },
  KEYCHAIN_UNAVAILABLE: {
    title: "Anmeldungen lassen sich hier nicht aufbewahren",
    meaning: "Sie können arbeiten, müssen sich aber nach jedem Start neu anmelden. Kein Geld ist betroffen.",
    action: "Entsperren Sie den Schlüsselbund des Systems oder melden Sie es der Einrichtung.",
  },
  NOT_NOW: {
    title: "Das ging gerade nicht",
    meaning: "Es ist nichts geschehen.",
    action: "Schauen Sie noch einmal auf den Bildschirm, er hat sich vielleicht geändert.",
  },
  INTERNAL: {
    title: "Onetill hat einen Fehler gemacht",
    meaning: "Was erfasst wurde, bleibt erhalten.",
    action: "Versuchen Sie es erneut. Kommt es wieder, melden Sie es dem Support, mit den Einzelheiten unten.",
  },
};
