//! Medians, ratios and their presentation.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Map, Value, json};

use super::{
    contender::Contender,
    plan::{Bar, CLAIMS, Claim, MEASURES},
};

/// The results of all runs of all contenders.
#[derive(Default)]
pub(super) struct Results(BTreeMap<(&'static str, Contender), Vec<Value>>);

impl Results {
    pub(super) fn add(&mut self, measure: &'static str, contender: Contender, figures: Value) {
        self.0
            .entry((measure, contender))
            .or_default()
            .push(figures);
    }

    /// Returns the median of one figure.
    pub(super) fn median(&self, measure: &str, contender: Contender, figure: &str) -> Option<f64> {
        let mut all = self.all(measure, contender, figure);
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    }

    fn all(&self, measure: &str, contender: Contender, figure: &str) -> Vec<f64> {
        let runs = self
            .0
            .iter()
            .filter(|((name, by), _)| (*name, *by) == (measure, contender));
        let values = runs.flat_map(|(_, runs)| runs);
        values.filter_map(|run| run.get(figure)?.as_f64()).collect()
    }

    /// Returns the names of a measure's figures.
    fn figures(&self, measure: &str) -> Vec<String> {
        let first = self.0.iter().find(|((name, _), _)| *name == measure);
        let run = first.and_then(|(_, runs)| runs.first()?.as_object());
        run.map(|run| run.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Formats all results as text.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        for measure in &MEASURES {
            let figures = self.figures(measure.name);
            if figures.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n{}", measure.title);
            for contender in measure.contenders {
                let _ = write!(text, "  {:26}", contender.label());
                for figure in &figures {
                    let value = self.median(measure.name, *contender, figure);
                    let shown = value.map_or_else(|| "-".to_owned(), number);
                    let _ = write!(text, "  {figure} {shown}");
                }
                text.push('\n');
            }
        }
        text.push_str("\nratios\n");
        for claim in &CLAIMS {
            if let Some(ratio) = self.ratio(claim) {
                let _ = writeln!(text, "  {}", told(claim, ratio));
            }
        }
        text
    }

    /// Returns the ratio between sio-types and the best of the others.
    fn ratio(&self, claim: &Claim) -> Option<f64> {
        let Claim {
            measure,
            figure,
            others,
            bar,
        } = claim;
        let ours = self.median(measure, Contender::SioTypes, figure)?;
        let others = others
            .iter()
            .filter_map(|other| self.median(measure, *other, figure));
        let best = match bar {
            Bar::AtLeast(_) => others.max_by(f64::total_cmp),
            Bar::AtMost(_) => others.min_by(f64::total_cmp),
        };
        Some(ours / best?)
    }

    /// Returns all results as JSON.
    pub(super) fn json(&self, machine: &Value) -> Value {
        let mut measures = Map::new();
        for measure in &MEASURES {
            let by = measure.contenders.iter().map(|contender| {
                let figures = self.figures(measure.name).into_iter().map(|figure| {
                    let median = self.median(measure.name, *contender, &figure);
                    let runs = self.all(measure.name, *contender, &figure);
                    (figure, json!({ "median": median, "runs": runs }))
                });
                (
                    contender.label().to_owned(),
                    figures.collect::<Map<_, _>>().into(),
                )
            });
            let by: Map<String, Value> = by.collect();
            measures.insert(
                measure.name.to_owned(),
                json!({ "title": measure.title, "by": by }),
            );
        }
        let ratios = CLAIMS
            .iter()
            .filter_map(|claim| Some(told(claim, self.ratio(claim)?)));
        let ratios: Vec<String> = ratios.collect();
        json!({ "machine": machine, "measures": measures, "ratios": ratios })
    }
}

fn told(claim: &Claim, ratio: f64) -> String {
    let others = claim.others.iter().map(|other| other.label());
    let others: Vec<_> = others.collect();
    let (bar, is_met) = match claim.bar {
        Bar::AtLeast(bar) => (format!("at least {bar}"), ratio >= bar),
        Bar::AtMost(bar) => (format!("at most {bar}"), ratio <= bar),
    };
    let verdict = if is_met { "" } else { ": missed" };
    format!(
        "{} {}, sio-types / {}: {ratio:.2} ({bar}{verdict})",
        claim.measure,
        claim.figure,
        others.join(" or "),
    )
}

/// Formats a number with a precision that depends on its size.
pub(super) fn number(value: f64) -> String {
    if value >= 1000.0 {
        let digits = format!("{value:.0}");
        let groups = digits.as_bytes().rchunks(3).rev();
        let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
        groups.join(",")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}
