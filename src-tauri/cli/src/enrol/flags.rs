//! The settings as flags of a command, made from their table.
//!
//! Invariant: a setting that gets a row in the table gets its flag here, without another line. Flags that a command
//! declares itself, because they depend on one another, are left as they are.

use clap::{
    Arg, ArgMatches, Args, Command, FromArgMatches,
    builder::{PossibleValuesParser, TypedValueParser},
    error::ErrorKind,
};
use onetill_core::{Config, SettingKey};

/// What the flags set.
#[derive(Debug, Default)]
pub(crate) struct SettingFlags(Config);

impl SettingFlags {
    /// Puts what the flags set in the place of what is there.
    pub(crate) fn put_into(&self, settings: &mut Config) {
        for key in SettingKey::ALL.iter().copied().filter(|key| self.0.sets(*key)) {
            settings.take(key, &self.0);
        }
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        SettingKey::ALL.iter().fold(command, |command, key| {
            let row = key.row();
            if command.get_arguments().any(|argument| argument.get_long() == Some(row.flag)) {
                return command;
            }
            let check =
                move |text: &str| Config::default().set_from_flag(*key, text).map(|()| text.to_owned());
            let help = format!("{} {}", row.about, row.values.replace('`', ""));
            let flag = Arg::new(row.flag).long(row.flag).value_name("VALUE").help(help);
            command.arg(flag.value_parser(check))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for key in SettingKey::ALL {
            // A flag of another type is one that the command reads itself.
            if let Ok(Some(text)) = matches.try_get_one::<String>(key.row().flag) {
                let wrong = |why| clap::Error::raw(ErrorKind::ValueValidation, why);
                self.0.set_from_flag(*key, text).map_err(wrong)?;
            }
        }
        Ok(())
    }
}

/// Reads the name of a setting.
pub(crate) fn setting() -> impl TypedValueParser<Value = SettingKey> {
    let names = SettingKey::ALL.iter().map(|key| key.row().name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<SettingKey>())
}
