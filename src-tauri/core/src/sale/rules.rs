//! The store's rules of selling, and who may do what.
//!
//! Invariant: a right is decided in [`permission`] and nowhere else; the server flags by the same limits what was done all
//! the same.

use super::{
    Half, Percent, SaleLine, Sums, Terms,
    exact::{amount, half_up, units},
};
use crate::{Amount, Role, scan::CodeRule};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

/// The rules of a location, as the catalogue brings them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SellingRules {
    /// The owner switched selling on, and the country allows it.
    pub selling_on: bool,
    /// ISO 3166-1 alpha-2; `None` where nobody said, and then selling is off.
    #[serde(default)]
    pub country: Option<String>,
    /// The law of the country wants a certified register, which this program is not.
    #[serde(default)]
    pub needs_certificate: bool,
    /// Prices are with tax.
    pub prices_include_tax: bool,
    /// What cash is rounded to.
    #[serde(default)]
    pub cash_step: Option<Amount>,
    /// Where a half goes.
    #[serde(default)]
    pub cash_half: Half,
    /// How much a cashier may take off alone; `None`: no limit.
    #[serde(default)]
    pub discount_percent_limit: Option<Percent>,
    /// The largest sale of a cashier alone; `None`: no limit.
    #[serde(default)]
    pub sale_limit: Option<Amount>,
    /// The largest refund of a cashier alone; `None`: no limit.
    #[serde(default)]
    pub refund_limit: Option<Amount>,
    /// The largest void of a cashier; `None`: no limit.
    #[serde(default)]
    pub void_limit: Option<Amount>,
    /// Cashiers charge another price than the catalogue's alone.
    pub price_override: bool,
    /// Goods come back without a receipt.
    pub no_receipt_refund: bool,
    /// Names of other tenders, at most six.
    #[serde(default)]
    pub other_tenders: Vec<String>,
    /// What stands above the lines on paper.
    #[serde(default)]
    pub receipt_header: Option<String>,
    /// What stands below them.
    #[serde(default)]
    pub receipt_footer: Option<String>,
    /// How the location prints its labels. A rule that this version cannot read is left out.
    #[serde(default, deserialize_with = "readable_rules")]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub code_rules: Vec<CodeRule>,
}

fn readable_rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CodeRule>, D::Error> {
    let rules = Vec::<serde_json::Value>::deserialize(deserializer)?;
    let read = rules.into_iter().filter_map(|rule| serde_json::from_value::<CodeRule>(rule).ok());
    Ok(read.filter(CodeRule::is_possible).collect())
}

impl SellingRules {
    /// The terms of a sale begun now.
    #[must_use]
    pub fn terms(&self, currency: &str) -> Terms {
        Terms {
            currency: currency.to_owned(),
            prices_include_tax: self.prices_include_tax,
            cash_step: self.cash_step,
            cash_half: self.cash_half,
        }
    }
}

/// What a manager approves. The words are those of `pos_approve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum ApprovalKind {
    /// A discount beyond the limit.
    Discount,
    /// Another price than the catalogue's.
    Price,
    /// A refund, or a void, beyond the limit.
    Refund,
    /// A refund without a receipt.
    NoReceipt,
    /// A sale beyond the limit.
    Amount,
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Sell, park, reprint, open the drawer.
    Sell,
    /// Take this much off.
    Discount {
        /// How much.
        discount: Amount,
        /// How much is within the limit: [`discount_allowed`].
        allowed: Amount,
    },
    /// Charge another price than the catalogue's.
    Price,
    /// Sell for this much at once.
    Total(Amount),
    /// Take back a receipt of the running shift for this much.
    Void {
        /// What it came to.
        total: Amount,
        /// It is a receipt of this till.
        own_till: bool,
    },
    /// Give this much back for a receipt.
    Refund(Amount),
    /// Give something back without one.
    RefundWithoutReceipt,
    /// Change items and keys, settle flags.
    ManageCatalogue,
    /// Change taxes and rules, switch selling on.
    ManageRules,
}

/// Whether it may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It may.
    Granted,
    /// Once a manager has approved it.
    WithApproval(ApprovalKind),
    /// By a manager only, or by nobody here.
    Denied,
}

