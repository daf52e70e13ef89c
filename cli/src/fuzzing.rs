//! Entry points of the fuzz targets, `fuzz/` in the repository. They are not part of the public interface.

use sio_types_schema::{Flow, Schema};

use crate::{
    asyncapi, defaults, diff, docs, document,
    typescript::{self, Target},
};

/// Reads one schema document, or an old and a new one that are separated by the byte 0xff, which no UTF-8 text
/// contains.
#[doc(hidden)]
pub fn schema(data: &[u8]) {
    let texts = data.splitn(2, |byte| *byte == 0xff);
    let schemas: Vec<_> = texts
        .filter_map(|text| document::parse(text).ok())
        .collect();
    for schema in &schemas {
        let same = Schema::from_json(&schema.to_json());
        assert_eq!(
            same.ok().as_ref(),
            Some(schema),
            "it is read as it was written"
        );
        print(schema);
    }
    if let (Some(old), Some(new)) = (schemas.first(), schemas.last()) {
        for (old, new) in [(old, new), (new, old), (old, old)] {
            let _ = diff::compare(old, new);
        }
    }
}

/// Prints a schema in every format. Errors are expected; only panics count.
fn print(schema: &Schema) {
    for on in [false, true] {
        let target = Target {
            node: on,
            react: on,
            zod: on,
        };
        let _ = typescript::print_for(schema, target);
    }
    for format in [asyncapi::Format::Yaml, asyncapi::Format::Json] {
        let _ = asyncapi::print(schema, &asyncapi::Info::default(), format);
    }
    let info = docs::Info {
        title: String::new(),
        server: defaults::SERVER.to_owned(),
        live: None,
    };
    let _ = docs::print(schema, &info);
    for namespace in &schema.namespaces {
        for flow in [
            Flow::ServerToClient,
            Flow::ClientToServer,
            Flow::InterServer,
        ] {
            let _ = schema.json_schema(&namespace.path, flow);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::schema;

    #[test]
    fn any_schema_is_read_or_refused() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/schema");
        let files = fs::read_dir(corpus).expect("the target has a corpus");
        let inputs: Vec<_> = files
            .map(|file| file.expect("it is ours").path())
            .map(|file| fs::read(file).expect("it is ours"))
            .collect();
        assert!(!inputs.is_empty(), "nothing is kept");
        inputs.iter().for_each(|input| schema(input));
    }
}
