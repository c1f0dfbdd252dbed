//! Reports and languages to print.

use crate::{Formats, Language, Words};
use onetill_core::{
    Amount, PaperWidth, PrinterSettings, RegisterId, Report, SessionId, SessionStatus,
    report::{
        CountAttempt, CountKind, Counted, MovementSum, Participant, Settlement, Sheet, SumKind, Tender,
        TenderLine,
    },
    session::{CloseKind, Totals},
};
use proptest::prelude::*;

/// A printer of the first family, with paper of this width.
pub(super) fn on(width: PaperWidth) -> PrinterSettings {
    PrinterSettings { width, ..PrinterSettings::default() }
}

fn words(json: &str) -> Words {
    serde_json::from_str(json).unwrap()
}

fn formats(decimal: &str, group: &str, positive: &str, date: &str, time: &str) -> Formats {
    Formats {
        decimal_mark: decimal.into(),
        list_mark: if decimal == "," { ";" } else { "," }.into(),
        group_mark: group.into(),
        group_from: 4,
        positive: positive.into(),
        negative: format!("-{positive}"),
        date: date.into(),
        time: time.into(),
        am: "AM".into(),
        pm: "PM".into(),
        letter_paper: false,
    }
}

/// The window's own catalogues, with the habits that its web view tells.
pub(super) fn languages() -> Vec<(&'static str, Language)> {
    let spanish = Formats {
        group_from: 5,
        ..formats(",", ".", "{amount}\u{a0}€", "{day}/{month}/{year}", "{hour}:{minute}")
    };
    vec![
        (
            "en",
            Language {
                words: words(include_str!("../../../../ui/src/words/report/en.json")),
                formats: Formats {
                    letter_paper: true,
                    ..formats(
                        ".",
                        ",",
                        "${amount}",
                        "{month}/{day}/{year}",
                        "{hour12}:{minute}\u{202f}{period}",
                    )
                },
            },
        ),
        (
            "de",
            Language {
                words: words(include_str!("../../../../ui/src/words/report/de.json")),
                formats: formats(",", ".", "{amount}\u{a0}€", "{day}.{month}.{year}", "{hour}:{minute}"),
            },
        ),
        (
            "fr",
            Language {
                words: words(include_str!("../../../../ui/src/words/report/fr.json")),
                formats: formats(
                    ",",
                    "\u{202f}",
                    "{amount}\u{a0}€",
                    "{day}/{month}/{year}",
                    "{hour}:{minute}",
                ),
            },
        ),
        (
            "es",
            Language {
                words: words(include_str!("../../../../ui/src/words/report/es.json")),
                formats: spanish,
            },
        ),
    ]
}

pub(super) fn language(name: &str) -> Language {
    languages().into_iter().find(|(known, _)| *known == name).unwrap().1
}

pub(super) fn money(text: &str) -> Amount {
    text.parse().unwrap()
}

/// A Z with a line of every kind.
pub(super) fn z() -> Report {
    let sum = |kind, word: &str, count, amount: &str, effect: &str| MovementSum {
        kind,
        word: word.into(),
        count,
        amount: money(amount),
        effect: Some(money(effect)),
    };
    let count = |amount: &str, approved: Option<&str>| CountAttempt {
        kind: CountKind::Closing,
        amount: money(amount),
        by_name: "Zoë Müller".into(),
        counted_at: "2026-11-23T18:00:00Z".parse().unwrap(),
        approved_by_name: approved.map(str::to_owned),
    };
    Report {
        sheet: Sheet::Z(Box::new(Settlement {
            z_number: 1042,
            copy: false,
            closed_at: "2026-11-23T18:06:00Z".parse().unwrap(),
            closed_by_name: Some("Zoë Müller".into()),
            ended_at: Some("2026-11-23T18:06:00Z".parse().unwrap()),
            ended_by_name: Some("Zoë Müller".into()),
            end_reason: None,
            close_kind: CloseKind::Normal,
            reason: Some("Ein Schein zu viel zurückgegeben, der Kunde war schon fort – 10 € fehlen".into()),
            approved_by_name: Some("Mia Krüger".into()),
            left_in_drawer: Some(money("200.00")),
            taken_out: Some(money("12343.00")),
        })),
        session_id: SessionId("0198b2de-0000-7000-8000-000000000001".parse().unwrap()),
        session_number: "M1-000042".into(),
        register_id: RegisterId("00000000-0000-4000-8000-000000001001".parse().unwrap()),
        register_number: "M1".into(),
        register_name: "Façade".into(),
        location_name: "Hauptstraße".into(),
        vendor_name: "Café Œuvre & Söhne".into(),
        timezone: "Europe/Berlin".into(),
        currency: "EUR".into(),
        business_date: Some("2026-11-23".parse().unwrap()),
        opened_at: "2026-11-23T07:00:00Z".parse().unwrap(),
        opener_name: Some("Łukasz Nowák".into()),
        opening_cash: Some(money("200.00")),
        totals: Totals {
            total_sales: money("12580.10"),
            total_transactions: 311,
            total_cash: money("12300.10"),
            total_card: money("280.00"),
        },
        selling: None,
        tenders: vec![
            TenderLine {
                tender: Tender::Cash,
                sales: money("12300.10"),
                expected: Some(money("12553.00")),
                counted: Counted::Counted {
                    amount: money("12543.00"),
                    difference: Some(money("-10.00").into()),
                },
            },
            TenderLine {
                tender: Tender::Card,
                sales: money("280.00"),
                expected: Some(money("280.00")),
                counted: Counted::NotCounted,
            },
        ],
        movements: vec![
            sum(SumKind::PayIn, "pay_in", 2, "112.90", "112.90"),
            sum(SumKind::PayOut, "pay_out", 1, "60.00", "-60.00"),
            sum(SumKind::NoSale, "no_sale", 3, "0.00", "0.00"),
            sum(SumKind::Other, "bank_drop", 1, "5.00", "-5.00"),
            sum(SumKind::Reversal, "reversal", 1, "5.00", "5.00"),
        ],
        participants: vec![Participant {
            name: "Ben Ünal".into(),
            joined_at: "2026-11-23T08:15:00Z".parse().unwrap(),
        }],
        counts: vec![count("12540.00", None), count("12543.00", Some("Mia Krüger"))],
        lines: Vec::new(),
    }
}