/// Whether somebody of this role may do it alone.
#[must_use]
pub fn permission(role: Role, act: Act, rules: &SellingRules) -> Permission {
    let within = |limit: Option<Amount>, amount: Amount| limit.is_none_or(|limit| amount <= limit);
    let or = |allowed: bool, kind: ApprovalKind| {
        if allowed { Permission::Granted } else { Permission::WithApproval(kind) }
    };
    let only = |allowed: bool| if allowed { Permission::Granted } else { Permission::Denied };
    match act {
        Act::ManageCatalogue => only(role.manages()),
        Act::ManageRules => only(role == Role::Owner),
        _ if !rules.selling_on => Permission::Denied,
        Act::RefundWithoutReceipt if !rules.no_receipt_refund => Permission::Denied,
        _ if role.manages() => Permission::Granted,
        Act::Sell => Permission::Granted,
        Act::Discount { discount, allowed } => or(discount <= allowed, ApprovalKind::Discount),
        Act::Price => or(rules.price_override, ApprovalKind::Price),
        Act::Total(total) => or(within(rules.sale_limit, total), ApprovalKind::Amount),
        Act::Void { total, own_till } => {
            or(own_till && within(rules.void_limit, total), ApprovalKind::Refund)
        }
        Act::Refund(total) => or(within(rules.refund_limit, total), ApprovalKind::Refund),
        Act::RefundWithoutReceipt => or(false, ApprovalKind::NoReceipt),
    }
}

/// How much a cashier takes off this alone: the limit's part of it, rounded half up; all of it where there is no limit.
#[must_use]
pub fn discount_allowed(gross: Amount, rules: &SellingRules, places: u32) -> Amount {
    let Some(limit) = rules.discount_percent_limit else { return gross };
    amount(half_up(units(gross, places).unwrap_or_default() * limit.parts(), 10_000), places)
}

