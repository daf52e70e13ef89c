//! Objects: their fields, additional fields, and the tags that distinguish alternatives.

use serde_json::Value;

use super::misfit::{Misfit, Place, Why};
use super::{Comparison, refers, shortened};
use crate::diff::shape::{Additional, Fields, ObjectView};
use crate::json_schema::is_annotation;

impl<'a> Comparison<'a> {
    pub(super) fn objects(
        &mut self,
        a: &[&'a Fields],
        b: &[&'a Fields],
        place: &Place,
    ) -> Vec<Misfit> {
        let (a, b) = (ObjectView(a), ObjectView(b));
        if a.is_unclear() || b.is_unclear() || !object_rest_fits(&a, &b) {
            return place.misfit(Why::Type);
        }
        if !tags_agree(&a, &b) {
            return place.misfit(Why::Variant(tag_of(&a)));
        }
        let mut misfits = Vec::new();
        let always = a.required();
        for name in b.required() {
            if always.binary_search(&name).is_err() {
                misfits.extend(place.step(&format!(".{name}")).misfit(Why::Field));
            }
        }
        let names = a.names();
        for name in &names {
            misfits.extend(self.property(name, &a, &b, place));
        }
        // These fields are always present, without a schema of their own.
        for name in always
            .iter()
            .filter(|name| names.binary_search(name).is_err())
        {
            if !b.property(name).is_empty() {
                misfits.extend(place.step(&format!(".{name}")).misfit(Why::Type));
            }
        }
        misfits.extend(self.patterns(&a, &b, place));
        misfits.extend(self.additional(&a, &b, place));
        misfits
    }

    /// Compares pattern properties. Maps with other keys are other types.
    fn patterns(
        &mut self,
        a: &ObjectView<'_, 'a>,
        b: &ObjectView<'_, 'a>,
        place: &Place,
    ) -> Vec<Misfit> {
        let (a_patterns, b_patterns) = (a.patterns(), b.patterns());
        if a_patterns.is_empty() && b_patterns.is_empty() {
            return Vec::new();
        }
        let keys = |patterns: &[(&'a str, &'a Value)]| {
            let keys = patterns.iter().map(|(pattern, _)| *pattern);
            keys.collect::<Vec<_>>()
        };
        // With named fields beside them, it would be unclear which of these match the pattern.
        let is_plain = a.names().is_empty() && b.names().is_empty();
        if keys(&a_patterns) != keys(&b_patterns) || !is_plain {
            return place.misfit(Why::Type);
        }
        let place = place.step("[…]");
        let pairs = a_patterns.into_iter().zip(b_patterns);
        let misfits = pairs.flat_map(|((_, a), (_, b))| self.compare(a, b, &place));
        misfits.collect()
    }

    fn property(
        &mut self,
        name: &str,
        a: &ObjectView<'_, 'a>,
        b: &ObjectView<'_, 'a>,
        place: &Place,
    ) -> Vec<Misfit> {
        if !self.effort.spend(1 + (place.length() + name.len()) / 64) {
            return place.misfit(Why::Type);
        }
        let place = place.step(&format!(".{name}"));
        let mut expected = b.property(name);
        if expected.is_empty() {
            match b.additional() {
                Additional::Ignored => return Vec::new(),
                Additional::None => return place.misfit(Why::Extra),
                Additional::Fitting(schema) => expected.push(schema),
            }
        }
        let values = a.property(name);
        let mut misfits = Vec::new();
        for expected in expected {
            // The value fits all of its schemas, so it is enough that one of them fits.
            let mut found = values
                .iter()
                .map(|value| self.compare(value, expected, &place));
            let first = found.next().unwrap_or_default();
            if !first.is_empty() && !found.any(|misfits| misfits.is_empty()) {
                misfits.extend(first);
            }
        }
        misfits
    }

    fn additional(
        &mut self,
        a: &ObjectView<'_, 'a>,
        b: &ObjectView<'_, 'a>,
        place: &Place,
    ) -> Vec<Misfit> {
        let Additional::Fitting(values) = a.additional() else {
            return Vec::new();
        };
        let place = place.step("[…]");
        let own = a.names();
        let mut misfits = match b.additional() {
            Additional::Ignored => Vec::new(),
            Additional::None => place.misfit(Why::Extra),
            Additional::Fitting(expected) => self.compare(values, expected, &place),
        };
        for name in b
            .names()
            .into_iter()
            .filter(|name| own.binary_search(name).is_err())
        {
            for expected in b.property(name) {
                misfits.extend(self.compare(values, expected, &place));
            }
        }
        misfits
    }
}

/// Returns `true` if the tags of two objects do not rule out that they are the same alternative.
pub(super) fn tags_agree(a: &ObjectView<'_, '_>, b: &ObjectView<'_, '_>) -> bool {
    let others = b.tags();
    let of = |name: &str| others.iter().find(|(other, _)| *other == name);
    a.tags()
        .iter()
        .all(|(name, tag)| of(name).is_none_or(|(_, other)| other == tag))
}

/// Returns `true` if every other constraint of one object is also present in the other, literally.
fn object_rest_fits(a: &ObjectView<'_, '_>, b: &ObjectView<'_, '_>) -> bool {
    let (mut a, mut b) = (a.rest(), b.rest());
    a.retain(|(name, _)| !is_annotation(name));
    b.retain(|(name, _)| !is_annotation(name));
    b.into_iter().all(|(name, said)| {
        // The constraints are sorted, and a name occurs once for each part.
        let same = &a[a.partition_point(|(other, _)| *other < name)..];
        let mut same = same.iter().take_while(|(other, _)| *other == name);
        same.any(|(_, other)| *other == said) && !refers(said)
    })
}

pub(super) fn tag_of(object: &ObjectView<'_, '_>) -> String {
    let tags = object.tags();
    let tags: Vec<_> = tags
        .iter()
        .map(|(name, tag)| format!("{name}: {tag}"))
        .collect();
    shortened(format!("{{ {} }}", tags.join(", ")))
}
