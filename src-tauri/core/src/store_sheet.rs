//! The end of a day and the board as sheets: what screen, paper, PDF and tables for spreadsheets show of a whole store.
//!
//! Invariant: as for the sheet of a shift, a figure is named once, here, and is the server's own.

use crate::{
    Amount, Report,
    board::{Board, BoardRegister, BoardState, Day, DayClose, DayShift},
    report::Counted,
    report_drawing::{Lines, draw_difference},
    report_lines::{ReportLabel, ReportLine, ReportSection, ReportValue, ReportWeight, ReportWord},
    sales_drawing::{draw_missing, draw_other_clients, signed_total},
    sales_sheet::{FlaggedEntry, SaleFlag},
    staff::Location,
};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

/// A sheet of a whole store. Times are to be shown in [`StoreSheet::timezone`]; money is in [`StoreSheet::currency`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct StoreSheet {
    /// What it tells.
    pub of: StoreSheetKind,
    /// The shop's name as customers know it.
    pub vendor_name: String,
    /// The store's name.
    pub location_name: String,
    /// IANA name of the store's time zone.
    pub timezone: String,
    /// ISO 4217 code of the store's currency.
    pub currency: String,
    /// The business date.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub business_date: Option<civil::Date>,
    /// All of it line by line.
    pub lines: Vec<ReportLine>,
}

/// What a sheet of a store tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum StoreSheetKind {
    /// The end of a business date.
    Day,
    /// Every register, at a moment.
    Board,
}

/// Whatever can be printed and saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(untagged)]
pub enum Printable {
    /// The sheet of a shift.
    Report(Box<Report>),
    /// That of a store.
    Store(StoreSheet),
}

impl StoreSheet {
    fn of(
        of: StoreSheetKind,
        vendor_name: &str,
        location: &Location,
        business_date: Option<civil::Date>,
        mut lines: Lines,
    ) -> Self {
        lines.section = ReportSection::Table;
        let kind = match of {
            StoreSheetKind::Day => "day",
            StoreSheetKind::Board => "board",
        };
        for (name, text) in [
            ("report", kind),
            ("vendor", vendor_name),
            ("location", &location.name),
            ("currency", &location.currency),
            ("timezone", &location.timezone),
        ] {
            lines.push(name, ReportLabel::Text(String::new()), ReportValue::Text(text.to_owned()));
        }
        Self {
            of,
            vendor_name: vendor_name.to_owned(),
            location_name: location.name.clone(),
            timezone: location.timezone.clone(),
            currency: location.currency.clone(),
            business_date,
            lines: lines.lines,
        }
    }

    /// The end of a day. `board`: the registers, by their numbers.
    #[must_use]
    pub fn of_day(day: &Day, board: Option<&Board>, vendor_name: &str, location: &Location) -> Self {
        let mut lines = Lines::default();
        lines.put("business_date", ReportWord::BusinessDate, ReportValue::Date(day.business_date));
        draw_day_totals(day, &mut lines);
        if let Some(selling) = &day.selling {
            selling.draw(&mut lines);
        }
        lines.section = ReportSection::Flags;
        day.flags.iter().for_each(|flagged| draw_flag(flagged, &mut lines));
        let totals = day.totals();
        lines.section = ReportSection::Drawer;
        draw_difference("difference", totals.difference, &mut lines);
        lines.put("to_safe", ReportWord::ToSafe, ReportValue::Amount(totals.taken_out));
        lines.section = ReportSection::Settled;
        day.z_reports.iter().filter_map(DayClose::of).for_each(|close| draw_close(&close, &mut lines));
        draw_unsettled(day, board, &mut lines);
        lines.section = ReportSection::Table;
        if let Some(selling) = &day.selling {
            selling.draw_for_table(&mut lines);
        }
        Self::of(StoreSheetKind::Day, vendor_name, location, Some(day.business_date), lines)
    }

