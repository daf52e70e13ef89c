//! Describes payload types and events as parts of a schema document.

pub(crate) mod build;
pub(crate) mod generators;
pub(crate) mod names;
pub(crate) mod notes;
#[cfg(test)]
mod tests;
#[cfg(feature = "ts-rs")]
pub(crate) mod ts_rs;
pub(crate) mod wire;
