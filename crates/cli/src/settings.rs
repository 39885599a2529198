//! Settings: defaults, then a file, then the environment, then the command line; and where each value came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono_tz::Tz;
use config::{Config, Environment, File, FileFormat, Map, Source, Value};
use peshi_calendar::CronLine;
use peshi_scheduler::usual_schedules;
use peshi_service::ScheduleSpec;
use serde::Deserialize;

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The folder with the database, the key and the outbox.
    pub(crate) data: PathBuf,
    /// Another database than the SQLite file in it: `postgres://…`.
    #[serde(default)]
    pub(crate) database: Option<String>,
    /// More packs than the built-in ones.
    #[serde(default)]
    pub(crate) packs: Vec<PathBuf>,
    /// Where pages are served.
    pub(crate) listen: String,
    /// Where metrics are shown; nowhere unless it is set.
    #[serde(default)]
    pub(crate) metrics: Option<String>,
    /// The desk's address as people type it, for links in mail.
    #[serde(default)]
    pub(crate) base_url: Option<String>,
    /// Cookies only over HTTPS; set it behind a TLS proxy.
    pub(crate) secure_cookies: bool,
    /// The organisation's zone: when a day begins, and when schedules without a zone of their own come.
    pub(crate) zone: Tz,
    /// Changes to the recurring schedules, by name.
    #[serde(default)]
    pub(crate) schedules: BTreeMap<String, ScheduleSetting>,
    /// Which log lines are written: `warn`, `info`, `peshi_scheduler=debug` …
    pub(crate) log: String,
    /// How mail leaves.
    pub(crate) mail: Mail,
}

/// What is different about one schedule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleSetting {
    /// Its crontab line.
    #[serde(default)]
    pub(crate) line: Option<String>,
    /// The zone its line is read in.
    #[serde(default)]
    pub(crate) zone: Option<Tz>,
    /// `skip`, `once` or `all up to N`.
    #[serde(default)]
    pub(crate) catch_up: Option<String>,
    /// Whether it comes at all.
    #[serde(default)]
    pub(crate) off: bool,
}

/// How mail leaves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// `file` or `smtp`.
    pub(crate) kind: String,
    /// The sender.
    pub(crate) from: String,
    /// The mail server.
    #[serde(default)]
    pub(crate) smtp: Option<Smtp>,
}

/// A mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Smtp {
    /// Its name.
    pub(crate) host: String,
    /// Its port.
    #[serde(default)]
    pub(crate) port: Option<u16>,
    /// `none`, `starttls`, `tls`.
    #[serde(default = "starttls")]
    pub(crate) tls: String,
    /// The user.
    #[serde(default)]
    pub(crate) username: Option<String>,
    /// A file that holds the password; passwords stand in no setting.
    #[serde(default)]
    pub(crate) password_file: Option<PathBuf>,
}

fn starttls() -> String {
    "starttls".to_owned()
}

const DEFAULTS: &str = r#"
data = "./peshi-data"
listen = "127.0.0.1:8080"
secure_cookies = false
zone = "Asia/Karachi"
log = "warn"
[mail]
kind = "file"
from = "desk@peshi.invalid"
"#;

/// The keys, in the order in which `config` shows them.
const KEYS: [&str; 24] = [
    "data",
    "database",
    "packs",
    "listen",
    "metrics",
    "base_url",
    "secure_cookies",
    "zone",
    "schedules.morning_digest.line",
    "schedules.morning_digest.zone",
    "schedules.morning_digest.catch_up",
    "schedules.morning_digest.off",
    "schedules.stalled_digest.line",
    "schedules.stalled_digest.zone",
    "schedules.stalled_digest.catch_up",
    "schedules.stalled_digest.off",
    "log",
    "mail.kind",
    "mail.from",
    "mail.smtp.host",
    "mail.smtp.port",
    "mail.smtp.tls",
    "mail.smtp.username",
    "mail.smtp.password_file",
];

/// What the command line sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    pub(crate) file: Option<PathBuf>,
    pub(crate) values: Vec<(&'static str, String, &'static str)>,
    pub(crate) packs: Vec<PathBuf>,
}

/// One value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Explained {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) origin: String,
}