    /// Every register at a moment.
    #[must_use]
    pub fn of_board(board: &Board, read_at: Timestamp, vendor_name: &str, location: &Location) -> Self {
        let mut lines = Lines::default();
        if let Some(date) = board.business_date {
            lines.put("business_date", ReportWord::BusinessDate, ReportValue::Date(date));
        }
        lines.put("read_at", ReportWord::ReadAt, ReportValue::Moment(read_at));
        lines.section = ReportSection::Registers;
        board.registers.iter().for_each(|register| draw_register(register, &mut lines));
        lines.section = ReportSection::Receipts;
        for till in board.registers.iter().flat_map(|register| &register.receipts) {
            draw_missing(till, ReportLabel::Text(till.prefix.clone()), &mut lines);
        }
        lines.section = ReportSection::Flags;
        let flags = board.registers.iter().flat_map(|register| &register.flags);
        flags.for_each(|flagged| draw_flag(flagged, &mut lines));
        Self::of(StoreSheetKind::Board, vendor_name, location, board.business_date, lines)
    }
}

fn draw_day_totals(day: &Day, lines: &mut Lines) {
    use ReportWord::{Card, Cash, TotalSales};
    let totals = day.totals();
    lines.section = ReportSection::Sales;
    lines.put("cash.sales", Cash, ReportValue::Amount(totals.cash));
    lines.put("card.sales", Card, ReportValue::Amount(totals.card));
    lines.put("total_sales", TotalSales, ReportValue::Amount(totals.sales));
    lines.weigh(ReportWeight::Strong);
}

/// A Z report in short.
fn draw_close(close: &DayClose, lines: &mut Lines) {
    let name = format!("z.{}.{}", close.register_number, close.z_number);
    let label = ReportLabel::Text(format!("{} Z {}", close.register_number, close.z_number));
    lines.push(&format!("{name}.total_sales"), label, ReportValue::Amount(close.totals.total_sales));
    let detail = |name: &str, word, amount: Amount, lines: &mut Lines| {
        lines.put(name, word, ReportValue::Amount(amount));
        lines.weigh(ReportWeight::Detail);
    };
    detail(&format!("{name}.cash.sales"), ReportWord::Cash, close.totals.total_cash, lines);
    detail(&format!("{name}.card.sales"), ReportWord::Card, close.totals.total_card, lines);
    match close.drawer {
        Counted::NotCounted => {
            let value = ReportValue::Word(ReportWord::NotCounted);
            lines.put(&format!("{name}.counted"), ReportWord::Counted, value);
        }
        Counted::Counted { amount, difference } => {
            detail(&format!("{name}.counted"), ReportWord::Counted, amount, lines);
            if let Some(difference) = difference {
                draw_difference(&format!("{name}.difference"), difference, lines);
            }
        }
    }
    lines.weigh(ReportWeight::Detail);
    if let Some(taken_out) = close.taken_out {
        detail(&format!("{name}.to_safe"), ReportWord::ToSafe, taken_out, lines);
    }
}

fn draw_unsettled(day: &Day, board: Option<&Board>, lines: &mut Lines) {
    lines.section = ReportSection::Unsettled;
    let owed = DayShift::of(&day.uncounted, board).into_iter();
    let open = DayShift::of(&day.open, board).into_iter();
    let open = open.map(|shift| (shift, ReportWord::StateOpen));
    for (shift, state) in owed.map(|shift| (shift, ReportWord::StateEndedUncounted)).chain(open) {
        let number = &shift.session.session_number;
        let label = ReportLabel::Text(format!("{} {number}", shift.register_number).trim().to_owned());
        lines.push(&format!("unsettled.{number}"), label, ReportValue::Word(state));
        lines.weigh(ReportWeight::Strong);
        let opener = shift.session.opener_name.clone();
        let by = opener.map_or(ReportLabel::Word(ReportWord::Opened), ReportLabel::Text);
        let at = ReportValue::Moment(shift.session.opened_at);
        lines.push(&format!("unsettled.{number}.opened"), by, at);
        lines.weigh(ReportWeight::Detail);
    }
}

