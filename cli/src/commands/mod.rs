//! Commands. Each has its own options, which the command line is converted to.

pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod gen_asyncapi;
pub(crate) mod gen_docs;
pub(crate) mod gen_schema;
pub(crate) mod gen_ts;
pub(crate) mod init;
mod outputs;
pub(crate) mod scan;
