//! Cycles of files that import each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::modules::Crate;

type Graph<'c> = BTreeMap<&'c Path, BTreeSet<&'c Path>>;

/// Returns the largest sets of files in which each file imports every other one, directly or indirectly.
///
/// An import counts for the file that defines the item, not for a file that re-exports it. The crate's root is ignored.
pub(crate) fn among_files(krate: &Crate) -> Vec<Vec<PathBuf>> {
    let graph = graph(krate);
    let reached: BTreeMap<_, _> = graph
        .keys()
        .map(|file| (*file, reachable(&graph, file)))
        .collect();
    let mut cycles = BTreeSet::new();
    for (file, others) in &reached {
        let circle: Vec<_> = others
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
            .map(|other| other.to_path_buf())
            .collect();
        if circle.len() > 1 {
            cycles.insert(circle);
        }
    }
    cycles.into_iter().collect()
}

fn graph(krate: &Crate) -> Graph<'_> {
    let mut graph = Graph::new();
    for module in krate.modules.values() {
        for import in &module.imports {
            let home = krate.home(&import.target);
            let defining = krate.modules.get(home).filter(|_| !home.is_empty());
            let Some(defining) = defining.filter(|other| other.file != import.file) else {
                continue;
            };
            if import.file != Path::new("lib.rs") {
                let imported = graph.entry(&import.file).or_default();
                imported.insert(&defining.file);
            }
        }
    }
    graph
}

/// Returns the files that a file imports, directly or indirectly.
fn reachable<'c>(graph: &Graph<'c>, from: &Path) -> BTreeSet<&'c Path> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(file) = waiting.pop() {
        for next in graph.get(file).into_iter().flatten() {
            if found.insert(*next) {
                waiting.push(next);
            }
        }
    }
    found
}
