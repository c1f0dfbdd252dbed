//! The catalogue before its managers: looking items up, saving them, and files of them in and out.
//!
//! Invariant: nothing of a file is sent before somebody saw what it would do and said so; what was sent and what was not
//! is known at every moment, and sending a part again changes nothing more.

use super::{
    effect::{Call, Work},
    keeping_state::{AllItems, Compared, Import, ImportStep, Job, Keeping},
    state::{State, not_now},
};
use crate::{
    Code, Fault, ItemId, LocationId,
    items::{
        ItemsPage, KeptItem, Refused,
        compare::{Act, Shop},
        export::export,
        settings::{KeptSettings, PlacedKey},
        table,
        typed::{ItemProblem, ProblemKind, TypedItem},
        typed_settings::TypedTax,
        view::{ImportCounts, ImportFilter, LINES_SHOWN},
    },
};
use data_encoding::BASE64;
use std::sync::Arc;

impl State {
    fn keeping(&mut self) -> Result<(LocationId, &mut Keeping), Fault> {
        let view = self.board.as_mut().ok_or_else(not_now)?;
        Ok((view.location, view.keeping.as_deref_mut().ok_or_else(not_now)?))
    }

    /// Shows the catalogue of the board's store.
    pub(super) fn open_catalogue(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let view = self.board.as_mut().ok_or_else(not_now)?;
        let location = view.location;
        view.keeping = Some(Box::new(Keeping::new(ItemId(work.at.id))));
        self.begin(Call::Items { location, text: String::new(), after: None }, work)
    }

    /// Goes back to the board.
    pub(super) fn close_catalogue(&mut self) {
        if let Some(view) = &mut self.board {
            view.keeping = None;
        }
    }

    /// Looks for items.
    pub(super) fn find_items(
        &mut self,
        text: String,
        after: Option<ItemId>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let (location, _keeping) = self.keeping()?;
        self.begin(Call::Items { location, text, after }, work)
    }

    /// A page was read, or not.
    pub(super) fn items_answered(
        &mut self,
        (location, text, after): (LocationId, &str, Option<ItemId>),
        answer: Result<ItemsPage, Fault>,
    ) -> Result<(), Fault> {
        let page = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        if let Ok((here, keeping)) = self.keeping()
            && here == location
        {
            text.clone_into(&mut keeping.text);
            keeping.after = after;
            keeping.page = Some(page);
        }
        Ok(())
    }

    /// Saves an item as it was typed. `version`: what it was read at; 0 for a new one.
    pub(super) fn save_item(
        &mut self,
        id: ItemId,
        version: i64,
        typed: &TypedItem,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let (location, _keeping) = self.keeping()?;
        let item = typed.checked(&KeptItem { version, ..KeptItem::new(id) })?;
        self.begin(Call::SaveItem { location, item: Box::new(item) }, work)
    }

    /// It was saved, or not.
    pub(super) fn item_saved(
        &mut self,
        location: LocationId,
        answer: Result<KeptItem, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let saved = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        if let Ok((here, keeping)) = self.keeping()
            && here == location
        {
            if keeping.new_id == saved.id {
                keeping.new_id = ItemId(work.at.id);
            }
            if let Some(page) = &mut keeping.page {
                match page.items.iter_mut().find(|item| item.id == saved.id) {
                    Some(item) => *item = saved,
                    None => page.items.insert(0, saved),
                }
            }
        }
        // What is sold here shows it at once.
        self.selling.rules_asked_at = None;
        Ok(())
    }

    /// Reads keys and taxes.
    pub(super) fn read_kept_settings(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let (location, _keeping) = self.keeping()?;
        self.begin(Call::KeptSettings { location }, work)
    }

    /// Saves the keys of one page as they are to be.
    pub(super) fn save_quick_keys(
        &mut self,
        page: u8,
        keys: Vec<PlacedKey>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let (location, _keeping) = self.keeping()?;
        for key in &keys {
            key.checked()?;
        }
        self.begin(Call::SaveQuickKeys { location, page, keys: Arc::new(keys) }, work)
    }

