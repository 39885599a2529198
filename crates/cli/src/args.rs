//! The command line: names, flags and their help. What they do is in `commands`.

mod dates;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use peshi_casework::pack::{FileKind, TimerPolicy};

pub(crate) use self::dates::{CalendarCommand, DayArgs, DeadlineCommand, Which};
use crate::commands::violation::ViolationCommand;
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
    Work(WorkArgs),
    /// Bring the database up to date
    Migrate,
    /// Members of staff
    #[command(subcommand)]
    User(UserCommand),
    /// Cases
    #[command(subcommand)]
    Case(CaseCommand),
    /// Violations: what was done to the person or withheld from her
    #[command(subcommand)]
    Violation(ViolationCommand),
    /// Dates of a case: why they are what they are, and what may be done to them
    #[command(subcommand)]
    Deadline(DeadlineCommand),
    /// Days on which courts are closed
    #[command(subcommand)]
    Calendar(CalendarCommand),
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
    #[command(flatten)]
    pub(crate) watched: WorkArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WorkArgs {
    /// Show metrics for Prometheus at this address, for instance 127.0.0.1:9464 [default: nowhere]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) metrics: Option<String>,
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
        /// When it happened, as well as you know it: 12/03/2026, 03/2026, 2026, 2009..2011, "about 03/2026"
        #[arg(long, value_name = "DATE", conflicts_with = "at")]
        happened_at: Option<String>,
        /// Since when you know it [default: now]
        #[arg(long, value_name = "DATE")]
        known_since: Option<String>,
        /// Who told you
        #[arg(long)]
        source: Option<String>,
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
    /// Play a pack or a lone chart on virtual time, without a database
    Simulate(SimulateArgs),
    /// Search what can happen in a pack: dead ends, states never reached, broken invariants
    Explore(ExploreArgs),
    /// Run a pack's own stories (its folder scenarios/) and show where they differ
    Test {
        /// The folder or name
        pack: PathBuf,
        /// Only the stories with this in their name
        name: Option<String>,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Check a pack: a folder, or the name of a built-in one
    Check {
        /// The folder or name
        pack: PathBuf,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Draw a pack's charts: as a picture, or as text that other programs draw or run
    Diagram(DiagramArgs),
    /// Turn an SCXML chart into a pack's workflow.yaml
    Convert {
        /// The SCXML document
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// What the chart is called; `case` is the one every case runs
        #[arg(long, value_name = "NAME", default_value = "case")]
        chart: String,
        /// A file [default: standard output]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// What differs between two versions of a pack, and which names cases need a mapping for
    Diff {
        /// The old version: a folder, a built-in pack, or NAME@VERSION or NAME@HASH of one that cases were pinned to
        old: String,
        /// The new version, named likewise
        new: String,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Move cases to another version of their pack
    Migrate(MigrateArgs),
    /// Print the JSON Schema of a file of a pack, for editors
    Schema {
        /// Which file
        #[arg(value_enum, default_value = "workflow")]
        file: SchemaFile,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DiagramArgs {
    /// The folder or name
    pub(crate) pack: PathBuf,
    /// Which chart [default: case; all of them if the output is a folder]
    #[arg(long, value_name = "NAME")]
    pub(crate) chart: Option<String>,
    /// svg: a picture; mermaid: text for Mermaid; scxml: the W3C's own form
    #[arg(long, value_enum, default_value_t = DiagramFormat::Svg)]
    pub(crate) format: DiagramFormat,
    /// The reader's language: en or ur
    #[arg(long, default_value = "en")]
    pub(crate) lang: String,
    /// A file, or a folder that is there already [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What a chart is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DiagramFormat {
    Svg,
    Mermaid,
    Scxml,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// A pack's folder, a YAML file with charts, or the name of a built-in pack
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The chart to run [default: `case`, else the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) chart: Option<String>,
    /// A list of {"event": NAME, "data": {…}} and {"advance": DURATION}; `-` reads it from standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["interactive", "days"])]
    pub(crate) script: Option<PathBuf>,
    /// When it begins, RFC 3339
    #[arg(long, value_name = "TIME", default_value = "2026-01-01T00:00:00Z")]
    pub(crate) from: chrono::DateTime<chrono::Utc>,
    /// Ask what happens next, on standard input [default without --script and --days]
    #[arg(long, conflicts_with = "days")]
    pub(crate) interactive: bool,
    /// The language of the words shown: en or ur
    #[arg(long, default_value = "en")]
    pub(crate) lang: String,
    /// Let chance record events for so many days, and print every reminder with its date
    #[arg(long, value_name = "N", requires = "random")]
    pub(crate) days: Option<u32>,
    /// What chance begins with: the same seed goes the same way
    #[arg(long, value_name = "SEED", requires = "days")]
    pub(crate) random: Option<u64>,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExploreArgs {
    /// A pack's folder, a YAML file with charts, or the name of a built-in pack
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The chart to run [default: `case`, else the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) chart: Option<String>,
    /// The most configurations to look at
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) limit: usize,
    /// The longest way to follow, in events
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) depth: usize,
    /// The most children of one chart that may live at the same time
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) children: usize,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// The pack: a folder or the name of one; its version there is where cases go
    pub(crate) pack: PathBuf,
    /// Go to an earlier version instead: its number, or the beginning of its content hash
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,
    /// Only cases on these versions: numbers, or beginnings of content hashes
    #[arg(long, value_name = "VERSION", num_args = 1..)]
    pub(crate) from: Vec<String>,
    /// Say of each case what would become of it and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What becomes of running clocks where the pack does not say: keep-due, keep-remaining or rederive
    #[arg(long, value_name = "POLICY", value_parser = timer_policy)]
    pub(crate) timers: Option<TimerPolicy>,
    /// Cases in one transaction
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub(crate) batch: u64,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

fn timer_policy(word: &str) -> Result<TimerPolicy, String> {
    TimerPolicy::named(word).ok_or_else(|| "use keep-due, keep-remaining or rederive".to_owned())
}

/// A file of a pack that has a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SchemaFile {
    Workflow,
    Forms,
    Deadlines,
    Calendar,
}

impl SchemaFile {
    pub(crate) fn kind(self) -> FileKind {
        match self {
            Self::Workflow => FileKind::Workflow,
            Self::Forms => FileKind::Forms,
            Self::Deadlines => FileKind::Deadlines,
            Self::Calendar => FileKind::Calendar,
        }
    }
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
    Next(ScheduleNextArgs),
    /// The recurring schedules: when each comes, what became of its last occurrences, and why any was skipped
    List {
        /// How many past occurrences of each to show
        #[arg(long, default_value_t = 5)]
        last: u64,
        #[command(flatten)]
        json: JsonArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ScheduleNextArgs {
    /// Five fields: minute hour day-of-month month day-of-week; or @hourly, @daily, @weekly, @monthly, @yearly
    pub(crate) line: String,
    /// The zone the line is read in [default: the setting `zone`]
    #[arg(long)]
    pub(crate) zone: Option<chrono_tz::Tz>,
    /// From when, RFC 3339; an occurrence at that very moment is not shown [default: now]
    #[arg(long)]
    pub(crate) from: Option<chrono::DateTime<chrono::Utc>>,
    /// How many
    #[arg(long, default_value_t = 5)]
    pub(crate) count: usize,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
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
