//! The part of a generated module that depends on its schema.

/// Returns a module without the functions, which are the same in all modules.
pub fn own_part(module: &str) -> String {
    let (types, rest) = module
        .split_once("/** The events of which the receiver answers. */")
        .expect("the functions' types");
    let (_, constants) = rest
        .split_once("/** Which events this module knows")
        .expect("the fingerprints");
    format!("{types}(functions)\n\n/** Which events this module knows{constants}")
}