    /// Saves a tax as it was typed, or takes it away.
    pub(super) fn save_tax(
        &mut self,
        typed: &TypedTax,
        is_removed: bool,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let (location, _keeping) = self.keeping()?;
        let tax = Box::new(typed.checked()?);
        self.begin(Call::SaveTax { location, tax, is_removed }, work)
    }

    /// Keys and taxes were read or saved, or not.
    pub(super) fn kept_settings_answered(
        &mut self,
        location: LocationId,
        answer: Result<KeptSettings, Fault>,
    ) -> Result<(), Fault> {
        let told = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        if let Ok((here, keeping)) = self.keeping()
            && here == location
        {
            keeping.settings.get_or_insert_default().learn(told);
        }
        // What is sold here by them shows at once.
        self.selling.rules_asked_at = None;
        Ok(())
    }

    /// Takes a file up to be looked at; the catalogue is read to compare it with.
    pub(super) fn read_items_file(
        &mut self,
        file: &str,
        content: &str,
        tax_code: Option<String>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let bytes = BASE64.decode(content.as_bytes());
        let bytes = bytes.map_err(|cause| Fault::new(Code::Internal, cause.to_string()))?;
        let file = file.chars().filter(|one| !one.is_control()).take(80).collect();
        let (location, keeping) = self.keeping()?;
        let step = match table::read(&bytes) {
            Ok(table) => {
                ImportStep::Reading { table: Arc::new(table), items: AllItems::default(), is_stopped: false }
            }
            Err(problem) => ImportStep::Unusable(problem),
        };
        let reads = matches!(step, ImportStep::Reading { .. });
        keeping.job = Some(Job::Import(Import { file, tax_code, step }));
        if reads { self.begin(Call::AllItems { location, since: 0 }, work) } else { Ok(()) }
    }

    /// Reads the catalogue for a file of all of it.
    pub(super) fn export_items(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let (location, keeping) = self.keeping()?;
        keeping.job = Some(Job::Export(AllItems::default()));
        self.begin(Call::AllItems { location, since: 0 }, work)
    }

    /// The export that was made, once.
    pub(super) fn take_export(&mut self) -> Option<Arc<Vec<u8>>> {
        self.board.as_mut()?.keeping.as_mut()?.exported.take()
    }

    /// A page of all items was read, or not; the next one is asked for as long as somebody wants it.
    pub(super) fn all_items_answered(
        &mut self,
        location: LocationId,
        since: i64,
        answer: Result<ItemsPage, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let locations = self.staff.iter().flat_map(|staff| &staff.locations);
        let locations: Vec<_> = locations.map(|location| (location.id, location.name.clone())).collect();
        let Ok((here, keeping)) = self.keeping() else { return Ok(()) };
        let items = match &mut keeping.job {
            Some(Job::Export(items)) => items,
            Some(Job::Import(Import {
                step: ImportStep::Reading { items, is_stopped: false, .. }, ..
            })) => items,
            _ => return Ok(()),
        };
        if here != location || items.cursor != since {
            return Ok(());
        }
        let page = match answer {
            Ok(page) => page,
            Err(fault) => {
                match &mut keeping.job {
                    Some(Job::Import(Import { step: ImportStep::Reading { is_stopped, .. }, .. })) => {
                        *is_stopped = true;
                    }
                    _ => keeping.job = None,
                }
                self.fault = Some(fault.clone());
                return Err(fault);
            }
        };
        let (more, taxes) = (page.more, page.taxes.clone());
        items.take(page);
        let cursor = items.cursor;
        if more {
            return self.begin(Call::AllItems { location, since: cursor }, work);
        }
        match keeping.job.take() {
            Some(Job::Import(import)) => {
                let shop = Shop { taxes, locations, tax_code: import.tax_code.clone(), seed: work.at.id };
                keeping.job = Some(Job::Import(import.compared(&shop)));
            }
            Some(Job::Export(items)) => {
                // An item that was changed meanwhile came twice; the later one counts.
                let last: std::collections::BTreeMap<ItemId, &KeptItem> =
                    items.iter().map(|item| (item.id, item)).collect();
                let mut sorted: Vec<&KeptItem> = last.into_values().collect();
                sorted.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
                keeping.exported = Some(Arc::new(export(sorted.into_iter(), &locations)));
            }
            None => {}
        }
        Ok(())
    }

