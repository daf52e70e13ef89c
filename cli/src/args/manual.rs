//! Shell completions and manual pages.

use std::io::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use crate::error::Error;
use crate::output;

/// Prints the completion script of a shell.
pub(crate) fn completions(shell: Shell) -> Result<(), Error> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sio-types", &mut text);
    output::print(&text)
}

/// Prints the manual page of the command, or writes the pages of the command and its subcommands to a directory.
pub(crate) fn pages(directory: Option<&Path>) -> Result<(), Error> {
    let Some(directory) = directory else {
        return output::print(&page(Cli::command())?);
    };
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let subcommands = command.get_subcommands().cloned();
    let commands: Vec<_> = subcommands.chain([command.clone()]).collect();
    for command in commands {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let file = directory.join(format!("{name}.1"));
        let page = page(command.clone())?;
        let written = output::write(&file, &String::from_utf8_lossy(&page))?;
        output::report(&file, written);
    }
    Ok(())
}

fn page(command: clap::Command) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    let rendered = rendered.and_then(|()| page.flush());
    rendered.map_err(|error| Error::io("write", "the manual page", &error))?;
    Ok(page)
}
