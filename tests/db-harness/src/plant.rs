//! Faults planted on purpose, so that the checker is seen to find them: a checker that never finds
//! anything proves nothing.

use crate::Database;
use crate::Result;

/// One planted fault.
#[derive(Debug, Clone, Copy)]
pub struct Plant {
    /// What is wrong.
    pub name: &'static str,
    /// The promises that must be found broken.
    pub breaks: &'static [&'static str],
    sow: Sow,
}

#[derive(Debug, Clone, Copy)]
enum Sow {
    /// One of the functions in the field instead of ours.
    Earlier(&'static str),
    /// Statements.
    Statements(&'static str),
    /// One of our functions with pieces of its text replaced, after these statements.
    Edit { statements: &'static str, function: &'static str, edits: &'static [(&'static str, &'static str)] },
}

const RECORD_SALE: &str = "public.pos_record_sale(uuid, uuid, text, jsonb, jsonb, jsonb, jsonb, jsonb, uuid, text, text, uuid, boolean, timestamptz, uuid)";

/// Every planted fault.
pub const PLANTS: [Plant; 14] = [
    Plant {
        name: "the first function of the field",
        breaks: &["I3", "I4", "I5"],
        sow: Sow::Earlier("function_table"),
    },
    Plant {
        name: "the second function of the field",
        breaks: &["I3", "I5"],
        sow: Sow::Earlier("function_setof"),
    },
    Plant {
        name: "the third function of the field",
        breaks: &["I3", "I5"],
        sow: Sow::Earlier("function_nowait"),
    },
    Plant {
        name: "two opens at once, without the index",
        breaks: &["I1"],
        sow: Sow::Edit {
            statements: "drop index idx_one_open_session_per_register; drop index pos_sessions_number",
            function: "onetill.open_or_join(uuid, uuid, uuid, uuid, numeric, uuid, uuid, jsonb)",
            edits: &[
                ("on conflict (register_id) where status = 'open' do nothing", "on conflict do nothing"),
                // The counter alone would hold a second opener up.
                (" and x.last_session_number = r.last_session_number", ""),
            ],
        },
    },
    Plant {
        name: "joins keep no key",
        breaks: &["I3"],
        sow: Sow::Edit {
            statements: "",
            function: "onetill.open_or_join(uuid, uuid, uuid, uuid, numeric, uuid, uuid, jsonb)",
            edits: &[("              v_key, p_opening_cash)", "              null, p_opening_cash)")],
        },
    },
    Plant {
        name: "movements enter a shift that is over",
        breaks: &["I6"],
        sow: Sow::Statements("drop trigger guard_movement on pos_cash_movements"),
    },
    Plant {
        name: "pay-outs count as pay-ins",
        breaks: &["I6"],
        sow: Sow::Edit {
            statements: "",
            function: "onetill.expected_cash(uuid)",
            edits: &[("sum(m.effect)", "sum(abs(m.effect))")],
        },
    },
    Plant {
        name: "not counted is written as nothing",
        breaks: &["I7"],
        sow: Sow::Edit {
            statements: "",
            function: "public.pos_close_session(uuid, uuid, uuid, text, text, numeric)",
            edits: &[("closing_cash = n.amount", "closing_cash = coalesce(n.amount, 0)")],
        },
    },
    Plant {
        name: "Z reports skip a number",
        breaks: &["I7"],
        sow: Sow::Edit {
            statements: "",
            function: "onetill.write_z(public.pos_sessions)",
            edits: &[("max(z.z_number), 0) + 1", "max(z.z_number), 0) + 2")],
        },
    },
    Plant {
        name: "a refund is not taken from the cash",
        breaks: &["S3"],
        sow: Sow::Edit {
            statements: "",
            function: RECORD_SALE,
            edits: &[(
                "coalesce(y.total_cash, 0) + x.net_cash",
                "coalesce(y.total_cash, 0) + greatest(x.net_cash, 0)",
            )],
        },
    },
    Plant {
        name: "what came back before is not looked at",
        breaks: &["S5"],
        sow: Sow::Edit {
            statements: "",
            function: "onetill.left_of_lines(uuid, uuid)",
            edits: &[("coalesce(b.quantity, 0), coalesce(b.net, 0)", "0::numeric, 0::numeric")],
        },
    },
    Plant {
        name: "a receipt is voided whatever came back of it",
        breaks: &["S6"],
        sow: Sow::Edit {
            statements: "",
            function: RECORD_SALE,
            edits: &[("y.kind = 'void'", "false"), ("where y.quantity_back > 0", "where false")],
        },
    },
    Plant {
        name: "tax is rounded by line and not by rate",
        breaks: &["S7"],
        sow: Sow::Edit {
            statements: "",
            function: "onetill.sale_figures(text, jsonb, jsonb, jsonb, jsonb, integer, boolean)",
            edits: &[(
                "else onetill.half_up(v_code_bases[v_at] * v_rate, 100000) end",
                "else (select sum(onetill.half_up((l ->> 'net')::numeric * v_scale * v_rate, 100000)) from jsonb_array_elements(p_lines) l) end",
            )],
        },
    },
    Plant {
        name: "a late sale counts in the settled shift",
        breaks: &["S9"],
        sow: Sow::Edit {
            statements: "drop trigger guard_session on pos_sessions; drop trigger guard_ledger on pos_sessions",
            function: RECORD_SALE,
            edits: &[("v_late := s.status in ('closed', 'cancelled')", "v_late := false")],
        },
    },
];

impl Plant {
    /// Puts the fault into a database that is right.
    ///
    /// # Errors
    /// When the text to replace is not there: then the fault would not be either.
    pub async fn sow(&self, database: &Database<'_>) -> Result<()> {
        let superuser = database.superuser().await?;
        match self.sow {
            Sow::Statements(statements) => superuser.batch_execute(statements).await?,
            Sow::Earlier(function) => {
                superuser
                    .batch_execute(
                        "drop function get_or_create_session(uuid, uuid, uuid, uuid, numeric);
                         drop index idx_one_open_session_per_register; drop index pos_sessions_number;
                         alter table pos_sessions alter business_date drop not null;
                         alter table pos_sessions add metadata jsonb, add created_at timestamptz default now();",
                    )
                    .await?;
                database.run_file(&format!("tests/database/legacy/{function}.sql")).await?;
            }
            Sow::Edit { statements, function, edits } => {
                superuser.batch_execute(statements).await?;
                let mut text: String = superuser
                    .query_one("select pg_get_functiondef($1::text::regprocedure)", &[&function])
                    .await?
                    .get(0);
                for (from, to) in edits {
                    if !text.contains(from) {
                        return Err(format!("{}: {function} does not say «{from}»", self.name).into());
                    }
                    text = text.replace(from, to);
                }
                superuser.batch_execute(&text).await?;
            }
        }
        Ok(())
    }
}
