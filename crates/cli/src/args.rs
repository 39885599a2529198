//! The command line: names, flags and their help. What they do is in `commands`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::settings::Overrides;

/// Workflow engine, scheduler and desk for legal-aid organisations whose cases are resisted.
#[derive(Debug, Parser)]
#[command(name = "peshi", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The folder with the database, the key and the outbox [default: ./peshi-data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Another database than the SQLite file in the data folder: postgres://…
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// More packs than the built-in ones: a folder of packs, or one pack
    #[arg(long, global = true, value_name = "DIR")]
    packs: Vec<PathBuf>,
    /// A settings file [default: peshi.toml here, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "PESHI_CONFIG")]
    config: Option<PathBuf>,
    /// Which log lines are written to standard error: warn, info, debug …
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
}

impl Common {
    pub(crate) fn overrides(&self) -> Overrides {
        let mut values = Vec::new();
        if let Some(data) = &self.data {
            values.push(("data", data.display().to_string(), "--data"));
        }
        if let Some(database) = &self.database {
            values.push(("database", database.clone(), "--database"));
        }
        if let Some(log) = &self.log {
            values.push(("log", log.clone(), "--log"));
        }
        Overrides {
            file: self.config.clone(),
            values,
            packs: self.packs.clone(),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try Peshi: open an invented caseload and serve its pages
    Demo(DemoArgs),
    /// Serve the pages and run the scheduler
    Serve(ServeArgs),
    /// Run the scheduler alone
    Work,
    /// Bring the database up to date
    Migrate,
    /// Members of staff
    #[command(subcommand)]
    User(UserCommand),
    /// Cases
    #[command(subcommand)]
    Case(CaseCommand),
    /// Workflow packs
    #[command(subcommand)]
    Workflow(WorkflowCommand),
    /// Bring data in
    #[command(subcommand)]
    Import(ImportCommand),
    /// Take data out
    #[command(subcommand)]
    Export(ExportCommand),
    /// Schedules
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Check that no history was changed: chains, replay, case rows
    Verify(VerifyArgs),
    /// Write everything into one sealed file; the server may go on meanwhile
    Backup(BackupArgs),
    /// Bring a backup into an empty place, and verify it
    Restore(RestoreArgs),
    /// The organisation key
    #[command(subcommand)]
    Key(KeyCommand),
    /// Look for what keeps Peshi from working, with a remedy for each
    Doctor(DoctorArgs),
    /// Show the settings in force
    Config(ConfigArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Throw the demonstration's data away and begin anew
    #[arg(long)]
    pub(crate) reset: bool,
    /// The port to serve on
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Load, verify and exit
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// Serve pages only; another process runs the scheduler
    #[arg(long)]
    pub(crate) no_worker: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a member of staff; prints a password unless one is given on standard input
    Add(UserAddArgs),
    /// Record that somebody was asked again and still agrees to be written to; it holds for a year
    Renew {
        /// The mail address signed in with
        email: String,
    },
    /// Close an account: no sign-in and no message from now on
    Close {
        /// The mail address signed in with
        email: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UserAddArgs {
    /// The mail address; also the name signed in with
    #[arg(long)]
    pub(crate) email: String,
    /// The name colleagues see
    #[arg(long)]
    pub(crate) name: String,
    /// administrator, coordinator, lawyer, paralegal or auditor
    #[arg(long)]
    pub(crate) role: String,
    /// en or ur
    #[arg(long, default_value = "en")]
    pub(crate) language: String,
    /// Read the password from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// They agreed to be written to at this address about their cases
    #[arg(long)]
    pub(crate) may_be_mailed: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CaseCommand {
    /// Open a case
    Open {
        /// The kind of case
        #[arg(long)]
        pack: String,
        #[command(flatten)]
        who: As,
        /// Fields of the opening form: district=Lahore
        #[arg(long = "set", value_name = "FIELD=VALUE")]
        set: Vec<String>,
    },
    /// Record an event
    Do {
        /// The case's reference
        reference: String,
        /// The event
        event: String,
        /// The proceeding or hearing it belongs to
        #[arg(long, default_value = "case")]
        instance: String,
        #[command(flatten)]
        who: As,
        /// Fields of the event's form
        #[arg(long = "set", value_name = "FIELD=VALUE")]
        set: Vec<String>,
        /// When it happened, RFC 3339 [default: now]
        #[arg(long)]
        at: Option<chrono::DateTime<chrono::Utc>>,
        /// The version you saw
        #[arg(long)]
        version: Option<i64>,
    },
    /// Show a case
    Show {
        /// The case's reference
        reference: String,
        #[command(flatten)]
        who: As,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Destroy a case's key, so that nobody can read anything of it again
    Erase {
        /// The case's reference
        reference: String,
        #[command(flatten)]
        who: As,
        /// The reference once more, instead of typing it when asked
        #[arg(long, value_name = "REFERENCE")]
        confirm: Option<String>,
    },
    /// List the cases open to somebody
    List {
        /// Only those with a person of this name, in Urdu or Latin letters, in whatever spelling
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        who: As,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Show a case's journal
    Journal {
        /// The case's reference
        reference: String,
        #[command(flatten)]
        who: As,
        #[command(flatten)]
        json: JsonArgs,
    },
}

/// Whose eyes and hands.
#[derive(Debug, Args)]
pub(crate) struct As {
    /// The member of staff who does it: their mail address
    #[arg(long = "as", value_name = "EMAIL", env = "PESHI_AS")]
    pub(crate) login: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowCommand {
    /// Check a pack: a folder, or the name of a built-in one
    Check {
        /// The folder or name
        pack: PathBuf,
        #[command(flatten)]
        json: JsonArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Replay an event log (CSV) onto a pack, on virtual time
    Events {
        /// The log
        #[arg(value_name = "LOG")]
        file: PathBuf,
        /// The kind of case
        #[arg(long)]
        pack: String,
        /// How columns and activities map [default: import.yaml of the pack]
        #[arg(long, value_name = "FILE")]
        map: Option<PathBuf>,
        /// Show each row's fate and change nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        json: JsonArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// A case's journal, sealed, for somebody who checks that nothing in it was changed; no key is needed for that
    Case {
        /// The case's reference
        reference: String,
        /// The file to write; it must not exist
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        #[command(flatten)]
        who: As,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// The next occurrences of a crontab line, one a line
    Next {
        /// Five fields: minute hour day-of-month month day-of-week
        line: String,
        /// The zone the line is read in
        #[arg(long, default_value = "Asia/Karachi")]
        zone: chrono_tz::Tz,
        /// From when, RFC 3339 [default: now]
        #[arg(long)]
        from: Option<chrono::DateTime<chrono::Utc>>,
        /// How many
        #[arg(long, default_value_t = 5)]
        count: usize,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// One case only
    pub(crate) reference: Option<String>,
    /// A journal head kept elsewhere, as the weekly digest prints it: 17:9f2c51aa07e3…
    #[arg(long, value_name = "ENTRY:HASH", requires = "reference")]
    pub(crate) head: Option<String>,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Mend what can be made anew from what is there: the index of names
    #[arg(long)]
    pub(crate) repair: bool,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The file to write; it must not exist
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    pub(crate) file: PathBuf,
    /// The key file that was in use when the backup was made [default: the key in the data folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Only read the backup to its end and say whether it is whole
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Print the key for paper. Whoever has it can read every case
    Show,
    /// Replace the key by a new one; a rotation that broke off goes on. Stop the server first
    Rotate,
    /// Make a key file from the lines on the paper, typed on standard input
    Enter {
        /// The key file to make; it must not exist
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Show where each value came from
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

#[derive(Debug, Args)]
pub(crate) struct JsonArgs {
    /// For programs: JSON on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
