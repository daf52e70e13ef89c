//! What only one of two lists has.

use std::collections::HashSet;

/// Returns what of the old list is not in the new one, and what of the new list is not in the old one.
pub(super) fn unmatched<'a, T>(
    old: &'a [T],
    new: &'a [T],
    name: impl Fn(&'a T) -> &'a str,
) -> (Vec<&'a T>, Vec<&'a T>) {
    let missing = |all: &'a [T], others: &'a [T]| {
        let others: HashSet<&str> = others.iter().map(&name).collect();
        all.iter()
            .filter(|one| !others.contains(name(one)))
            .collect()
    };
    (missing(old, new), missing(new, old))
}
