//! What a schema adds to a generated module.

/// The module without its functions, which are the same in each.
pub(crate) fn own_part(module: &str) -> String {
    let (types, rest) = module
        .split_once("/** The events of which the receiver answers. */")
        .expect("the functions' types");
    let (_, constants) = rest
        .split_once("/** Which events this module knows")
        .expect("the fingerprints");
    format!("{types}(functions)\n\n/** Which events this module knows{constants}")
}
