//! Any ledger, of any day: the cash that should be in the drawer is one sum, which every reader is told, and the X report,
//! the close and the Z report agree on it to the cent.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk};
use onetill_tests::database::{Server, VENDOR};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

crate::tests![x_close_and_z_agree_on_any_ledger];

/// The kinds of today, and what each does to the drawer.
const KINDS: [(&str, i64); 5] =
    [("pay_in", 1), ("pay_out", -1), ("safe_drop", -1), ("float_top_up", 1), ("no_sale", 0)];
/// Words that only earlier clients wrote. Without a sign a refund is one of the sale totals, with one it left the drawer.
const OLD_WORDS: [(&str, i64); 4] = [("paid_out", -1), ("cash_in", 1), ("opening", 0), ("refund", 0)];
const SIGNED_WORDS: [(&str, i64); 4] = [("paid_out", -1), ("paid_in", 1), ("opening", 0), ("refund", -1)];
/// Each is some twenty calls.
const DAYS: usize = 24;

/// What happens next in a shift; amounts in cents.
#[derive(Clone, Debug)]
enum Happening {
    /// A sale, or below zero a refund, partly in cash and partly by card.
    Sale { cash: i64, card: i64 },
    /// A movement of a kind of today.
    Movement { kind: usize, cents: i64 },
    /// One that an earlier client wrote.
    Old { word: usize, cents: i64 },
    /// A movement of before, whichever this index hits, is taken back.
    TakenBack(prop::sample::Index),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (-20_000_i64..100_000, -20_000_i64..100_000).prop_map(|(cash, card)| Happening::Sale { cash, card }),
        4 => (0..KINDS.len(), 1_i64..100_000).prop_map(|(kind, cents)| Happening::Movement { kind, cents }),
        1 => (0..OLD_WORDS.len(), 1_i64..100_000).prop_map(|(word, cents)| Happening::Old { word, cents }),
        2 => any::<prop::sample::Index>().prop_map(Happening::TakenBack),
    ]
}

