//! The commands that the guides show.

use std::{fs, path::Path};

use sio_types_test_support::cli::Run;

/// Returns the commands `sio-types …` in the shell blocks of a page, without comments.
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut is_shell = false;
    for line in page.lines().map(str::trim) {
        if let Some(language) = line.strip_prefix("```") {
            is_shell = !is_shell && language == "sh";
        } else if let Some(command) = line.strip_prefix("sio-types ").filter(|_| is_shell) {
            let command = command.split(" #").next().unwrap_or_default();
            commands.push(command.trim().to_owned());
        }
    }
    commands
}

fn docs() -> impl Iterator<Item = (String, String)> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let entries = fs::read_dir(docs)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let pages = entries.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.map(|path| {
        (
            path.display().to_string(),
            fs::read_to_string(path).unwrap(),
        )
    })
}

#[test]
fn commands_of_the_guides_have_valid_options() {
    let directory = tempfile::tempdir().unwrap();
    let mut count = 0;
    for (page, text) in docs() {
        for command in commands(&text) {
            count += 1;
            // With `--help`, the command reads its arguments and does nothing else.
            let run = Run::in_directory(directory.path());
            let output = run.args(command.split(' ').chain(["--help"])).output();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success(),
                "{page}: sio-types {command}\n{error}"
            );
        }
    }
    assert!(count > 10, "{count} commands");
}

#[cfg(unix)]
#[test]
fn getting_started_creates_the_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/getting-started.md")).unwrap();
    let commands = commands(&page);
    let init = commands.iter().find(|command| command.starts_with("init "));
    let init = init.expect("a command `sio-types init`");

    let directory = tempfile::tempdir().unwrap();
    // The page clones the repository to this place.
    std::os::unix::fs::symlink(root, directory.path().join("sio-types")).unwrap();
    Run::in_directory(directory.path())
        .args(init.split(' '))
        .says(0);

    // The page lists the files in a table.
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `server/"));
    let files: Vec<_> = rows.filter_map(|row| row.split('`').next()).collect();
    assert!(files.len() > 3, "{files:?}");
    for file in files {
        let path = directory.path().join("server").join(file);
        assert!(path.exists(), "{} was not created", path.display());
    }
}
