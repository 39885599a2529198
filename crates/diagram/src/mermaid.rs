//! A chart as Mermaid text (`stateDiagram-v2`).
//!
//! Says what the picture says, as far as Mermaid can: it has no history, and joins no states of different composites, so
//! such arrows end at the border and tell the rest in words. Knows no layout.

use std::fmt::Write;

use peshi_casework::pack::ChartSpec;
use serde_json::json;

use crate::picture::{Entry, Icon, Kind, Marks, Outline};
use crate::words::{Voice, Words};

/// A chart as Mermaid text, in the words given.
pub fn mermaid(chart: &ChartSpec, words: &dyn Words) -> String {
    let voice = Voice::new(words, chart);
    let ids: Vec<String> = chart.chart.states().map(|s| alias(s.id())).collect();
    let mut writer = Writer {
        outline: &Outline::of(chart, voice, &Marks::default()),
        voice,
        ids,
        out: "stateDiagram-v2\n".to_owned(),
    };
    writer.state(0, 1);
    writer.out
}

/// A name that is no word of Mermaid's own.
fn alias(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("s_{}", id.chars().map(plain).collect::<String>())
}

/// Text that Mermaid takes as text: everything with a meaning of its own becomes a numbered character.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => {}
            '"' | '#' | ';' | ':' | '<' | '>' | '{' | '}' | '[' | ']' | '&' | '\\' | '%' | '`' | '|'
            | '*' | '~' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

struct Writer<'a> {
    outline: &'a Outline,
    voice: Voice<'a>,
    ids: Vec<String>,
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "    ".repeat(depth));
    }

    fn state(&mut self, node: usize, depth: usize) {
        let state = &self.outline.nodes[node];
        let title = match state.kind {
            Kind::History { deep: false } => "H".to_owned(),
            Kind::History { deep: true } => "H*".to_owned(),
            _ => state.title.clone(),
        };
        let (id, title) = (self.ids[node].clone(), escaped(&title));
        if state.children.is_empty() {
            self.line(depth, &format!(r#"state "{title}" as {id}"#));
            for text in self.details(node) {
                self.line(depth, &format!("{id} : {text}"));
            }
            if state.kind == Kind::Final {
                self.line(depth, &format!("{id} --> [*]"));
            }
            return;
        }
        self.line(depth, &format!(r#"state "{title}" as {id} {{"#));
        for (n, &child) in state.children.iter().enumerate() {
            if n > 0 && state.kind == Kind::Parallel {
                self.line(depth + 1, "--");
            }
            if self.outline.nodes[child].starts {
                let start = format!("[*] --> {}", self.ids[child]);
                self.line(depth + 1, &start);
            }
            self.state(child, depth + 1);
        }
        self.arrows(node, depth + 1);
        self.line(depth, "}");
        let details = self.details(node);
        if !details.is_empty() {
            self.line(depth, &format!("note right of {id}"));
            for text in details {
                self.line(depth + 1, &text);
            }
            self.line(depth, "end note");
        }
    }

    /// Who must act, and what happens inside the state.
    fn details(&self, node: usize) -> Vec<String> {
        let state = &self.outline.nodes[node];
        let tags = state.tags.iter().map(|tag| format!("({})", escaped(&tag.text)));
        let lines = state.lines.iter().map(entry);
        tags.chain(lines).collect()
    }

    /// The arrows between what a state holds.
    fn arrows(&mut self, node: usize, depth: usize) {
        let outline = self.outline;
        for link in &outline.links {
            if outline.meeting(link.from, link.to) != node {
                continue;
            }
            let from = outline.child_towards(node, link.from);
            let to = outline.child_towards(node, link.to);
            let arrow = format!("{} --> {}", self.ids[from], self.ids[to]);
            let ends = |text: String| {
                let inner = (to != link.to).then(|| outline.nodes[link.to].title.clone());
                match inner {
                    None => text,
                    Some(inner) => {
                        let args = [("event", json!(text)), ("where", json!(escaped(&inner)))];
                        self.voice.say("leads", &args).replace(':', "#58;")
                    }
                }
            };
            let words: Vec<String> = link.entries.iter().map(|e| ends(entry(e))).collect();
            let text = words.join(" / ");
            if text.is_empty() {
                self.line(depth, &arrow);
            } else {
                self.line(depth, &format!("{arrow} : {text}"));
            }
        }
    }
}

fn entry(entry: &Entry) -> String {
    let sign = |icon: &Icon| match icon {
        Icon::Clock => "⏱ ",
        Icon::Condition => "◇ ",
        Icon::FromAnywhere => "⇥ ",
        Icon::Again => "↻ ",
        Icon::Opens => "⊞ ",
        Icon::Stays => "• ",
    };
    let signs: String = entry.icons.iter().map(sign).collect();
    format!("{signs}{}", escaped(&entry.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_means_anything_to_mermaid() {
        assert_eq!(
            escaped("a \"b\": {c}; -- <d>\n%%"),
            "a #34;b#34;#58; #123;c#125;#59; -- #60;d#62; #37;#37;"
        );
        assert_eq!(alias("end"), "s_end");
        assert_eq!(alias("a.b-c"), "s_a_b_c");
    }
}
