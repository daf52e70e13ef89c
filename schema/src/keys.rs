//! Keywords that sio-types adds to JSON Schemas, all of which start with `x-sio-`.
//!
//! A finished document contains only [`BINARY`] and [`TS`]. `#[payload]` adds the other keywords to describe behavior
//! of serde that schemars does not. They are applied and removed when a document is built.

/// Marks binary data with `true`: a Socket.IO attachment, which JSON Schema describes as a string.
pub const BINARY: &str = "x-sio-binary";

/// TypeScript of a type from ts-rs: an object with the type's `name` and the `declarations` that it refers to.
pub const TS: &str = "x-sio-ts";

/// Tag of a struct with `#[serde(tag = "…")]`: an array of the tag and the struct's name.
pub const TAG: &str = "x-sio-tag";

/// Marks a field with `true` that may be left out when it is accepted.
pub const OPTIONAL: &str = "x-sio-optional";

/// Number of elements that an accepted tuple must have.
pub const REQUIRED: &str = "x-sio-required";

/// Form of an enum's variant without content when it is sent: `external`, `untagged`, or `adjacent` with the name of
/// the content.
pub const UNIT_SENT: &str = "x-sio-unit-sent";

/// Form of an enum's variant without content when it is accepted, as in [`UNIT_SENT`].
pub const UNIT_ACCEPTED: &str = "x-sio-unit-accepted";