fn money(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

/// An amount of an answer; its text always has the currency's places.
fn amount(value: &Value) -> Result<Decimal> {
    let text = value.as_str().ok_or_else(|| format!("no amount: {value}"))?;
    assert_eq!(text.split_once('.').map(|(_whole, cents)| cents.len()), Some(2), "{text}");
    Ok(text.parse()?)
}

/// What the ledger should come to, added up here and nowhere else.
#[derive(Default)]
struct Sum {
    /// Whether earlier clients write here with the sign of the effect.
    signed: bool,
    sales: [i64; 2],
    transactions: i64,
    /// What each movement that stands does to the drawer, by its id.
    standing: Vec<(Uuid, i64)>,
}

impl Sum {
    async fn add(
        &mut self,
        happening: &Happening,
        session: Uuid,
        desk: &Desk,
        tables: &Client,
    ) -> Result<()> {
        let record = async |id: Uuid, kind: &str, cents: i64, reverses: Option<Uuid>| {
            let sent = json!({"p_id": id, "p_session_id": session, "p_type": kind, "p_amount": money(cents).to_string(),
                "p_reason": "any", "p_note": null, "p_reverses": reverses});
            Result::Ok(desk.call("pos_record_movement", &sent).await?)
        };
        match happening {
            Happening::Sale { cash, card } => {
                self.sales = [self.sales[0] + cash, self.sales[1] + card];
                self.transactions += 1;
                let (cash, card) = (money(*cash), money(*card));
                let sold = format!(
                    "update pos_sessions set total_cash = total_cash + {cash}, total_card = total_card + {card},
                       total_sales = total_sales + {}, total_transactions = total_transactions + 1 where id = '{session}'",
                    cash + card
                );
                tables.batch_execute(&sold).await?;
            }
            Happening::Movement { kind, cents } => {
                let (kind, sign) = KINDS[*kind];
                let (id, cents) = (Uuid::new_v4(), if sign == 0 { 0 } else { *cents });
                record(id, kind, cents, None).await?;
                self.standing.push((id, sign * cents));
            }
            Happening::Old { word, cents } => {
                let words = if self.signed { SIGNED_WORDS } else { OLD_WORDS };
                let ((word, sign), id) = (words[*word], Uuid::new_v4());
                let written = if self.signed && sign < 0 { -cents } else { *cents };
                let wrote = format!(
                    "insert into pos_cash_movements (id, session_id, vendor_id, movement_type, amount)
                       values ('{id}', '{session}', '{VENDOR}', '{word}', {})",
                    money(written)
                );
                tables.batch_execute(&wrote).await?;
                // An opening only repeats the float: there is nothing to take back.
                if word != "opening" {
                    self.standing.push((id, sign * cents));
                }
            }
            Happening::TakenBack(_) if self.standing.is_empty() => {}
            Happening::TakenBack(which) => {
                let (id, _effect) = self.standing.remove(which.index(self.standing.len()));
                record(Uuid::new_v4(), "reversal", 0, Some(id)).await?;
            }
        }
        Ok(())
    }

    fn expected(&self, float: i64) -> Decimal {
        money(float + self.sales[0] + self.standing.iter().map(|(_id, effect)| effect).sum::<i64>())
    }
}

async fn x_close_and_z_agree_on_any_ledger(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (mia, tables) = (store.desk(Caller::MIA).await?, store.superuser().await?);
    let day = (0_i64..1_000_000, proptest::collection::vec(happening(), 0..14), -9_000_i64..9_000);
    // The same days every time.
    let mut runner = TestRunner::deterministic();
    for _day in 0..DAYS {
        let (float, happenings, off) =
            day.new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        let told = format!("float {float}, off by {off}, {happenings:?}");
        let session = mia.open(&Ask::on(1).cash(&money(float).to_string())).await?.session;
        let named = json!({"p_session_id": session});
        let mut sum = Sum { signed: server.is_over_strict(), ..Sum::default() };
        for happening in &happenings {
            sum.add(happening, session, &mia, &tables).await.map_err(|error| format!("{error}: {told}"))?;
        }
        let expected = sum.expected(float);

        let x = mia.call("pos_x_report", &named).await?;
        assert_eq!(amount(&x["expected_cash"])?, expected, "X: {told}");
        let seen = mia.call("pos_session", &named).await?;
        assert_eq!(seen["session"]["expected_cash"], x["expected_cash"], "every reader is told the same");
        let totals = &x["totals"];
        assert_eq!(totals["total_transactions"], sum.transactions, "{told}");
        let [cash, card] = sum.sales.map(money);
        for (total, sold) in [("total_cash", cash), ("total_card", card), ("total_sales", cash + card)] {
            assert_eq!(amount(&totals[total])?, sold, "{total}: {told}");
        }
        let effects = x["movements"].as_array().into_iter().flatten().map(|line| amount(&line["effect"]));
        let effects = effects.sum::<Result<Decimal>>()?;
        assert_eq!(money(float) + cash + effects, expected, "the sheet adds up: {told}");

        // Whatever is found, over or short is what was counted less what was expected.
        let counted = (expected + money(off)).max(Decimal::ZERO);
        let count = Uuid::new_v4();
        let commit = json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": counted.to_string()});
        let committed = mia.call("pos_commit_count", &commit).await?["count"].clone();
        assert_eq!(amount(&committed["cash_difference"])?, counted - expected, "the count: {told}");
        let left = counted.min(money(float));
        let close = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count,
            "p_reason": "any", "p_left_in_drawer": left.to_string()});
        let z = mia.call("pos_close_session", &close).await?["z_report"].clone();
        for (figure, is) in [
            ("opening_cash", money(float)),
            ("expected_cash", expected),
            ("counted_cash", counted),
            ("cash_difference", counted - expected),
            ("left_in_drawer", left),
            ("taken_out", counted - left),
        ] {
            assert_eq!(amount(&z[figure])?, is, "{figure} of the Z: {told}");
        }
        for figure in ["expected_cash", "totals", "movements"] {
            assert_eq!(z[figure], x[figure], "{figure} of X and Z: {told}");
        }
        let row = tables
            .query_one(
                "select expected_cash::text, closing_cash::text, cash_difference::text from pos_sessions where id = $1",
                &[&session],
            )
            .await?;
        for (at, is) in [expected, counted, counted - expected].into_iter().enumerate() {
            assert_eq!(row.get::<_, String>(at).parse::<Decimal>()?, is, "column {at} of the row: {told}");
        }
        let seen = mia.call("pos_session", &named).await?["session"].clone();
        assert_eq!(seen["expected_cash"], z["expected_cash"], "{told}");
        assert_eq!(seen["cash_difference"], z["cash_difference"], "{told}");
    }
    Ok(())
}