fn draw_register(register: &BoardRegister, lines: &mut Lines) {
    use ReportWord::{
        Card, Cash, Expected, Float, LastClose, OpenedBy, StateCounting, StateEndedUncounted, StateFree,
        StateOpen, StateRetired, TotalSales, Unknown,
    };
    let state = match register.state {
        BoardState::Retired => StateRetired,
        BoardState::Free => StateFree,
        BoardState::Open => StateOpen,
        BoardState::Counting => StateCounting,
        BoardState::EndedUncounted => StateEndedUncounted,
    };
    let name = format!("register.{}", register.register_number);
    let label = format!("{} {}", register.register_number, register.register_name);
    lines.push(&name, ReportLabel::Text(label.trim().to_owned()), ReportValue::Word(state));
    lines.weigh(ReportWeight::Strong);
    let detail = |what: &str, label: ReportLabel, value: ReportValue, lines: &mut Lines| {
        lines.push(&format!("{name}.{what}"), label, value);
        lines.weigh(ReportWeight::Detail);
    };
    let word = ReportLabel::Word;
    if let Some(open) = &register.open_session {
        let opener = open.opener_name.clone().map_or(ReportValue::Word(Unknown), ReportValue::Text);
        let shift = ReportLabel::Text(open.session_number.clone());
        detail("shift", shift, ReportValue::Moment(open.opened_at), lines);
        detail("opened_by", word(OpenedBy), opener, lines);
        detail("opening_cash", word(Float), ReportValue::Amount(open.opening_cash), lines);
        detail("cash.sales", word(Cash), ReportValue::Amount(open.totals.total_cash), lines);
        detail("card.sales", word(Card), ReportValue::Amount(open.totals.total_card), lines);
        detail("total_sales", word(TotalSales), ReportValue::Amount(open.totals.total_sales), lines);
        if let Some(expected) = open.expected_cash {
            detail("cash.expected", word(Expected), ReportValue::Amount(expected), lines);
        }
    }
    if let Some(others) = &register.other_clients {
        draw_other_clients(&format!("{name}."), others, ReportWeight::Detail, lines);
    }
    for owed in &register.uncounted {
        let what = format!("uncounted.{}", owed.session_number);
        let shift = ReportLabel::Text(owed.session_number.clone());
        detail(&what, shift, ReportValue::Word(StateEndedUncounted), lines);
    }
    if let Some(last) = &register.last_close {
        detail("last_close", word(LastClose), ReportValue::Text(format!("Z {}", last.z_number)), lines);
        match last.cash_difference {
            Some(difference) => draw_difference(&format!("{name}.last_difference"), difference, lines),
            None => lines.put("", ReportWord::Counted, ReportValue::Word(ReportWord::NotCounted)),
        }
        lines.weigh(ReportWeight::Detail);
    }
}

/// What a manager should look at, and what it comes to.
fn draw_flag(flagged: &FlaggedEntry, lines: &mut Lines) {
    let entry = &flagged.entry;
    let number = entry.receipt_number.clone().unwrap_or_else(|| entry.id.to_string());
    let name = format!("flag.{number}.{}", flagged.flag.name());
    lines.push(&name, ReportLabel::Text(number), ReportValue::Change(signed_total(entry)));
    lines.put("", flagged.flag.word(), ReportValue::Nothing);
    lines.weigh(ReportWeight::Detail);
    let by = ReportLabel::Text(entry.by_name.clone());
    lines.push(&format!("{name}.by"), by, ReportValue::Moment(flagged.flagged_at));
    lines.weigh(ReportWeight::Detail);
    if let Some(settled) = &flagged.settled {
        for (what, word, value) in [
            ("settled_by", ReportWord::SettledBy, ReportValue::Text(settled.by_name.clone())),
            ("settled_at", ReportWord::Settled, ReportValue::Moment(settled.at)),
            ("note", ReportWord::Note, ReportValue::Text(settled.note.clone())),
        ] {
            lines.put(&format!("{name}.{what}"), word, value);
            lines.weigh(ReportWeight::Detail);
        }
    }
}