/// What the lines of a sale need a manager for, each kind once: a discount of a line, or of all together, beyond the limit;
/// another price than the catalogue's; a total beyond the limit.
#[must_use]
pub(super) fn approvals_needed(
    lines: &[SaleLine],
    sums: Sums,
    role: Role,
    rules: &SellingRules,
    places: u32,
) -> Vec<ApprovalKind> {
    let mut acts = vec![Act::Total(sums.total)];
    let mut of_lines = Decimal::ZERO;
    for line in lines {
        let allowed = discount_allowed(line.gross, rules, places);
        of_lines += allowed.decimal();
        acts.push(Act::Discount { discount: line.discount, allowed });
        if line.list_price.is_some_and(|list| list != line.unit_price) {
            acts.push(Act::Price);
        }
    }
    // Nobody is held up by cents that were rounded up line by line.
    let allowed = discount_allowed(sums.gross, rules, places).max(of_lines.into());
    acts.push(Act::Discount { discount: sums.discount, allowed });
    let needed = acts.into_iter().filter_map(|act| match permission(role, act, rules) {
        Permission::WithApproval(kind) => Some(kind),
        _ => None,
    });
    let mut needed: Vec<ApprovalKind> = needed.collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::{Denied, Granted, WithApproval};

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn rules() -> SellingRules {
        SellingRules {
            selling_on: true,
            country: Some("US".into()),
            needs_certificate: false,
            prices_include_tax: true,
            cash_step: None,
            cash_half: Half::Up,
            discount_percent_limit: "10".parse().ok(),
            sale_limit: Some(amount("500.00")),
            refund_limit: Some(amount("50.00")),
            void_limit: Some(amount("50.00")),
            price_override: false,
            no_receipt_refund: true,
            other_tenders: vec![],
            receipt_header: None,
            receipt_footer: None,
            code_rules: vec![],
        }
    }

    /// Cashier, manager, owner.
    fn each(act: Act, rules: &SellingRules) -> [Permission; 3] {
        [Role::Cashier, Role::Manager, Role::Owner].map(|role| permission(role, act, rules))
    }

    #[test]
    fn every_role_may_what_the_table_says() {
        let off = |gross: &str, discount: &str| Act::Discount {
            discount: amount(discount),
            allowed: discount_allowed(amount(gross), &rules(), 2),
        };
        let void = |total: &str, own_till| Act::Void { total: amount(total), own_till };
        for (act, cashier) in [
            (Act::Sell, Granted),
            (off("20.00", "2.00"), Granted),
            (off("20.00", "2.01"), WithApproval(ApprovalKind::Discount)),
            // 10 % of 0.25 is 0.03, rounded as a discount is.
            (off("0.25", "0.03"), Granted),
            (off("0.24", "0.03"), WithApproval(ApprovalKind::Discount)),
            (Act::Price, WithApproval(ApprovalKind::Price)),
            (Act::Total(amount("500.00")), Granted),
            (Act::Total(amount("500.01")), WithApproval(ApprovalKind::Amount)),
            (void("50.00", true), Granted),
            (void("50.01", true), WithApproval(ApprovalKind::Refund)),
            (void("1.00", false), WithApproval(ApprovalKind::Refund)),
            (Act::Refund(amount("50.00")), Granted),
            (Act::Refund(amount("50.01")), WithApproval(ApprovalKind::Refund)),
            (Act::RefundWithoutReceipt, WithApproval(ApprovalKind::NoReceipt)),
        ] {
            assert_eq!(each(act, &rules()), [cashier, Granted, Granted], "{act:?}");
        }
        assert_eq!(each(Act::ManageCatalogue, &rules()), [Denied, Granted, Granted]);
        assert_eq!(each(Act::ManageRules, &rules()), [Denied, Denied, Granted]);
    }

    #[test]
    fn a_label_rule_that_cannot_be_read_spoils_no_other() {
        let text = r#"{"selling_on": true, "country": "CH", "prices_include_tax": true, "cash_step": "0.05",
            "cash_half": "down", "discount_percent_limit": "12.50", "sale_limit": null, "refund_limit": "50.00",
            "void_limit": "50.00", "price_override": false, "no_receipt_refund": true, "other_tenders": ["Voucher"],
            "receipt_header": null, "receipt_footer": "Thank you", "code_rules": [{"prefix": "99", "new": 1},
            {"prefix": "20", "item": 5, "value": "price", "digits": 5, "places": 2},
            {"prefix": "21", "item": 5, "value": "price", "digits": 4, "places": 2}]}"#;
        let rules: SellingRules = serde_json::from_str(text).unwrap();
        assert_eq!(rules.code_rules.iter().map(|rule| rule.prefix.as_str()).collect::<Vec<_>>(), ["20"]);
        let terms = rules.terms("CHF");
        assert_eq!((terms.cash_half, rules.discount_percent_limit), (Half::Down, "12.5".parse().ok()));
    }

    #[test]
    fn the_limit_is_rounded_as_a_discount_is() {
        let allowed = |gross: &str, places| discount_allowed(amount(gross), &rules(), places).to_string();
        assert_eq!(allowed("105", 0), "11");
        assert_eq!([allowed("0.25", 2), allowed("0.24", 2)], ["0.03", "0.02"]);
    }

    #[test]
    fn rules_that_are_open_hold_nobody() {
        let open = SellingRules {
            discount_percent_limit: None,
            sale_limit: None,
            refund_limit: None,
            void_limit: None,
            price_override: true,
            ..rules()
        };
        let much = amount("999999999.99");
        for act in [
            Act::Discount { discount: much, allowed: discount_allowed(much, &open, 2) },
            Act::Price,
            Act::Total(much),
            Act::Void { total: much, own_till: true },
            Act::Refund(much),
        ] {
            assert_eq!(each(act, &open), [Granted; 3], "{act:?}");
        }
    }

    #[test]
    fn where_selling_is_off_nobody_sells_and_the_owner_switches_it_on() {
        let off = SellingRules { selling_on: false, ..rules() };
        for act in [Act::Sell, Act::Price, Act::RefundWithoutReceipt, Act::Refund(amount("1.00"))] {
            assert_eq!(each(act, &off), [Denied; 3], "{act:?}");
        }
        assert_eq!(each(Act::ManageRules, &off), [Denied, Denied, Granted]);
        let strict = SellingRules { no_receipt_refund: false, ..rules() };
        assert_eq!(each(Act::RefundWithoutReceipt, &strict), [Denied; 3]);
    }
}
