//! Items that only one of two lists contains.

use std::collections::HashSet;

/// Returns the items that only the old list contains, and those that only the new list contains.
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
