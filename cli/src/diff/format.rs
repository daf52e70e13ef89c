//! Report of a comparison.

use std::fmt::Write as _;

use serde_json::json;

use super::change::Change;
use super::rules::Level;

/// Format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text for people.
    Text,
    /// JSON for programs.
    Json,
    /// Log of a GitHub workflow, with annotations.
    Github,
    /// Comment on a pull request.
    Markdown,
}

/// Returns the report in the given format.
pub(crate) fn print(changes: &[Change], format: Format) -> String {
    match format {
        Format::Text => text(changes),
        Format::Json => as_json(changes),
        Format::Github => github(changes),
        Format::Markdown => markdown(changes),
    }
}

fn text(changes: &[Change]) -> String {
    const PLAIN: &str = "\x1b[0m";
    let mut text = String::new();
    for change in changes {
        let colour = match worst(change) {
            Level::Breaking => "\x1b[1;31m",
            Level::Risky => "\x1b[1;33m",
            Level::Safe => "\x1b[32m",
        };
        let Change { rule, place, .. } = change;
        let level = change.level();
        let _ = writeln!(text, "{colour}{level:<8}{PLAIN}  {place}  [{}]", rule.id);
        let _ = writeln!(text, "          {}", sentence(change));
        if worst(change) > Level::Safe {
            let _ = writeln!(text, "          {}: {}", deployment(change), rule.why);
            let _ = writeln!(text, "          fix: {}", rule.fix);
        }
    }
    let _ = writeln!(text, "{}", summary(changes));
    text
}

fn as_json(changes: &[Change]) -> String {
    let all: Vec<_> = changes
        .iter()
        .map(|change| {
            json!({
                "rule": change.rule.id,
                "place": change.place,
                "detail": change.detail,
                "usedBy": change.used_by,
                "oldClients": change.rule.old_clients,
                "newClients": change.rule.new_clients,
                "what": change.rule.what,
                "why": change.rule.why,
                "fix": change.rule.fix,
            })
        })
        .collect();
    let count = |level| count(changes, level);
    let report = json!({
        "changes": all,
        "breaking": count(Level::Breaking),
        "risky": count(Level::Risky),
        "safe": count(Level::Safe),
        "version": bump(changes),
        "deploy": order(changes),
    });
    format!("{report:#}\n")
}

/// Formats changes as [workflow
/// commands](https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
fn github(changes: &[Change]) -> String {
    let escaped = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let mut text = String::new();
    for change in changes {
        let command = match change.level() {
            Level::Breaking => "error",
            Level::Risky => "warning",
            Level::Safe => "notice",
        };
        let title = escaped(&format!("{}: {}", change.rule.id, change.place));
        let title = title.replace(':', "%3A").replace(',', "%2C");
        let message = format!(
            "{}. {}. Fix: {}.",
            capitalized(&sentence(change)),
            capitalized(change.rule.why),
            change.rule.fix
        );
        let _ = writeln!(text, "::{command} title={title}::{}", escaped(&message));
    }
    let _ = writeln!(text, "{}", summary(changes));
    text
}

fn markdown(changes: &[Change]) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let mut text = String::new();
    if !changes.is_empty() {
        text.push_str("| old clients | new clients | place | change | fix |\n| --- | --- | --- | --- | --- |\n");
    }
    for change in changes {
        let (old, new) = (change.rule.old_clients, change.rule.new_clients);
        let place = cell(&change.place.replace('`', "'"));
        let what = cell(&sentence(change));
        let fix = cell(change.rule.fix);
        let _ = writeln!(
            text,
            "| {old} | {new} | `{place}` | {what} ({}) | {fix} |",
            change.rule.id
        );
    }
    if !changes.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", summary(changes));
    text
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn sentence(change: &Change) -> String {
    let mut sentence = change.rule.what.to_owned();
    if let Some(detail) = &change.detail {
        let _ = write!(sentence, "; {detail}");
    }
    match &change.used_by[..] {
        [] => {}
        [one] => {
            let _ = write!(sentence, "; used by {one}");
        }
        [first, rest @ ..] => {
            let _ = write!(sentence, "; used by {first} and {} more", rest.len());
        }
    }
    sentence
}

fn worst(change: &Change) -> Level {
    change.rule.old_clients.max(change.rule.new_clients)
}

/// Returns the combinations of clients and servers that a change affects.
fn deployment(change: &Change) -> &'static str {
    let (old, new) = (change.rule.old_clients, change.rule.new_clients);
    match (old > Level::Safe, new > Level::Safe) {
        (true, true) => "affects every deployment order",
        (true, false) => "affects old clients on new servers",
        _ => "affects new clients on old servers",
    }
}

fn count(changes: &[Change], level: Level) -> usize {
    changes
        .iter()
        .filter(|change| change.level() == level)
        .count()
}

fn summary(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "no changes".to_owned();
    }
    let count = |level| count(changes, level);
    format!(
        "{} breaking, {} risky, {} safe: requires a {} version; {}",
        count(Level::Breaking),
        count(Level::Risky),
        count(Level::Safe),
        bump(changes),
        order(changes),
    )
}

/// Returns the version increment that [semantic versioning](https://semver.org) requires. Before 1.0 it is one level
/// lower.
fn bump(changes: &[Change]) -> &'static str {
    match changes.iter().map(Change::level).max() {
        Some(Level::Breaking) => "major",
        _ if changes
            .iter()
            .any(|change| change.rule.id != "documentation-changed") =>
        {
            "minor"
        }
        _ => "patch",
    }
}

fn order(changes: &[Change]) -> &'static str {
    let old = changes
        .iter()
        .any(|change| change.rule.old_clients == Level::Breaking);
    let new = changes
        .iter()
        .any(|change| change.rule.new_clients > Level::Safe);
    match (old, new) {
        (true, true) => "no deployment order is safe",
        (true, false) => "old clients break on new servers",
        (false, true) => "deploy the servers before the clients",
        (false, false) => "deploy servers and clients in any order",
    }
}
