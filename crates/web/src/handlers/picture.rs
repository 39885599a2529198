//! The picture of a case: its charts, where it stands in them and the way it went.
//! Knows which charts are shown; drawing them is the diagram room's, the way it went the service's.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, Utc};
use peshi_casework::pack::Pack;
use peshi_diagram::{Direction, Dress, Marks, Picture, Step};
use peshi_service::{CasePaths, InstancePath};
use peshi_templates::Lang;
use serde::Serialize;
use serde_json::Value;

use crate::assets::picture_stylesheet_address;
use crate::desk::Desk;
use crate::error::WebError;
use crate::handlers::CaseHead;
use crate::present::InstanceName;
use crate::session::Staff;
use crate::shell::Section;

/// How many charts one page draws at most: the case itself and the latest of what is open below it.
const DRAWN: usize = 9;
/// How many steps are told in words, the latest first.
const TOLD: usize = 200;

#[derive(Debug, Serialize)]
pub(crate) struct PictureBody {
    pub(crate) head: CaseHead,
    pub(crate) stylesheet: String,
    pub(crate) pictures: Vec<Drawn>,
    /// How many open children are not drawn.
    pub(crate) undrawn: usize,
}

/// One chart of the case.
#[derive(Debug, Serialize)]
pub(crate) struct Drawn {
    pub(crate) id: String,
    /// Locale key of the chart.
    pub(crate) key: String,
    /// None for the case itself.
    pub(crate) name: Option<InstanceName>,
    /// The picture; every text in it is escaped where it is made.
    pub(crate) svg: String,
    /// The states it is in.
    pub(crate) now: Vec<String>,
    /// The way it went, newest first.
    pub(crate) steps: Vec<StepLine>,
}

/// One step of the way in words.
#[derive(Debug, Serialize)]
pub(crate) struct StepLine {
    pub(crate) at: DateTime<Utc>,
    pub(crate) event: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// `/cases/REFERENCE/picture`.
pub(crate) async fn show(staff: Staff, Path(reference): Path<String>) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let case = service.case(&staff.viewer, &reference, staff.now).await?;
    let paths = service.paths(&staff.viewer, &reference).await?;
    let name = case.summary.pack.clone();
    let drawing = Drawing {
        desk: staff.desk.clone(),
        pack: name.clone(),
        lang: staff.lang,
        paths,
    };
    // A large chart takes some hundredths of a second: other requests need not wait for it.
    let drawn = tokio::task::spawn_blocking(move || drawing.draw()).await;
    let (pictures, undrawn) = drawn.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic()));
    let body = PictureBody {
        head: CaseHead::new(&case.summary, &case.zone, "picture"),
        stylesheet: picture_stylesheet_address(),
        pictures,
        undrawn,
    };
    staff.page("picture", Section::Cases, Some(&name), body)
}

/// What is drawn, in whose words.
struct Drawing {
    desk: Desk,
    pack: String,
    lang: Lang,
    paths: CasePaths,
}

impl Drawing {
    fn draw(&self) -> (Vec<Drawn>, usize) {
        let words = |key: &str, args: &[(&str, Value)]| self.desk.words(&self.pack, self.lang, key, args);
        let (shown, undrawn) = chosen(&self.paths);
        let pictures = shown
            .into_iter()
            .filter_map(|path| draw(&self.paths.pack, path, &words, self.lang))
            .collect();
        (pictures, undrawn)
    }
}

/// The case itself, then what is open below it, the latest first.
fn chosen(paths: &CasePaths) -> (Vec<&InstancePath>, usize) {
    let (root, children): (Vec<_>, Vec<_>) = paths.instances.iter().partition(|p| p.instance == "case");
    let mut shown: Vec<&InstancePath> = root;
    let open: Vec<&InstancePath> = children.into_iter().filter(|p| p.open).collect();
    let room = DRAWN.saturating_sub(shown.len());
    let undrawn = open.len().saturating_sub(room);
    shown.extend(open.into_iter().rev().take(room));
    (shown, undrawn)
}

fn draw(pack: &Pack, path: &InstancePath, words: &dyn peshi_diagram::Words, lang: Lang) -> Option<Drawn> {
    let marks = Marks {
        active: path.active.iter().cloned().collect(),
        visited: path.visited.clone(),
        travelled: path
            .steps
            .iter()
            .map(|s| Step {
                source: s.source.clone(),
                event: s.event.clone(),
                target: s.target.clone(),
            })
            .collect(),
    };
    let id = format!("picture-{}", path.instance);
    let picture = Picture {
        chart: pack.chart(&path.chart)?,
        words,
        direction: if lang.dir() == "rtl" {
            Direction::Rtl
        } else {
            Direction::Ltr
        },
        lang: lang.html_lang(),
        marks: &marks,
        id: &format!("{id}-svg"),
    };
    Some(Drawn {
        key: format!("chart-{}", path.chart),
        name: InstanceName::of(&path.instance),
        svg: picture.svg(Dress::Page),
        now: path.active.iter().map(|id| picture.state_name(id)).collect(),
        steps: path
            .steps
            .iter()
            .rev()
            .take(TOLD)
            .map(|s| StepLine {
                at: s.at,
                event: picture.event_name(&s.event),
                from: picture.state_name(&s.source),
                to: picture.state_name(&s.target),
            })
            .collect(),
        id,
    })
}
