//! Changes that were reviewed and accepted.

use std::path::Path;

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use super::change::Change;
use super::rules::{RULES, Rule};
use crate::error::Error;

/// Ignore file that is read by default.
const DEFAULT: &str = ".sio-types-ignore.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    ignore: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    place: String,
    reason: String,
}

/// The entries of an ignore file.
#[derive(Debug, Default)]
pub(crate) struct Ignored(Vec<(Entry, GlobMatcher)>);

impl Ignored {
    /// Reads the given file, or the default one if it exists.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self, Error> {
        let path = named.unwrap_or(Path::new(DEFAULT));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
                return Ok(Self::default());
            }
            Err(error) => return Err(Error::io("read", path, &error)),
        };
        Self::parse(&text).map_err(|error| error.at(path.display()))
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(text).map_err(|error| {
            Error::config(error.to_string().trim_end().to_owned())
                .help("each entry is an `[[ignore]]` table with `rule`, `place` and `reason`")
        })?;
        let entries = file.ignore.into_iter().map(|entry| {
            if !RULES.iter().any(|rule| rule.id == entry.rule) {
                return Err(unknown(&entry.rule));
            }
            if entry.reason.trim().is_empty() {
                let what = format!("the entry for `{}` has no reason", entry.place);
                return Err(Error::config(what).help("explain why the change is acceptable"));
            }
            let glob = Glob::new(&entry.place);
            let glob = glob.map_err(|error| {
                Error::config(format!("invalid `place` of an ignore entry: {error}"))
            })?;
            Ok((entry, glob.compile_matcher()))
        });
        Ok(Self(entries.collect::<Result<_, _>>()?))
    }

    /// Returns the changes that are not ignored, and descriptions of the entries that match no change.
    pub(crate) fn apply(&self, changes: Vec<Change>) -> (Vec<Change>, Vec<String>) {
        let is_meant = |(entry, place): &(Entry, GlobMatcher), change: &Change| {
            entry.rule == change.rule.id && place.is_match(&change.place)
        };
        let idle = self
            .0
            .iter()
            .filter(|entry| !changes.iter().any(|change| is_meant(entry, change)));
        let idle = idle.map(|(entry, _)| {
            let Entry { rule, place, .. } = entry;
            format!("the ignore entry for `{rule}` at `{place}` matches no change; remove it")
        });
        let idle = idle.collect();
        let mut changes = changes;
        changes.retain(|change| !self.0.iter().any(|entry| is_meant(entry, change)));
        (changes, idle)
    }
}

fn unknown(rule: &str) -> Error {
    let distance = |known: &&&Rule| strsim::levenshtein(rule, known.id);
    let nearest = RULES.iter().min_by_key(distance);
    let help = match nearest {
        Some(known) if distance(&known) <= 4 => format!("did you mean `{}`?", known.id),
        _ => "docs/compatibility.md lists the rules".to_owned(),
    };
    Error::config(format!("unknown rule `{rule}`")).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_explained() {
        let entry = |rule: &str, reason: &str| {
            format!("[[ignore]]\nrule = \"{rule}\"\nplace = \"/chat *\"\nreason = \"{reason}\"\n")
        };
        for (text, part) in [
            (
                entry("sent-event-remved", "why"),
                "did you mean `sent-event-removed`?",
            ),
            (entry("sent-event-removed", " "), "has no reason"),
            ("[[ignore]]\nrule = \"x\"".to_owned(), "`place`"),
            ("[[ignore]\n".to_owned(), "[[ignore]]"),
        ] {
            let error = Ignored::parse(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
