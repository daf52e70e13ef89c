//! The command `gen-docs`.

mod hosts;
mod serve;

use std::net::SocketAddr;

use crate::docs::{self, Info};
use crate::error::Error;
use crate::input::Input;
use crate::output::{self, Destination};

/// Options of `gen-docs`.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) input: Input,
    pub(crate) output: Destination,
    pub(crate) info: Info,
    /// Address to serve the page on, instead of writing it to a file.
    pub(crate) serve: Option<SocketAddr>,
    /// Additional host names that requests for the served page may use, beside the address and loopback names.
    pub(crate) allowed_hosts: Vec<String>,
}

/// Writes or serves the reference.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let Options {
        input,
        output,
        info,
        ..
    } = options;
    match options.serve {
        Some(address) => serve::run(input, info, address, &options.allowed_hosts),
        None => output::deliver(output, &docs::print(&input.schema()?, info)?),
    }
}
