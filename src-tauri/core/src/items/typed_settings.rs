//! Taxes and keys as they are typed.
//!
//! Invariant: a rate is typed and shown in per cent and kept as a fraction, and only here one is made of the other.

use super::{
    settings::{KeptTax, PlacedKey},
    typed::{ItemProblem, ProblemKind, text},
};
use crate::{LocationId, sale::Rate, selling::TaxComponent};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A tax code from a date on, as it is typed and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TypedTax {
    /// Where; `None`: wherever a location has none of its own.
    pub location_id: Option<LocationId>,
    /// The code.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its parts, in order.
    pub components: Vec<TypedComponent>,
    /// The first business date on which it holds, `YYYY-MM-DD`.
    pub valid_from: String,
}

/// A part of a tax code as it is typed and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TypedComponent {
    /// Its name, once in its code.
    pub name: String,
    /// Its rate in per cent, `digits[.digits]`, at most three places.
    pub percent: String,
}

/// The most parts that a tax code has.
const MOST_PARTS: usize = 10;

impl From<&KeptTax> for TypedTax {
    fn from(tax: &KeptTax) -> Self {
        let percent = |rate: Rate| (rate.decimal() * Decimal::ONE_HUNDRED).normalize().to_string();
        let typed =
            |part: &TaxComponent| TypedComponent { name: part.name.clone(), percent: percent(part.rate) };
        Self {
            location_id: tax.location_id,
            code: tax.code.clone(),
            name: tax.name.clone(),
            components: tax.components.iter().map(typed).collect(),
            valid_from: tax.valid_from.to_string(),
        }
    }
}

impl TypedTax {
    /// The tax that was typed.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn checked(&self) -> Result<KeptTax, ItemProblem> {
        let named =
            |typed: &str, most, kind| text(typed, most, kind)?.ok_or_else(|| ItemProblem::new(kind, typed));
        let mut components: Vec<TaxComponent> = Vec::new();
        for part in &self.components {
            let name = named(&part.name, 80, ProblemKind::TaxPart)?;
            if components.iter().any(|known| known.name == name) {
                return Err(ItemProblem::new(ProblemKind::TaxPart, &name));
            }
            let percent = part.percent.trim();
            let plain = !percent.is_empty() && percent.bytes().all(|one| one.is_ascii_digit() || one == b'.');
            let rate = percent.parse::<Decimal>().ok().filter(|_decimal| plain);
            let rate = rate
                .and_then(|percent| (percent / Decimal::ONE_HUNDRED).normalize().to_string().parse().ok());
            let rate = rate.ok_or_else(|| ItemProblem::new(ProblemKind::TaxRate, percent))?;
            components.push(TaxComponent { name, rate });
        }
        if !(1..=MOST_PARTS).contains(&components.len()) {
            return Err(ItemProblem::new(ProblemKind::TaxPart, &components.len().to_string()));
        }
        let date = self.valid_from.trim();
        Ok(KeptTax {
            location_id: self.location_id,
            code: named(&self.code, 32, ProblemKind::TaxName)?,
            name: named(&self.name, 80, ProblemKind::TaxName)?,
            components,
            valid_from: date.parse().map_err(|_no_date| ItemProblem::new(ProblemKind::Date, date))?,
        })
    }
}

impl PlacedKey {
    /// Whether it can be on a register.
    ///
    /// # Errors
    /// Where its label is too long.
    pub fn checked(&self) -> Result<(), ItemProblem> {
        text(&self.label, 40, ProblemKind::ShortName).map(|_label| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(percents: &[(&str, &str)]) -> TypedTax {
        let part = |(name, percent): &(&str, &str)| TypedComponent {
            name: (*name).into(),
            percent: (*percent).into(),
        };
        TypedTax {
            location_id: None,
            code: " VAT ".into(),
            name: "Value added tax".into(),
            components: percents.iter().map(part).collect(),
            valid_from: "2027-01-01".into(),
        }
    }

    fn problem(tax: &TypedTax) -> Option<ProblemKind> {
        tax.checked().err().map(|problem| problem.kind)
    }

    #[test]
    fn per_cent_become_a_fraction_and_per_cent_again() {
        for (percent, rate) in
            [("19", "0.19"), ("8.875", "0.08875"), ("0", "0"), ("7.50", "0.075"), ("100", "1")]
        {
            let tax = typed(&[("VAT", percent)]).checked().unwrap();
            assert_eq!(tax.components[0].rate.to_string(), rate, "{percent}");
            assert_eq!(TypedTax::from(&tax).checked(), Ok(tax.clone()));
            let again: KeptTax = serde_json::from_value(serde_json::to_value(&tax).unwrap()).unwrap();
            assert_eq!(again, tax);
        }
        assert_eq!(
            TypedTax::from(&typed(&[("VAT", "8.875")]).checked().unwrap()).components[0].percent,
            "8.875"
        );
    }

    #[test]
    fn what_is_no_tax_is_refused_for_its_reason() {
        for percent in ["", "x", "-1", "1e2", "8,5", "0.0001", "10000", "+5", "."] {
            assert_eq!(problem(&typed(&[("VAT", percent)])), Some(ProblemKind::TaxRate), "{percent}");
        }
        for parts in [&[][..], &[("", "5")], &[("A", "1"), ("A", "2")], &[("A", "1"); 11]] {
            assert_eq!(problem(&typed(parts)), Some(ProblemKind::TaxPart), "{parts:?}");
        }
        let good = typed(&[("VAT", "5")]);
        for code in ["", " ", &"x".repeat(33)] {
            assert_eq!(
                problem(&TypedTax { code: code.into(), ..good.clone() }),
                Some(ProblemKind::TaxName),
                "{code}"
            );
        }
        for date in ["", "tomorrow", "2027-13-01", "01.01.2027"] {
            assert_eq!(
                problem(&TypedTax { valid_from: date.into(), ..good.clone() }),
                Some(ProblemKind::Date),
                "{date}"
            );
        }
    }
}
