//! Runs cargo on the crate.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use cargo_metadata::{Artifact, Message};

use super::package::{Subject, Target};
use super::progress::Progress;
use super::recipe::Recipe;
use super::source::Source;
use super::wrapper::{self, RECIPE_EXTENSION};
use crate::error::Error;
use crate::terminal;

/// Builds the crate and returns the recipe for linking with it.
pub(super) fn build(source: &Source, subject: &Subject) -> Result<Recipe, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.args(arguments(source, subject));
    wrapper::install(&mut command)?;
    let options = terminal::options();
    let is_terminal = std::io::stderr().is_terminal() && !options.json;
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if is_terminal {
        command.args(["--color", "always"]);
    }
    if is_terminal || options.json {
        command.stderr(Stdio::piped());
    }
    command.args(["--", "--cfg", &wrapper::mark(&subject.manifest)]);

    let failed = |error: std::io::Error| Error::io("run", PathBuf::from(&cargo), &error);
    let progress = Progress::start(
        &format!("Building {subject}"),
        is_terminal && !options.quiet,
    );
    let mut child = command.spawn().map_err(failed)?;
    let diagnostics = child.stderr.take();
    let recipe = std::thread::scope(|scope| {
        let progress = &progress;
        scope.spawn(move || show(diagnostics, progress));
        recipe_path(&mut child, subject)
    });
    let status = child.wait().map_err(failed)?;
    progress.finish();
    if !status.success() {
        return Err(Error::build("the crate does not build")
            .at(subject)
            .help("fix the errors above"));
    }
    let path = recipe
        .ok_or_else(|| Error::build("cargo did not report the compiled crate").at(subject))?;
    Recipe::read(&path)
}

fn arguments(source: &Source, subject: &Subject) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["rustc".into(), "--quiet".into()];
    arguments.extend(["--manifest-path".into(), subject.manifest.clone().into()]);
    arguments.extend(["--package".into(), subject.package.clone().into()]);
    match &subject.target {
        Target::Library => arguments.push("--lib".into()),
        Target::Binary(name) => arguments.extend(["--bin".into(), name.into()]),
    }
    arguments.push("--message-format=json-render-diagnostics".into());
    arguments.extend([
        "--target-dir".into(),
        subject.target_directory.clone().into(),
    ]);
    if let Some(target) = &source.target {
        arguments.extend(["--target".into(), target.into()]);
    }
    for features in &source.features {
        arguments.extend(["--features".into(), features.into()]);
    }
    let flags = [
        (source.all_features, "--all-features"),
        (source.no_default_features, "--no-default-features"),
        (source.offline, "--offline"),
        (source.locked, "--locked"),
    ];
    arguments.extend(
        flags
            .into_iter()
            .filter(|(on, _)| *on)
            .map(|(_, flag)| flag.into()),
    );
    // The collector program runs once, so it needs none of these. Some linkers cannot mix them.
    for setting in [
        "lto=\"off\"",
        "panic=\"unwind\"",
        "debug=false",
        "strip=\"none\"",
    ] {
        arguments.extend(["--config".into(), format!("profile.dev.{setting}").into()]);
    }
    arguments
}

/// Forwards cargo's diagnostics without disturbing the spinner.
fn show(diagnostics: Option<ChildStderr>, progress: &Progress) {
    let Some(diagnostics) = diagnostics else {
        return;
    };
    for line in BufReader::new(diagnostics).lines().map_while(Result::ok) {
        progress.line(&line);
    }
}

/// Finds the recipe next to the artifact that cargo reports, whether it is newly built or fresh.
fn recipe_path(child: &mut Child, subject: &Subject) -> Option<PathBuf> {
    let output = child.stdout.take()?;
    let mut found = None;
    for message in Message::parse_stream(BufReader::new(output)).map_while(Result::ok) {
        if let Message::CompilerArtifact(artifact) = message {
            found = path_of(&artifact, subject).or(found);
        }
    }
    found
}

fn path_of(artifact: &Artifact, subject: &Subject) -> Option<PathBuf> {
    if artifact.manifest_path.as_std_path() != subject.manifest {
        return None;
    }
    match &subject.target {
        Target::Binary(name) => {
            let is_it = artifact.target.is_bin() && artifact.target.name == *name;
            is_it
                .then(|| artifact.executable.clone())?
                .map(PathBuf::from)
        }
        Target::Library => {
            let metadata = artifact
                .filenames
                .iter()
                .find(|path| path.extension() == Some("rmeta"))?;
            Some(metadata.with_extension(RECIPE_EXTENSION).into())
        }
    }
}
