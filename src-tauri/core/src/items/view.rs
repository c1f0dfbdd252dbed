//! The catalogue as its managers see it, and a file before and while it is taken up.

use super::{
    ItemField, KeptItem, TaxName,
    compare::{Act, Plan, PlanLine},
    layouts::Layout,
    settings::{KeptKey, KeptSettings},
    table::FileProblem,
    typed::ItemProblem,
    typed_settings::TypedTax,
};
use crate::{Amount, ItemId};
use serde::{Deserialize, Serialize};

/// How many lines of a file the window shows at once.
pub const LINES_SHOWN: usize = 50;

/// The catalogue of a shop, before its managers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CatalogueView {
    /// What was looked for; empty for all items.
    pub text: String,
    /// The item behind which the page begins; `None` for the first page.
    pub after: Option<ItemId>,
    /// The page, by name; `None` until it was read.
    pub items: Option<Vec<KeptItem>>,
    /// There is another page.
    pub more: bool,
    /// Who is signed in may change items.
    pub can_save: bool,
    /// The id of the next item that is added.
    pub new_id: ItemId,
    /// The shop's tax codes.
    pub taxes: Vec<TaxName>,
    /// Keys and taxes; `None` until they were read.
    pub settings: Option<Box<SettingsView>>,
    /// A file that is being looked at or taken up.
    pub import: Option<Box<ImportView>>,
    /// How many items were read so far for an export; `None` where none is made.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub exporting: Option<usize>,
}

/// The keys of a location's screen, and the shop's taxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SettingsView {
    /// The keys, by page and place.
    pub keys: Vec<KeptKey>,
    /// The taxes from every date, by code, location and date.
    pub taxes: Vec<TypedTax>,
    /// Who is signed in may change taxes.
    pub can_save_taxes: bool,
}

impl From<&KeptSettings> for SettingsView {
    fn from(kept: &KeptSettings) -> Self {
        Self {
            keys: kept.keys.clone().unwrap_or_default(),
            taxes: kept.taxes.iter().flatten().map(TypedTax::from).collect(),
            can_save_taxes: kept.can_save_taxes,
        }
    }
}

/// A file of items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ImportView {
    /// Its name.
    pub file: String,
    /// Where it stands.
    pub stage: ImportStage,
}

/// Where a file stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum ImportStage {
    /// The catalogue is read, to compare the file with.
    Reading {
        /// How many items were read so far.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        read: usize,
        /// Reading stopped before its end, and can go on.
        is_stopped: bool,
    },
    /// The file cannot be used at all.
    Unusable {
        /// Why.
        problem: FileProblem,
    },
    /// It was compared: this is what it would do, or does.
    Compared {
        /// Whose columns it has.
        layout: Layout,
        /// How many lines do what.
        counts: ImportCounts,
        /// Which lines are shown.
        which: ImportFilter,
        /// Where these begin among all of that kind, from 0.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        from: usize,
        /// They, at most [`LINES_SHOWN`].
        lines: Vec<ImportLine>,
        /// How far it was taken up.
        progress: ImportProgress,
    },
}

/// How far a file was taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum ImportProgress {
    /// Nothing was changed yet.
    NotBegun,
    /// It is being taken up.
    Running {
        /// How many changes were sent.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        done: usize,
        /// Of how many.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        of: usize,
    },
    /// It was stopped, and can go on where it was.
    Stopped {
        /// How many changes were sent.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        done: usize,
        /// Of how many.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        of: usize,
    },
    /// All of it was.
    Over {
        /// How many items were saved.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        saved: usize,
    },
}

/// How many lines of a file do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ImportCounts {
    /// Add an item.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub add: usize,
    /// Change one.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub change: usize,
    /// Change nothing.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub same: usize,
    /// Are refused.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub refuse: usize,
    /// Are of no item.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub skipped: usize,
}

/// Which lines of a file are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum ImportFilter {
    /// Those that are refused.
    Refuse,
    /// Those that add an item.
    Add,
    /// Those that change one.
    Change,
    /// Those that change nothing.
    Same,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ImportLine {
    /// Where it begins in the file, from 1.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub line: u64,
    /// The item, as far as the line names it.
    pub name: String,
    /// What one is to cost; `None` where it is refused or typed at the till.
    pub price: Option<Amount>,
    /// In what the item changes.
    pub fields: Vec<ItemField>,
    /// Why it is refused.
    pub problem: Option<ItemProblem>,
}

impl ImportFilter {
    fn of(act: &Act) -> Self {
        match act {
            Act::Add(_) => Self::Add,
            Act::Change(..) => Self::Change,
            Act::Same => Self::Same,
            Act::Refuse(_) => Self::Refuse,
        }
    }
}

impl ImportCounts {
    /// Those of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let number = |which| plan.lines.iter().filter(|line| ImportFilter::of(&line.act) == which).count();
        Self {
            add: number(ImportFilter::Add),
            change: number(ImportFilter::Change),
            same: number(ImportFilter::Same),
            refuse: number(ImportFilter::Refuse),
            skipped: plan.skipped,
        }
    }

    /// How many lines are of this kind.
    #[must_use]
    pub fn number(&self, which: ImportFilter) -> usize {
        match which {
            ImportFilter::Add => self.add,
            ImportFilter::Change => self.change,
            ImportFilter::Same => self.same,
            ImportFilter::Refuse => self.refuse,
        }
    }
}

/// The lines of this kind from this place on, as many as are shown.
#[must_use]
pub fn lines_of(plan: &Plan, which: ImportFilter, from: usize) -> Vec<ImportLine> {
    let of_kind = plan.lines.iter().filter(|line| ImportFilter::of(&line.act) == which);
    of_kind.skip(from).take(LINES_SHOWN).map(line_of).collect()
}

fn line_of(PlanLine { line, name, act }: &PlanLine) -> ImportLine {
    let (fields, problem) = match act {
        Act::Change(_, fields) => (fields.clone(), None),
        Act::Refuse(problem) => (Vec::new(), Some(problem.clone())),
        Act::Add(_) | Act::Same => (Vec::new(), None),
    };
    ImportLine {
        line: *line,
        name: name.clone(),
        price: act.item().and_then(|item| item.price),
        fields,
        problem,
    }
}