struct Layer {
    origin: String,
    values: Map<String, Value>,
}

fn layers(overrides: &Overrides) -> Result<Vec<Layer>> {
    let defaults = File::from_str(DEFAULTS, FileFormat::Toml).collect()?;
    let mut layers = vec![Layer {
        origin: "default".to_owned(),
        values: defaults,
    }];
    if let Some(path) = config_file(overrides) {
        let values = File::from(path.clone())
            .format(FileFormat::Toml)
            .collect()
            .with_context(|| format!("the settings file {} cannot be read", path.display()))?;
        layers.push(Layer {
            origin: path.display().to_string(),
            values,
        });
    }
    let environment = Environment::with_prefix("PESHI")
        .prefix_separator("_")
        .separator("__");
    layers.push(Layer {
        origin: "environment".to_owned(),
        values: environment.collect()?,
    });
    Ok(layers)
}

/// The file named, or `peshi.toml` here if there is one.
fn config_file(overrides: &Overrides) -> Option<PathBuf> {
    overrides.file.clone().or_else(|| {
        let here = Path::new("peshi.toml");
        here.is_file().then(|| here.to_owned())
    })
}

impl Settings {
    /// The settings in force.
    ///
    /// # Errors
    /// A file that is missing or cannot be read, an unknown key, a value of the wrong type.
    pub(crate) fn load(overrides: &Overrides) -> Result<Self> {
        let mut builder = Config::builder();
        for layer in layers(overrides)? {
            // `PESHI_CONFIG` names the file and is no setting itself.
            let values = layer
                .values
                .into_iter()
                .filter(|(k, _)| k != "config" && !k.starts_with("test_"));
            builder = builder.add_source(Values(values.collect()));
        }
        for (key, value, _) in &overrides.values {
            builder = builder.set_override(*key, value.as_str())?;
        }
        let mut settings: Self = builder.build()?.try_deserialize().context(
            "a setting has a name or a value that is not understood; `peshi config --explain` shows them",
        )?;
        settings.packs.extend(overrides.packs.iter().cloned());
        Ok(settings)
    }

    /// The recurring schedules in force.
    ///
    /// # Errors
    /// A name that no schedule has, or a line or catch-up that cannot be read; says which.
    pub(crate) fn schedules(&self) -> Result<Vec<ScheduleSpec>> {
        let mut specs = usual_schedules(self.zone);
        let names: Vec<String> = specs.iter().map(|spec| spec.name.clone()).collect();
        for (name, setting) in &self.schedules {
            let Some(spec) = specs.iter_mut().find(|spec| spec.name == *name) else {
                anyhow::bail!(
                    "the setting schedules.{name} names no schedule; the schedules are {}",
                    names.join(" and ")
                );
            };
            if let Some(line) = &setting.line {
                spec.line =
                    CronLine::parse(line).with_context(|| format!("in the setting schedules.{name}.line"))?;
            }
            if let Some(catch_up) = &setting.catch_up {
                spec.catch_up = catch_up
                    .parse()
                    .map_err(anyhow::Error::msg)
                    .with_context(|| format!("in the setting schedules.{name}.catch_up"))?;
            }
            spec.zone = setting.zone.unwrap_or(spec.zone);
        }
        specs.retain(|spec| !self.schedules.get(&spec.name).is_some_and(|setting| setting.off));
        Ok(specs)
    }

    /// Each value and where it came from.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub(crate) fn explain(overrides: &Overrides) -> Result<Vec<Explained>> {
        let layers = layers(overrides)?;
        let mut explained = Vec::new();
        for key in KEYS {
            let flag = overrides.values.iter().find(|(k, _, _)| *k == key);
            let found = match flag {
                Some((_, value, flag)) => Some((value.clone(), format!("command line, {flag}"))),
                None => layers.iter().rev().find_map(|layer| {
                    let value = find(&layer.values, key)?;
                    let origin = match layer.origin.as_str() {
                        "environment" => {
                            format!("environment, PESHI_{}", key.replace('.', "__").to_uppercase())
                        }
                        other => other.to_owned(),
                    };
                    Some((value.to_string(), origin))
                }),
            };
            let (value, origin) = found.unwrap_or_else(|| (String::new(), "not set".to_owned()));
            explained.push(Explained {
                key,
                value: without_password(&value),
                origin,
            });
        }
        Ok(explained)
    }
}

