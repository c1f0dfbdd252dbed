//! What a till knows of the catalogue while a manager keeps it.
//!
//! Invariant: plain data and what follows from it alone; what changes it stands in `keeping.rs`.

use crate::{
    ItemId,
    items::{
        ITEMS_AT_ONCE, ItemsPage, KeptItem,
        compare::{Plan, Shop, compare},
        settings::KeptSettings,
        table::{FileProblem, Table},
        view::{
            CatalogueView, ImportCounts, ImportFilter, ImportProgress, ImportStage, ImportView, SettingsView,
            lines_of,
        },
    },
};
use std::sync::Arc;

/// The catalogue while a manager looks at it.
#[derive(Clone, Debug)]
pub(super) struct Keeping {
    pub(super) text: String,
    pub(super) after: Option<ItemId>,
    pub(super) page: Option<ItemsPage>,
    pub(super) new_id: ItemId,
    /// Keys and taxes, once somebody asked for them.
    pub(super) settings: Option<KeptSettings>,
    pub(super) job: Option<Job>,
    /// An export that is made, until it is fetched.
    pub(super) exported: Option<Arc<Vec<u8>>>,
}

/// What takes more than one answer.
#[derive(Clone, Debug)]
pub(super) enum Job {
    Export(AllItems),
    Import(Import),
}

/// All items of the shop, as far as they were read.
#[derive(Clone, Debug, Default)]
pub(super) struct AllItems {
    pub(super) pages: Vec<Arc<Vec<KeptItem>>>,
    pub(super) cursor: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) file: String,
    pub(super) tax_code: Option<String>,
    pub(super) step: ImportStep,
}

#[derive(Clone, Debug)]
pub(super) enum ImportStep {
    Unusable(FileProblem),
    Reading { table: Arc<Table>, items: AllItems, is_stopped: bool },
    Compared(Box<Compared>),
}

/// A file that was compared with the catalogue.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    pub(super) plan: Arc<Plan>,
    pub(super) counts: ImportCounts,
    pub(super) which: ImportFilter,
    pub(super) from: usize,
    /// The first line that was not sent.
    pub(super) next: usize,
    /// How many changes were sent, and of how many.
    pub(super) done: usize,
    pub(super) of: usize,
    pub(super) saved: usize,
    pub(super) is_running: bool,
}

/// Where a file stands, as far as it decides what may be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImportSituation {
    /// An answer is awaited that leads on by itself.
    Busy,
    /// Something can be begun, or gone on with.
    Ready,
    /// Nothing is left to do.
    Over,
}

impl AllItems {
    pub(super) fn take(&mut self, page: ItemsPage) {
        self.cursor = page.cursor;
        self.pages.push(Arc::new(page.items));
    }

    pub(super) fn len(&self) -> usize {
        self.pages.iter().map(|page| page.len()).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &KeptItem> {
        self.pages.iter().flat_map(|page| page.iter())
    }
}

impl Compared {
    pub(super) fn new(plan: Plan) -> Self {
        let counts = ImportCounts::of(&plan);
        let first = [ImportFilter::Refuse, ImportFilter::Add, ImportFilter::Change, ImportFilter::Same];
        let which = first.into_iter().find(|which| counts.number(*which) > 0);
        Self {
            of: counts.add + counts.change,
            counts,
            which: which.unwrap_or(ImportFilter::Same),
            from: 0,
            next: 0,
            done: 0,
            saved: 0,
            is_running: false,
            plan: Arc::new(plan),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.done >= self.of
    }

    /// The next changes to send, with the lines that they are of.
    pub(super) fn part(&self) -> (Vec<usize>, Vec<KeptItem>) {
        let changes = self.plan.lines.iter().enumerate().skip(self.next);
        let changes = changes.filter_map(|(number, line)| Some((number, line.act.item()?.clone())));
        changes.take(ITEMS_AT_ONCE).unzip()
    }

    pub(super) fn progress(&self) -> ImportProgress {
        let (done, of) = (self.done, self.of);
        match (self.is_running, self.is_over(), done) {
            (true, ..) => ImportProgress::Running { done, of },
            (false, true, _) if of > 0 => ImportProgress::Over { saved: self.saved },
            (false, _, 0) => ImportProgress::NotBegun,
            (false, ..) => ImportProgress::Stopped { done, of },
        }
    }
}

impl Keeping {
    pub(super) fn new(new_id: ItemId) -> Self {
        Self {
            text: String::new(),
            after: None,
            page: None,
            new_id,
            settings: None,
            job: None,
            exported: None,
        }
    }

    pub(super) fn import_situation(&self) -> Option<ImportSituation> {
        let Some(Job::Import(import)) = &self.job else { return None };
        Some(match &import.step {
            ImportStep::Unusable(_) => ImportSituation::Over,
            ImportStep::Reading { is_stopped: false, .. } => ImportSituation::Busy,
            ImportStep::Compared(compared) if compared.is_running => ImportSituation::Busy,
            ImportStep::Compared(compared) if compared.is_over() => ImportSituation::Over,
            ImportStep::Reading { .. } | ImportStep::Compared(_) => ImportSituation::Ready,
        })
    }

    pub(super) fn view(&self) -> CatalogueView {
        let page = self.page.as_ref();
        CatalogueView {
            text: self.text.clone(),
            after: self.after,
            items: page.map(|page| page.items.clone()),
            more: page.is_some_and(|page| page.more),
            can_save: page.is_some_and(|page| page.can_save),
            new_id: self.new_id,
            taxes: page.map(|page| page.taxes.clone()).unwrap_or_default(),
            settings: self.settings.as_ref().map(|kept| Box::new(SettingsView::from(kept))),
            import: match &self.job {
                Some(Job::Import(import)) => Some(Box::new(import.view())),
                _ => None,
            },
            exporting: match &self.job {
                Some(Job::Export(items)) => Some(items.len()),
                _ => None,
            },
        }
    }
}

impl Import {
    pub(super) fn view(&self) -> ImportView {
        let stage = match &self.step {
            ImportStep::Unusable(problem) => ImportStage::Unusable { problem: *problem },
            ImportStep::Reading { items, is_stopped, .. } => {
                ImportStage::Reading { read: items.len(), is_stopped: *is_stopped }
            }
            ImportStep::Compared(compared) => ImportStage::Compared {
                layout: compared.plan.layout,
                counts: compared.counts,
                which: compared.which,
                from: compared.from,
                lines: lines_of(&compared.plan, compared.which, compared.from),
                progress: compared.progress(),
            },
        };
        ImportView { file: self.file.clone(), stage }
    }
}

impl Import {
    pub(super) fn compared(self, shop: &Shop) -> Self {
        let ImportStep::Reading { table, items, .. } = &self.step else { return self };
        let step = match compare(table, items.iter(), shop) {
            Ok(plan) => ImportStep::Compared(Box::new(Compared::new(plan))),
            Err(problem) => ImportStep::Unusable(problem),
        };
        Self { step, ..self }
    }
}
