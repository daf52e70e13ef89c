//! Comparison of two schemas, by the effect on clients and servers that use the old one.

mod assignability;
mod change;
mod compare;
mod effort;
mod events;
mod format;
mod ignore;
mod payloads;
mod rules;
mod shape;
#[cfg(test)]
mod tests;
mod unmatched;

pub use change::Change;
pub use compare::compare;
pub(crate) use compare::compare_within_limits;
pub(crate) use format::{Format, print};
pub(crate) use ignore::Ignored;
pub use rules::{Level, RULES, Rule};