    /// Shows other lines of the file.
    pub(super) fn show_import(&mut self, which: ImportFilter, from: usize) -> Result<(), Fault> {
        let compared = self.compared()?;
        let all = compared.counts.number(which);
        compared.which = which;
        compared.from = if from < all { from - from % LINES_SHOWN } else { 0 };
        Ok(())
    }

    /// Takes the file up, or goes on with what was stopped.
    pub(super) fn start_import(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let (location, keeping) = self.keeping()?;
        let Some(Job::Import(import)) = &mut keeping.job else { return Err(not_now()) };
        match &mut import.step {
            ImportStep::Reading { items, is_stopped, .. } => {
                *is_stopped = false;
                let since = items.cursor;
                self.begin(Call::AllItems { location, since }, work)
            }
            ImportStep::Compared(compared) => {
                compared.is_running = true;
                self.send_part(work)
            }
            ImportStep::Unusable(_) => Err(not_now()),
        }
    }

    /// Stops it after what is under way.
    pub(super) fn stop_import(&mut self) -> Result<(), Fault> {
        let (_location, keeping) = self.keeping()?;
        match &mut keeping.job {
            Some(Job::Import(Import { step: ImportStep::Reading { .. }, .. })) => keeping.job = None,
            Some(Job::Import(Import { step: ImportStep::Compared(compared), .. })) => {
                compared.is_running = false
            }
            _ => return Err(not_now()),
        }
        Ok(())
    }

    /// Puts the file away, and shows the catalogue as it is now.
    pub(super) fn close_import(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let (location, keeping) = self.keeping()?;
        keeping.job = None;
        let (text, after) = (keeping.text.clone(), keeping.after);
        self.begin(Call::Items { location, text, after }, work)
    }

    /// A part of a file was saved, or not.
    pub(super) fn import_answered(
        &mut self,
        location: LocationId,
        places: &[usize],
        answer: Result<Vec<Refused>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        if self.board.as_ref().is_none_or(|view| view.location != location) {
            return Ok(());
        }
        let Ok(compared) = self.compared() else { return Ok(()) };
        let refused = match answer {
            Ok(refused) => refused,
            Err(fault) => {
                compared.is_running = false;
                self.fault = Some(fault.clone());
                return Err(fault);
            }
        };
        compared.done += places.len();
        compared.saved += places.len().saturating_sub(refused.len());
        compared.next = places.last().map_or(compared.plan.lines.len(), |last| last + 1);
        if !refused.is_empty() {
            let plan = Arc::make_mut(&mut compared.plan);
            for Refused { place, fault } in refused {
                if let Some(line) = places.get(place).and_then(|number| plan.lines.get_mut(*number)) {
                    let kind = match fault.code {
                        Code::CodeTaken => ProblemKind::CodeTaken,
                        Code::ItemChanged => ProblemKind::Changed,
                        _ => ProblemKind::Server,
                    };
                    line.act = Act::Refuse(ItemProblem::new(kind, &fault.detail));
                }
            }
            compared.counts = ImportCounts::of(&compared.plan);
        }
        if compared.is_over() {
            compared.is_running = false;
            self.selling.rules_asked_at = None;
            return Ok(());
        }
        if compared.is_running { self.send_part(work) } else { Ok(()) }
    }

    fn send_part(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let location = self.keeping()?.0;
        let (places, items) = self.compared()?.part();
        self.begin(Call::ImportItems { location, places, items: Arc::new(items) }, work)
    }

    fn compared(&mut self) -> Result<&mut Compared, Fault> {
        match &mut self.keeping()?.1.job {
            Some(Job::Import(Import { step: ImportStep::Compared(compared), .. })) => Ok(compared),
            _ => Err(not_now()),
        }
    }
}