/// The same shift, looked at while it runs, by somebody who may not see the target.
pub(super) fn x() -> Report {
    let mut report = z();
    report.sheet = Sheet::X { read_at: "2026-11-23T12:00:00Z".parse().unwrap(), status: SessionStatus::Open };
    report.tenders[0].expected = None;
    report.tenders[0].counted = Counted::NotCounted;
    report.counts.clear();
    report
}

fn any_amount() -> impl Strategy<Value = Amount> {
    (any::<i64>(), 0_u32..3).prop_map(|(units, places)| {
        let units = units % 1_000_000_000;
        let text = units.unsigned_abs().to_string();
        let text = format!("{text:0>width$}", width = places as usize + 1);
        let (whole, fraction) = text.split_at(text.len() - places as usize);
        let sign = if units < 0 { "-" } else { "" };
        let dot = if places > 0 { "." } else { "" };
        money(&format!("{sign}{whole}{dot}{fraction}"))
    })
}

/// Any report that a server could draw up, with any text in it that people can type.
pub(super) fn any_report() -> impl Strategy<Value = Report> {
    let name = || prop_oneof!["\\PC{0,60}", ".{0,80}", "[A-Za-zÀ-ÿ ]{0,200}"];
    let movement = (0_usize..7, name(), 0_u32..100_000, any_amount(), prop::option::of(any_amount()));
    let texts = (name(), name(), name(), name(), prop::option::of(name()), prop::option::of(name()));
    let amounts = (
        prop::option::of(any_amount()),
        any_amount(),
        any_amount(),
        prop::option::of(any_amount()),
        prop::option::of((any_amount(), prop::option::of(any_amount()))),
    );
    let lists = (prop::collection::vec(movement, 0..6), prop::collection::vec((name(), any_amount()), 0..5));
    (texts, amounts, lists, any::<bool>(), any::<u64>()).prop_map(
        |(texts, amounts, lists, is_x, z_number)| {
            let mut report = if is_x { x() } else { z() };
            (report.vendor_name, report.location_name, report.register_name, report.session_number) =
                (texts.0, texts.1, texts.2, texts.3);
            report.opener_name = texts.4;
            if let Sheet::Z(settlement) = &mut report.sheet {
                settlement.z_number = z_number;
                settlement.reason = texts.5;
                settlement.taken_out = amounts.0;
            }
            report.opening_cash = amounts.0;
            (report.totals.total_cash, report.tenders[0].sales, report.totals.total_sales) =
                (amounts.1, amounts.1, amounts.2);
            report.tenders[0].expected = amounts.3;
            report.tenders[0].counted = match amounts.4 {
                Some((amount, difference)) => {
                    Counted::Counted { amount, difference: difference.map(Into::into) }
                }
                None => Counted::NotCounted,
            };
            let kinds = [
                SumKind::PayIn,
                SumKind::PayOut,
                SumKind::SafeDrop,
                SumKind::FloatTopUp,
                SumKind::NoSale,
                SumKind::Reversal,
                SumKind::Other,
            ];
            report.movements = lists
                .0
                .into_iter()
                .map(|(kind, word, count, amount, effect)| MovementSum {
                    kind: kinds[kind],
                    word,
                    count,
                    amount,
                    effect,
                })
                .collect();
            report.counts = lists
                .1
                .into_iter()
                .map(|(by_name, amount)| CountAttempt { by_name, amount, ..z().counts.remove(0) })
                .collect();
            report
        },
    )
}

/// Every figure that a sheet of this report must show.
pub(super) fn figures(report: &Report) -> Vec<Amount> {
    let mut figures = vec![report.totals.total_sales];
    figures.extend(report.opening_cash);
    for line in &report.tenders {
        figures.push(line.sales);
        if line.tender == Tender::Cash {
            figures.extend(line.expected);
            if let Counted::Counted { amount, difference } = line.counted {
                figures.push(amount);
                figures.extend(difference.map(onetill_core::Difference::amount));
            }
        }
    }
    let moved = report.movements.iter().filter(|sum| sum.kind != SumKind::NoSale);
    figures.extend(moved.map(|sum| sum.effect.unwrap_or(sum.amount)));
    figures.extend(report.counts.iter().map(|count| count.amount));
    if let Some(settlement) = report.settlement() {
        figures.extend(settlement.left_in_drawer);
        figures.extend(settlement.taken_out);
    }
    figures
}
