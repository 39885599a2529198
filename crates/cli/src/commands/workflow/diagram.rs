//! `peshi workflow diagram`: the charts of a pack as pictures and as text for other programs.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use peshi_casework::pack::{ChartSpec, Pack, load};
use peshi_diagram::{Direction, Dress, Marks, Picture, Words, mermaid, scxml};
use peshi_templates::{Lang, Renderer};
use serde_json::Value;

use super::pack_files;
use crate::args::{DiagramArgs, DiagramFormat};
use crate::house::renderer;
use crate::packs::Folders;
use crate::settings::Settings;

pub(super) fn run(settings: &Settings, args: &DiagramArgs) -> Result<ExitCode> {
    let lang: Lang = args.lang.parse()?;
    let mut files = pack_files(settings, &args.pack)?;
    // A chart that nobody has worded yet is drawn with the names of its states.
    for language in ["en", "ur"] {
        files.entry(format!("locales/{language}.ftl")).or_default();
    }
    let mut folders = Folders::default();
    folders.packs.insert(PACK.to_owned(), files.clone());
    let (Some(pack), _) = load(&files) else {
        bail!(
            "{} has errors; `peshi workflow check {}` shows them",
            args.pack.display(),
            args.pack.display()
        );
    };
    let drawing = Drawing {
        pack: &pack,
        words: &PackWords {
            renderer: &renderer(&folders)?,
            lang,
        },
        lang,
        format: args.format,
    };
    match (&args.output, &args.chart) {
        (Some(folder), None) if folder.is_dir() => {
            for name in pack.charts.keys() {
                drawing.write(&folder.join(drawing.file_name(name)), name)?;
            }
        }
        (Some(folder), Some(name)) if folder.is_dir() => {
            drawing.write(&folder.join(drawing.file_name(name)), name)?;
        }
        (Some(file), name) => drawing.write(file, name.as_deref().unwrap_or("case"))?,
        (None, name) => print!("{}", drawing.draw(name.as_deref().unwrap_or("case"))?),
    }
    Ok(ExitCode::SUCCESS)
}

/// The name the pack's words go by while they are read.
const PACK: &str = "drawn";

/// A pack's words in one language.
struct PackWords<'a> {
    renderer: &'a Renderer,
    lang: Lang,
}

impl Words for PackWords<'_> {
    fn text(&self, key: &str, args: &[(&str, Value)]) -> Option<String> {
        self.renderer.text(Some(PACK), self.lang, key, args)
    }
}

struct Drawing<'a> {
    pack: &'a Pack,
    words: &'a dyn Words,
    lang: Lang,
    format: DiagramFormat,
}

impl Drawing<'_> {
    fn file_name(&self, chart: &str) -> String {
        match self.format {
            DiagramFormat::Svg => format!("{chart}.{}.svg", self.lang),
            DiagramFormat::Mermaid => format!("{chart}.{}.mmd", self.lang),
            DiagramFormat::Scxml => format!("{chart}.scxml"),
        }
    }

    fn write(&self, file: &Path, chart: &str) -> Result<()> {
        let text = self.draw(chart)?;
        std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
        eprintln!("{chart}: {}", file.display());
        Ok(())
    }

    fn draw(&self, name: &str) -> Result<String> {
        let chart = self.chart(name)?;
        Ok(match self.format {
            DiagramFormat::Svg => {
                let marks = Marks::default();
                let picture = Picture {
                    chart,
                    words: self.words,
                    direction: if self.lang.dir() == "rtl" {
                        Direction::Rtl
                    } else {
                        Direction::Ltr
                    },
                    lang: self.lang.html_lang(),
                    marks: &marks,
                    id: name,
                };
                picture.svg(Dress::File)
            }
            DiagramFormat::Mermaid => mermaid(chart, self.words),
            DiagramFormat::Scxml => scxml(chart),
        })
    }

    fn chart(&self, name: &str) -> Result<&ChartSpec> {
        match self.pack.chart(name) {
            Some(chart) => Ok(chart),
            None => bail!(
                "the pack has no chart `{name}`; it has {}",
                self.pack.charts.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
        }
    }
}
