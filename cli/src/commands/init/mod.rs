//! The command `init`: adds starter events to a crate, or creates one.

mod done;
mod manifest;

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::output::{self, Written};
use crate::terminal;
use done::Done;
use manifest::Manifest;

const EVENTS: &str = include_str!("events.rs.txt");
const MAIN: &str = include_str!("main.rs.txt");

/// Line that declares the events module in the crate.
const MODULE: &str = "mod events;";

/// Options of `init`.
#[derive(Debug)]
pub(crate) struct Options {
    /// Directory of the package.
    pub(crate) directory: PathBuf,
    /// TypeScript file to generate, relative to the package.
    pub(crate) output: String,
    /// Local copy of sio-types to depend on.
    pub(crate) path: Option<PathBuf>,
}

/// Adds what is missing. A second run changes nothing.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let Options { directory, .. } = options;
    let mut done = Done::default();
    let is_new = !directory.join("Cargo.toml").exists();
    let manifest = Manifest::open(directory, is_new)?;
    let root = crate_root(directory, is_new)?;
    manifest.complete(options.path.as_deref(), &mut done)?;
    let events = root.with_file_name("events.rs");
    let has_events = events.exists() || events.with_file_name("events").join("mod.rs").exists();
    if !has_events {
        write(&events, EVENTS, "created", &mut done)?;
    }
    let is_mounted = declare(&root, is_new, has_events, &mut done)?;
    configure(options, &mut done)?;
    for line in done.lines() {
        terminal::note(line);
    }
    if done.lines().is_empty() {
        terminal::note("nothing to do: the package already has events");
    } else {
        next_steps(directory, is_mounted || is_new);
    }
    Ok(())
}

/// Returns the root file of the crate.
fn crate_root(directory: &Path, is_new: bool) -> Result<PathBuf, Error> {
    let roots = ["src/lib.rs", "src/main.rs"].map(|root| directory.join(root));
    let [_, main] = &roots;
    if is_new {
        return Ok(main.clone());
    }
    roots.into_iter().find(|root| root.exists()).ok_or_else(|| {
        Error::package("the package has neither `src/lib.rs` nor `src/main.rs`")
            .at(directory.display())
            .help("run `sio-types init` in the directory of a package, or in an empty directory")
    })
}

/// Declares the events module in the crate root. Returns `true` if it was declared already.
fn declare(root: &Path, is_new: bool, had_events: bool, done: &mut Done) -> Result<bool, Error> {
    if is_new && !root.exists() {
        write(root, MAIN, "created", done)?;
        return Ok(true);
    }
    let text = fs::read_to_string(root).map_err(|error| Error::io("read", root, &error))?;
    let is_declared = |line: &str| {
        let line = line
            .trim()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub ");
        line.starts_with("mod events")
    };
    // A crate that has events of its own is left unchanged.
    if had_events || text.lines().any(is_declared) {
        return Ok(true);
    }
    let (head, rest) = text.split_at(end_of_head(&text));
    write(root, &format!("{head}{MODULE}\n{rest}"), "updated", done)?;
    Ok(false)
}

/// Returns the offset at which the inner attributes and the documentation of the crate end.
fn end_of_head(text: &str) -> usize {
    let mut end = 0;
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        position += line.len();
        let line = line.trim();
        if line.starts_with("//!") || line.starts_with("#![") || line.starts_with("#!/") {
            end = position;
        } else if !line.is_empty() && !line.starts_with("//") {
            break;
        }
    }
    // A blank line that follows belongs to the head.
    end + text[end..].starts_with('\n') as usize
}

fn configure(options: &Options, done: &mut Done) -> Result<(), Error> {
    let file = options.directory.join("sio-types.toml");
    if file.exists() || manifest::has_configuration(&options.directory) {
        return Ok(());
    }
    let output = toml::Value::String(options.output.clone());
    let text =
        format!("# Files that `sio-types gen-ts --config` writes.\n[[output]]\nfile = {output}\n");
    write(&file, &text, "created", done)
}

fn write(file: &Path, text: &str, what: &str, done: &mut Done) -> Result<(), Error> {
    if output::write(file, text)? != Written::Unchanged {
        done.add(what, file);
    }
    Ok(())
}

fn next_steps(directory: &Path, is_mounted: bool) {
    if !is_mounted {
        terminal::note(
            "\nMount the namespace where you build the router:\n\n    \
             let (layer, io) = sio_types::SocketIo::builder().build_layer();\n    \
             io.mount::<events::App, _>(events::Server)?;\n    \
             let app = app.layer(layer);",
        );
    }
    let enter = match directory.as_os_str().to_str() {
        Some("." | "") | None => String::new(),
        Some(directory) => format!("cd {directory}\n    "),
    };
    terminal::note(&format!(
        "\nNext:\n\n    {enter}sio-types gen-ts --config --watch\n    cargo run"
    ));
}
