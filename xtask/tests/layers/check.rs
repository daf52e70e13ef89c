//! Violations of the layers in a crate's imports.

use std::{cmp::Ordering, collections::BTreeSet};

use crate::{
    architecture::Layers,
    imports::Import,
    modules::{Crate, ModulePath},
};

/// Modules that may import from every layer, and that no layer may import. They are tests, or re-exports for users and
/// for generated code. The crate's root is one of them, too.
const FREE: [&str; 6] = [
    "prelude",
    "private",
    "__private",
    "fuzzing",
    "__fuzzing",
    "tests",
];

/// Returns all violations, each with its place, relative to the crate's directory, and the way to fix it.
pub(crate) fn violations(krate: &Crate, layers: &Layers) -> Vec<String> {
    let top_level = krate.modules.keys().filter(|path| path.len() == 1);
    let top_level: BTreeSet<_> = top_level.map(|path| path[0].as_str()).collect();
    let mut violations = Vec::new();
    for module in &top_level {
        if layers.position(module).is_none() && !FREE.contains(module) {
            violations.push(format!(
                "{}:1: the module `{module}` is not listed; add it to a layer above all that it imports",
                place(krate, module)
            ));
        }
    }
    for module in layers.modules() {
        if !top_level.contains(module) && !FREE.contains(&module) {
            violations.push(format!(
                "src/lib.rs:1: the listed module `{module}` does not exist; remove it from the block"
            ));
        }
    }
    for (path, module) in &krate.modules {
        let Some(from) = path.first() else { continue };
        for import in &module.imports {
            if let Some(problem) = problem(krate, layers, from, import) {
                violations.push(format!(
                    "src/{}:{}: {problem}",
                    import.file.display(),
                    import.line
                ));
            }
        }
    }
    let mut seen = BTreeSet::new();
    violations.retain(|violation| seen.insert(violation.clone()));
    violations
}

fn place(krate: &Crate, module: &str) -> String {
    let file = &krate.modules[[module.to_owned()].as_slice()].file;
    format!("src/{}", file.display())
}

fn problem(krate: &Crate, layers: &Layers, from: &str, import: &Import) -> Option<String> {
    // A module that is not listed is reported once, and not for each of its imports.
    let own = layers.position(from)?;
    let written = &import.written;
    let target = exported_macro(krate, &import.target).unwrap_or(&import.target);
    let module = target.first().map(String::as_str);
    let is_module = krate.modules.contains_key(&target[..target.len().min(1)]);
    let Some(to) = module.filter(|_| is_module) else {
        return (!import.is_public).then(|| through_root(krate, from, import));
    };
    if to == from {
        return None;
    }
    let Some(other) = layers.position(to) else {
        let is_forbidden = FREE.contains(&to) && !import.is_public;
        return is_forbidden.then(|| {
            format!(
                "{from} -> {to}: `{written}`: `{to}` re-exports from every layer; import from the module that defines it"
            )
        });
    };
    match other.cmp(&own) {
        Ordering::Less => None,
        Ordering::Equal => Some(format!(
            "{from} -> {to}: `{written}` is sideways: both are in layer {}; move what they share to a lower layer",
            own + 1
        )),
        Ordering::Greater => Some(format!(
            "{from} -> {to}: `{written}` goes up from layer {} to layer {}; move it down, or have `{from}` receive what it \
             needs as an argument, a trait or a callback",
            own + 1,
            other + 1
        )),
    }
}

/// Returns the module of a `#[macro_export]` macro that is referred to by its path at the root.
fn exported_macro<'k>(krate: &'k Crate, target: &[String]) -> Option<&'k ModulePath> {
    match target {
        [name] => krate.exported_macros.get(name),
        _ => None,
    }
}

fn through_root(krate: &Crate, from: &str, import: &Import) -> String {
    let root = krate.modules.get([].as_slice());
    let name = import.target.first();
    let reexport = root
        .zip(name)
        .and_then(|(root, name)| root.bindings.get(name));
    let help = match reexport {
        Some(path) => format!("import `crate::{}`", path.join("::")),
        None => "import from the module that defines it".to_owned(),
    };
    format!(
        "{from} -> crate root: `{}` hides which layer it comes from; {help}",
        import.written
    )
}