impl SaleFlag {
    /// Its name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::OverLimit => "over_limit",
            Self::PriceDiffers => "price_differs",
            Self::UnknownItem => "unknown_item",
            Self::TaxNotInForce => "tax_not_in_force",
            Self::NumberRepeated => "number_repeated",
            Self::ChainBroken => "chain_broken",
            Self::ClockOff => "clock_off",
            Self::RefundBeyond => "refund_beyond",
            Self::Other => "other",
        }
    }

    /// What people read of it.
    #[must_use]
    pub fn word(self) -> ReportWord {
        match self {
            Self::Late => ReportWord::FlagLate,
            Self::OverLimit => ReportWord::FlagOverLimit,
            Self::PriceDiffers => ReportWord::FlagPriceDiffers,
            Self::UnknownItem => ReportWord::FlagUnknownItem,
            Self::TaxNotInForce => ReportWord::FlagTaxNotInForce,
            Self::NumberRepeated => ReportWord::FlagNumberRepeated,
            Self::ChainBroken => ReportWord::FlagChainBroken,
            Self::ClockOff => ReportWord::FlagClockOff,
            Self::RefundBeyond => ReportWord::FlagRefundBeyond,
            Self::Other => ReportWord::FlagOther,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sales_sheet::TillReceipts, session::Session};
    use serde_json::json;
    use std::collections::BTreeMap;

    fn reports() -> BTreeMap<String, Report> {
        serde_json::from_str(include_str!("../../../ui/src/dev/reports.json")).unwrap()
    }

    fn location() -> Location {
        let location = json!({"id": "00000000-0000-4000-8000-000000000001", "name": "Main Street",
            "timezone": "America/New_York", "currency": "USD", "business_day_cutoff": "04:00"});
        serde_json::from_value(location).unwrap()
    }

    fn session() -> Session {
        let id = "00000000-0000-4000-8000-000000000002";
        let session = json!({"id": id, "session_number": "REG-1-000009", "register_id": id, "location_id": id,
            "vendor_id": id, "opener_id": null, "opener_name": "Ana", "status": "open", "opening_cash": "200.00",
            "opened_at": "2026-11-23T09:00:00Z", "business_date": "2026-11-23", "revision": 3,
            "totals": {"total_sales": "160.50", "total_transactions": 2, "total_cash": "53.50", "total_card": "107.00"},
            "expected_cash": "253.50", "ended_by_name": null, "closed_at": null});
        serde_json::from_value(session).unwrap()
    }

    fn told(sheet: &StoreSheet, name: &str) -> String {
        let line = sheet.lines.iter().find(|line| line.name == name);
        let line = line.unwrap_or_else(|| panic!("no {name}"));
        serde_json::to_string(&line.value).unwrap()
    }

    fn sheet_number(day: &Day) -> String {
        day.flags[0].entry.receipt_number.clone().unwrap()
    }

    /// Every line has its place and each name means one thing.
    fn is_orderly(sheet: &StoreSheet) {
        assert!(sheet.lines.is_sorted_by_key(|line| line.section), "section after section");
        let names = sheet.lines.iter().map(|line| line.name.as_str()).filter(|name| !name.is_empty());
        let mut names: Vec<&str> = names.collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
    }

    #[test]
    fn the_end_of_a_day_says_what_was_sold_what_is_in_the_drawers_and_what_is_owed() {
        let report = reports()["zSold"].clone();
        let day = Day {
            business_date: civil::date(2026, 11, 23),
            selling: report.selling.clone(),
            flags: vec![FlaggedEntry {
                entry: report.selling.as_ref().unwrap().addendum[0].clone(),
                flag: SaleFlag::Late,
                flagged_at: Timestamp::UNIX_EPOCH,
                settled: Some(crate::sales_sheet::SettledFlag {
                    by_name: "Mia".into(),
                    at: Timestamp::UNIX_EPOCH,
                    note: "Found in the bag".into(),
                }),
            }],
            z_reports: vec![report.clone()],
            uncounted: vec![session()],
            open: vec![Session { session_number: "REG-2-000001".into(), ..session() }],
        };
        let sheet = StoreSheet::of_day(&day, None, "Corner & Quay", &location());
        is_orderly(&sheet);
        let selling = report.selling.unwrap();
        let amount = |amount: Amount| serde_json::to_string(&ReportValue::Amount(amount)).unwrap();
        assert_eq!(told(&sheet, "sold.total"), amount(selling.sales.total));
        assert_eq!(told(&sheet, "total_sales"), amount(report.totals.total_sales));
        let others = selling.other_clients.unwrap();
        assert_eq!(told(&sheet, "other_clients.total_sales"), amount(others.total_sales));
        assert_eq!(told(&sheet, "receipts.REG-1-B.missing"), r#"{"number":3}"#);
        assert_eq!(told(&sheet, "unsettled.REG-1-000009"), r#"{"word":"state_ended_uncounted"}"#);
        assert_eq!(told(&sheet, "unsettled.REG-2-000001"), r#"{"word":"state_open"}"#);
        let number = sheet_number(&day);
        assert_eq!(told(&sheet, &format!("flag.{number}.late.settled_by")), r#"{"text":"Mia"}"#);
        assert_eq!(told(&sheet, &format!("flag.{number}.late.note")), r#"{"text":"Found in the bag"}"#);
        let z = report.sheet;
        let crate::report::Sheet::Z(z) = z else { panic!("{z:?}") };
        let name = format!("z.{}.{}.total_sales", report.register_number, z.z_number);
        assert_eq!(told(&sheet, &name), amount(report.totals.total_sales));
        // Who reads it again after a round trip to the window prints the same.
        let text = serde_json::to_string(&Printable::Store(sheet.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Printable>(&text).unwrap(), Printable::Store(sheet));
    }

    #[test]
    fn the_board_says_how_each_register_stands_and_what_is_to_be_looked_at() {
        let report = reports()["zSold"].clone();
        let selling = report.selling.unwrap();
        let flag = |flag| FlaggedEntry {
            entry: selling.addendum[0].clone(),
            flag,
            flagged_at: Timestamp::UNIX_EPOCH,
            settled: None,
        };
        let register = BoardRegister {
            id: report.register_id,
            register_number: "REG-1".into(),
            register_name: "Front".into(),
            status: crate::RegisterStatus::Active,
            state: BoardState::Open,
            offline_since: None,
            open_session: Some(session()),
            open_seconds: Some(60),
            uncounted: vec![Session { session_number: "REG-1-000008".into(), ..session() }],
            last_close: None,
            receipts: vec![TillReceipts {
                first: None,
                last: None,
                ..selling.receipts.last().unwrap().clone()
            }],
            flags: vec![flag(SaleFlag::Late), flag(SaleFlag::OverLimit)],
            other_clients: selling.other_clients,
        };
        let board = Board { business_date: Some(civil::date(2026, 11, 23)), registers: vec![register] };
        let sheet = StoreSheet::of_board(&board, Timestamp::UNIX_EPOCH, "Corner & Quay", &location());
        is_orderly(&sheet);
        assert_eq!(told(&sheet, "register.REG-1"), r#"{"word":"state_open"}"#);
        assert_eq!(told(&sheet, "register.REG-1.cash.expected"), r#"{"amount":"253.50"}"#);
        assert_eq!(told(&sheet, "register.REG-1.other_clients.card.sales"), r#"{"amount":"25.00"}"#);
        assert_eq!(told(&sheet, "receipts.REG-1-B.missing"), r#"{"number":3}"#);
        let number = selling.addendum[0].receipt_number.clone().unwrap();
        assert!(told(&sheet, &format!("flag.{number}.late")).starts_with(r#"{"change""#));
        assert!(sheet.lines.iter().any(|line| line.label == ReportLabel::Word(ReportWord::FlagOverLimit)));
    }
}
