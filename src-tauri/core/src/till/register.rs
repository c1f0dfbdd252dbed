//! Which register this computer serves, and the list to choose it from.
//!
//! Invariant: sessions and entries of a register that is left stay in the file, and are there when it is chosen again.

use super::{
    effect::{Call, LoadFor, Work, Write},
    state::{State, not_now},
};
use crate::{Code, Fault, LocationId, Register, RegisterAssignment, RegisterId, ports::PersistedState};

impl State {
    /// Lists another store's registers.
    pub(super) fn choose_location(&mut self, location: LocationId, work: &mut Work<'_>) -> Result<(), Fault> {
        self.list(location);
        self.begin(Call::Registers { location, visibly: true }, work)
    }

    /// Reads the list again because somebody asked.
    pub(super) fn reload_registers(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let location = self.listed_location().map(|location| location.id).ok_or_else(not_now)?;
        self.begin(Call::Registers { location, visibly: true }, work)
    }

    /// A list was read, or not.
    pub(super) fn registers_answered(
        &mut self,
        location: LocationId,
        visibly: bool,
        answer: Result<Vec<Register>, Fault>,
    ) -> Result<(), Fault> {
        let registers = answer.inspect_err(|fault| self.record_fault(fault.clone()))?;
        self.learn_registers(location, registers);
        // That something could not be saved is for people to read, and no list cures it.
        let cured = |fault: &Fault| fault.is_silence() || (visibly && fault.code != Code::StoreFailed);
        if self.fault.as_ref().is_some_and(cured) {
            self.fault = None;
        }
        Ok(())
    }

    /// Makes this computer serve a register of the list.
    pub(super) fn choose_register(&mut self, id: RegisterId, work: &mut Work<'_>) -> Result<(), Fault> {
        let listed = self.registers.as_ref().and_then(|list| list.iter().find(|register| register.id == id));
        let (Some(register), Some(location)) = (listed, self.listed_location()) else {
            return Err(not_now());
        };
        work.save(Write::Assignment(Some(RegisterAssignment {
            register: register.clone(),
            location: location.clone(),
        })));
        work.poll_after = true;
        work.ask(Call::Load(LoadFor::Register));
        Ok(())
    }

    /// What the file keeps for a register just chosen.
    pub(super) fn register_loaded(
        &mut self,
        answer: Result<Box<PersistedState>, Fault>,
        work: &Work<'_>,
    ) -> Result<(), Fault> {
        let persisted = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        self.take_up_register(*persisted, work.at.store_time());
        Ok(())
    }

    /// Lets another register be chosen, of the store where this one is.
    pub(super) fn change_register(&mut self, work: &mut Work<'_>) {
        work.save(Write::Assignment(None));
        work.poll_after = true;
        if let Some(left) = self.assignment.take() {
            self.list(left.location.id);
        }
    }
}