/// A layer's values as a source of their own.
#[derive(Debug, Clone)]
struct Values(Map<String, Value>);

impl Source for Values {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

fn find(values: &Map<String, Value>, key: &str) -> Option<Value> {
    if let Some(value) = values.get(key) {
        return Some(value.clone());
    }
    let (first, rest) = key.split_once('.')?;
    let table = values.get(first)?.clone().into_table().ok()?;
    find(&table, rest)
}

/// A database address without the password in it.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.split_once('@') {
        Some((user, host)) if user.contains(':') => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:***@{host}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_and_each_value_says_where_it_came_from() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("peshi.toml");
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:9000\"\n[mail]\nfrom = \"a@b.invalid\"\n",
        )
        .unwrap();
        let overrides = Overrides {
            file: Some(file.clone()),
            values: vec![("data", "/tmp/x".to_owned(), "--data")],
            packs: Vec::new(),
        };
        let settings = Settings::load(&overrides).unwrap();
        assert_eq!(settings.listen, "127.0.0.1:9000");
        assert_eq!(settings.data, PathBuf::from("/tmp/x"));
        assert_eq!(settings.mail.kind, "file");
        let explained = Settings::explain(&overrides).unwrap();
        let of = |key: &str| explained.iter().find(|e| e.key == key).unwrap().origin.clone();
        assert_eq!(of("data"), "command line, --data");
        assert_eq!(of("listen"), file.display().to_string());
        assert_eq!(of("log"), "default");
        assert_eq!(of("database"), "not set");
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("peshi.toml");
        std::fs::write(&file, "lissten = \"127.0.0.1:9000\"\n").unwrap();
        let overrides = Overrides {
            file: Some(file),
            ..Overrides::default()
        };
        assert!(format!("{:#}", Settings::load(&overrides).unwrap_err()).contains("lissten"));
    }

    fn settings(text: &str) -> Result<Settings> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("peshi.toml");
        std::fs::write(&file, text).unwrap();
        Settings::load(&Overrides {
            file: Some(file),
            ..Overrides::default()
        })
    }

    #[test]
    fn schedules_are_the_usual_ones_with_what_is_set() {
        let settings = settings(
            "zone = \"Europe/London\"\n[schedules.morning_digest]\nline = \"0 6 * * MON-FRI\"\ncatch_up = \"all up to 2\"\n[schedules.stalled_digest]\nzone = \"Asia/Karachi\"\n",
        );
        let of: Vec<String> = settings
            .unwrap()
            .schedules()
            .unwrap()
            .iter()
            .map(|s| format!("{} {} {} {}", s.name, s.line, s.zone, s.catch_up))
            .collect();
        assert_eq!(
            of,
            [
                "morning_digest 0 6 * * MON-FRI Europe/London all up to 2",
                "stalled_digest 0 8 * * MON Asia/Karachi once"
            ]
        );
        let off = super::tests::settings("[schedules.stalled_digest]\noff = true\n").unwrap();
        assert_eq!(off.schedules().unwrap().len(), 1);
    }

    #[test]
    fn a_schedule_that_cannot_be_read_names_its_setting() {
        for (text, said) in [
            ("[schedules.evening]\n", "morning_digest and stalled_digest"),
            (
                "[schedules.morning_digest]\nline = \"0 25 * * *\"\n",
                "schedules.morning_digest.line",
            ),
            (
                "[schedules.morning_digest]\ncatch_up = \"all\"\n",
                "schedules.morning_digest.catch_up",
            ),
        ] {
            let error = format!("{:#}", settings(text).unwrap().schedules().unwrap_err());
            assert!(error.contains(said), "{error}");
        }
        for text in [
            "zone = \"Lahore\"\n",
            "[schedules.morning_digest]\nlinne = \"\"\n",
        ] {
            assert!(settings(text).is_err(), "{text}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(
            without_password("postgres://u:secret@h/db"),
            "postgres://u:***@h/db"
        );
        assert_eq!(without_password("postgres://u@h/db"), "postgres://u@h/db");
    }
}
