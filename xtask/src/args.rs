//! What was asked for on the command line. Knows the words, not what they set in motion.

use std::fmt;

/// Shown on request and after a mistake.
pub(crate) const USAGE: &str = "\
cargo xtask test [--quick] [--only STEP] [--advisories]
    Check everything. Installs what is missing (as root on Debian) or says what to install,
    starts a private PostgreSQL, and stops at the first step that fails.
      --quick        fmt, clippy and the tests without browser, crash and simulation
      --only STEP    one step: fmt, clippy, doc, deny, test
      --advisories   deny also fetches the advisory database (needs the network)
cargo xtask simulate [--seeds N] [--from SEED]
    Live the simulation's stories of many seeds (1,000 from 0), built for speed. A seed that breaks a
    promise prints the shortest story that still does.
cargo xtask tidy
    Only the tests that compare the code with the map of the house.
cargo xtask pg
    Start a private PostgreSQL, print its URL, keep it until Ctrl-C.";

/// One thing to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    Help,
    Test(Plan),
    Simulate(Seeds),
    Tidy,
    Pg,
}

/// Which seeds `simulate` lives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    pub(crate) from: u64,
    pub(crate) count: u64,
}

/// What `test` runs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) quick: bool,
    pub(crate) only: Option<Step>,
    pub(crate) advisories: bool,
}

/// The steps of `test`, in the order they run: the cheap ones that fail most often come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Fmt,
    Clippy,
    Doc,
    Deny,
    Test,
}

impl Step {
    pub(crate) const ALL: [Self; 5] = [Self::Fmt, Self::Clippy, Self::Doc, Self::Deny, Self::Test];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Deny => "deny",
            Self::Test => "test",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Plan {
    /// The steps to run, in order.
    pub(crate) fn steps(&self) -> Vec<Step> {
        match self.only {
            Some(step) => vec![step],
            None if self.quick => vec![Step::Fmt, Step::Clippy, Step::Test],
            None => Step::ALL.to_vec(),
        }
    }
}

/// Reads the words after `cargo xtask`; the error is one sentence.
pub(crate) fn parse(words: &[String]) -> Result<Chore, String> {
    let Some((chore, rest)) = words.split_first() else {
        return Err("say what to do".into());
    };
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Chore::Help);
    }
    match chore.as_str() {
        "test" => parse_plan(rest).map(Chore::Test),
        "simulate" => parse_seeds(rest).map(Chore::Simulate),
        "tidy" => nothing_more("tidy", rest, Chore::Tidy),
        "pg" => nothing_more("pg", rest, Chore::Pg),
        "help" | "--help" | "-h" => Ok(Chore::Help),
        other => Err(format!("there is no chore called {other:?}")),
    }
}

fn parse_plan(words: &[String]) -> Result<Plan, String> {
    let mut plan = Plan::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => plan.quick = true,
            "--advisories" => plan.advisories = true,
            "--only" => {
                let name = words.next().ok_or("--only needs the name of a step")?;
                plan.only = Some(step(name)?);
            }
            other => match other.strip_prefix("--only=") {
                Some(name) => plan.only = Some(step(name)?),
                None => return Err(format!("`test` does not take {other:?}")),
            },
        }
    }
    if plan.advisories && !plan.steps().contains(&Step::Deny) {
        return Err("--advisories belongs to the step deny, which is not among the steps asked for".into());
    }
    Ok(plan)
}

fn parse_seeds(words: &[String]) -> Result<Seeds, String> {
    let mut seeds = Seeds {
        from: 0,
        count: 1_000,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let field = match word.as_str() {
            "--seeds" => &mut seeds.count,
            "--from" => &mut seeds.from,
            other => return Err(format!("`simulate` does not take {other:?}")),
        };
        let number = words.next().ok_or_else(|| format!("{word} needs a number"))?;
        *field = number
            .parse()
            .map_err(|_| format!("{word} needs a number, but found {number:?}"))?;
    }
    Ok(seeds)
}

fn step(name: &str) -> Result<Step, String> {
    Step::named(name).ok_or_else(|| {
        let names: Vec<_> = Step::ALL.into_iter().map(Step::name).collect();
        format!(
            "there is no step called {name:?}; the steps are {}",
            names.join(", ")
        )
    })
}

fn nothing_more(name: &str, rest: &[String], chore: Chore) -> Result<Chore, String> {
    match rest.first() {
        None => Ok(chore),
        Some(word) => Err(format!("`{name}` takes nothing more, but found {word:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Chore, String> {
        parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_understood() {
        let plan = |quick, only, advisories| {
            Ok(Chore::Test(Plan {
                quick,
                only,
                advisories,
            }))
        };
        for (line, chore) in [
            ("test", plan(false, None, false)),
            ("test --quick", plan(true, None, false)),
            (
                "test --only deny --advisories",
                plan(false, Some(Step::Deny), true),
            ),
            ("test --only=test --quick", plan(true, Some(Step::Test), false)),
            (
                "simulate --seeds 20 --from 7",
                Ok(Chore::Simulate(Seeds { from: 7, count: 20 })),
            ),
            ("tidy", Ok(Chore::Tidy)),
            ("pg", Ok(Chore::Pg)),
            ("help", Ok(Chore::Help)),
            ("test -h", Ok(Chore::Help)),
        ] {
            assert_eq!(parsed(line), chore, "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (line, part) in [
            ("", "say what to do"),
            ("tset", "\"tset\""),
            ("test --fast", "\"--fast\""),
            ("test --only", "needs the name"),
            ("test --only lint", "fmt, clippy, doc, deny, test"),
            ("test --quick --advisories", "belongs to the step deny"),
            ("simulate --seeds many", "found \"many\""),
            ("simulate 20", "\"20\""),
            ("pg 5432", "\"5432\""),
        ] {
            let wrong = parsed(line).unwrap_err();
            assert!(wrong.contains(part), "{line}: {wrong}");
        }
    }

    #[test]
    fn every_step_runs_once_and_in_order() {
        assert_eq!(Plan::default().steps(), Step::ALL);
        assert_eq!(
            Plan {
                quick: true,
                ..Plan::default()
            }
            .steps(),
            [Step::Fmt, Step::Clippy, Step::Test]
        );
    }
}
