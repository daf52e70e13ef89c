//! The part of a generated module that depends on its schema.

/// Returns a module without the functions, which are the same in all modules.
pub fn own_part(module: &str) -> String {
    let (types, rest) = module
        .split_once("/** Events that have an acknowledgement. */")
        .expect("the functions' types");
    let (_, constants) = rest
        .split_once("/** Fingerprints of the events in this module")
        .expect("the fingerprints");
    format!("{types}(functions)\n\n/** Fingerprints of the events in this module{constants}")
}
