//! Reading documents.

use sio_types_schema::{Schema, SchemaError};

#[test]
fn another_version_is_refused() {
    let error = Schema::from_json(r#"{ "sioTypes": 99, "later": true }"#).unwrap_err();
    assert!(matches!(error, SchemaError::Version(99)), "{error}");
}
