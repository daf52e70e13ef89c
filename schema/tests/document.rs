//! Reading documents.

use sio_types_schema::{Schema, SchemaError};

#[test]
fn other_version_is_rejected() {
    let error = Schema::from_json(r#"{ "sioTypes": 99, "later": true }"#).unwrap_err();
    assert!(matches!(error, SchemaError::Version(99)), "{error}");
}
