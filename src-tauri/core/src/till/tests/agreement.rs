//! Two devices on one register: what this one shows as expected cash is what the server would say.

use super::{in_shift, lost, unreachable, world::Bench};
use crate::{Amount, Movement, MovementId, MovementKind, MovementRequest, SessionId, view::Screen};
use pollster::block_on;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

/// What may happen next; amounts in hundredths.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// This device's cashier records something.
    Here(i64),
    /// The other device's does.
    There(i64),
    /// This device looks at the server, after sending what waits.
    Look,
    /// The same, and the answer to what is sent first is lost on its way.
    LookAndLoseAnAnswer,
    /// The same without a network.
    LookInVain,
    /// The program is started anew.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1_i64..50_000).prop_map(Step::Here),
        3 => (1_i64..50_000).prop_map(Step::There),
        3 => Just(Step::Look),
        1 => Just(Step::LookAndLoseAnAnswer),
        1 => Just(Step::LookInVain),
        1 => Just(Step::Restart),
    ]
}

fn amount(cents: i64) -> Amount {
    Decimal::new(cents, 2).into()
}

fn there(number: u128, cents: i64, session_id: SessionId) -> Movement {
    Movement {
        id: MovementId(Uuid::from_u128(number)),
        session_id,
        kind: MovementKind::PayIn,
        amount: amount(cents),
        reason: "there".into(),
        note: String::new(),
        reference: String::new(),
        reverses: None,
        by_name: "Ben".into(),
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
        sent_at: None,
    }
}

proptest! {
    /// In any order of both devices' movements, looks, lost answers, silence and restarts the figure is never wrong: the
    /// float, what the server had at the last look, and each of this device's own once. When all is sent and looked at,
    /// it is the server's own.
    #[test]
    fn expected_cash_is_the_servers_in_any_order(steps in proptest::collection::vec(step(), 0..40)) {
        let bench = Bench::default();
        let mut till = in_shift(&bench);
        bench.set(|table| table.tells_expected = Some(amount(20_000)));
        block_on(till.poll());
        // What was recorded there, and how much of it this device was told.
        let mut theirs = Vec::new();
        let mut told = 0;
        let mut own = Decimal::ZERO;
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Here(cents) => {
                    till.record(&MovementRequest {
                        kind: MovementKind::PayOut,
                        amount: amount(cents).to_string(),
                        reason: "here".into(),
                        note: String::new(),
                        reference: String::new(),
                    });
                    own -= Decimal::new(cents, 2);
                }
                Step::There(cents) => {
                    let Screen::Register { session, .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
                    let movement = there(1_000_000 + number as u128, cents, session.id);
                    theirs.push(movement.effect());
                    bench.set(|table| table.ledger.push(movement));
                }
                Step::Look => {
                    block_on(till.poll());
                    told = theirs.len();
                }
                Step::LookAndLoseAnAnswer => {
                    bench.set(|table| table.records.push_back(Err(lost())));
                    block_on(till.poll());
                    bench.set(|table| table.records.clear());
                    told = theirs.len();
                }
                Step::LookInVain => {
                    bench.set(|table| {
                        table.records.push_back(Err(unreachable()));
                        table.looks.push_back(Err(unreachable()));
                    });
                    block_on(till.poll());
                    bench.set(|table| {
                        table.records.clear();
                        table.looks.clear();
                    });
                }
                Step::Restart => {
                    till = bench.start();
                    till.show();
                    bench.set(|table| table.logins.push_back(Ok(Some(super::world::staff(4)))));
                    block_on(till.poll());
                    told = theirs.len();
                }
            }
            let Screen::Register { expected_cash, .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
            let known: Decimal = theirs[..told].iter().sum();
            if let Some(shown) = expected_cash {
                prop_assert_eq!(shown.decimal(), Decimal::new(20_000, 2) + known + own, "after {:?}", step);
            }
        }
        for _look in 0..3 {
            block_on(till.poll());
        }
        let Screen::Register { expected_cash, .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
        let servers = bench.set(|table| table.expected());
        prop_assert_eq!(expected_cash, servers);
        let all: Decimal = theirs.iter().sum();
        prop_assert_eq!(expected_cash.map(|shown| shown.decimal()), Some(Decimal::new(20_000, 2) + all + own));
    }
}
