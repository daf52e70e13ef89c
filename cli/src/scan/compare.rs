//! Comparison of used events with declared events.

use std::collections::BTreeSet;

use sio_types_schema::{EventSetSchema, NamespaceSchema};

use super::events::Events;
use super::finding::Finding;
use super::uses::{Action, Use};
use crate::terminal::Level;

/// Events that `socket.io-client` emits on a socket itself.
const OWN: [&str; 3] = ["connect", "connect_error", "disconnect"];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    ToClient,
    ToServer,
}

impl Direction {
    fn set(self, namespace: &NamespaceSchema) -> &EventSetSchema {
        match self {
            Self::ToClient => &namespace.server_to_client,
            Self::ToServer => &namespace.client_to_server,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::ToClient => Self::ToServer,
            Self::ToServer => Self::ToClient,
        }
    }
}

/// Returns the errors in the uses, followed by the unused events.
pub(super) fn compare(events: &Events<'_>, uses: &[Use]) -> Vec<Finding> {
    let comparison = Comparison {
        namespaces: events.namespaces(),
    };
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for it in uses {
        findings.extend(comparison.judge(it, &mut used));
    }
    findings.extend(comparison.unused(&used));
    findings
}

struct Comparison<'a> {
    namespaces: &'a [NamespaceSchema],
}

impl<'a> Comparison<'a> {
    fn judge(
        &self,
        it: &Use,
        used: &mut BTreeSet<(&'a str, Direction, &'a str)>,
    ) -> Option<Finding> {
        let candidates: Vec<_> = match &it.socket.0 {
            Some(path) => self
                .namespaces
                .iter()
                .filter(|namespace| matches(&namespace.path, path))
                .collect(),
            None => self.namespaces.iter().collect(),
        };
        if candidates.is_empty() {
            let path = it.socket.0.as_deref().unwrap_or_default();
            let paths = self.namespaces.iter().map(|namespace| &*namespace.path);
            let what = format!("the server has no namespace `{path}`");
            return Some(wrong("namespace", what, it, nearest(path, paths)));
        }
        let direction = match it.action {
            Action::Send => Direction::ToServer,
            _ => Direction::ToClient,
        };
        let mut is_declared = false;
        for namespace in &candidates {
            for event in &direction.set(namespace).events {
                if it.action == Action::ListenToAll || event.name == it.event {
                    is_declared = true;
                    if it.action != Action::Name {
                        used.insert((&*namespace.path, direction, &*event.name));
                    }
                }
            }
        }
        let is_own = direction == Direction::ToClient && OWN.contains(&&*it.event);
        if is_declared || is_own || it.action == Action::ListenToAll {
            return None;
        }
        let has = |namespace: &&NamespaceSchema, direction: Direction| {
            direction
                .set(namespace)
                .events
                .iter()
                .any(|event| event.name == it.event)
        };
        let event = &it.event;
        if candidates
            .iter()
            .any(|namespace| has(namespace, direction.other()))
        {
            let (what, help) = match direction {
                Direction::ToServer => (
                    format!("the server sends `{event}` but does not accept it"),
                    "listen for it with `on`",
                ),
                Direction::ToClient => (
                    format!("the server accepts `{event}` but does not send it"),
                    "emit it with `emit`",
                ),
            };
            return Some(wrong("direction", what, it, Some(help.to_owned())));
        }
        let names = candidates
            .iter()
            .flat_map(|namespace| &direction.set(namespace).events);
        let help = nearest(event, names.map(|event| &*event.name));
        let verb = match direction {
            Direction::ToServer => "accepts",
            Direction::ToClient => "sends",
        };
        let what = match &it.socket.0 {
            Some(path) => format!("the server {verb} no event `{event}` in `{path}`"),
            None => format!("the server {verb} no event `{event}`"),
        };
        Some(wrong("undeclared", what, it, help))
    }

    fn unused(&self, used: &BTreeSet<(&str, Direction, &str)>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for namespace in self.namespaces {
            for direction in [Direction::ToClient, Direction::ToServer] {
                for event in &direction.set(namespace).events {
                    if used.contains(&(&*namespace.path, direction, &*event.name)) {
                        continue;
                    }
                    let what = match direction {
                        Direction::ToClient => {
                            format!("the front end does not listen for `{}`", event.name)
                        }
                        Direction::ToServer => {
                            format!("the front end does not emit `{}`", event.name)
                        }
                    };
                    let set = &direction.set(namespace).trait_name;
                    findings.push(Finding {
                        level: Level::Warning,
                        code: "unused",
                        what,
                        place: format!("{} {set}::{}", namespace.path, event.method),
                        help: None,
                    });
                }
            }
        }
        findings
    }
}

fn wrong(code: &'static str, what: String, it: &Use, help: Option<String>) -> Finding {
    Finding {
        level: Level::Error,
        code,
        what,
        place: it.place.clone(),
        help,
    }
}

fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let distance =
        |other: &&str| strsim::damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase());
    let nearest = names.min_by_key(distance)?;
    let is_near = distance(&nearest) <= nearest.chars().count().max(3) / 3;
    is_near.then(|| format!("did you mean `{nearest}`?"))
}

/// Returns `true` if a path is that of a namespace, or of a child of one with parameters.
fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fit = pattern.split('/').all(|part| {
        let segment = segments.next();
        segment.is_some_and(|it| it == part || (part.starts_with('{') && !it.is_empty()))
    });
    fit && segments.next().is_none()
}
