//! Installation of the tests' dependencies, except for Rust and Node.js.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::run::{command, npm, output, root, run};

const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// Directory of the browser tests.
pub(crate) const BROWSER_TESTS: &str = "examples/e2e";

/// Installs the npm packages of a directory, unless they are installed.
pub(crate) fn install_packages(directory: &str) -> Result<()> {
    let path = root().join(directory);
    if is_installed(&path) {
        eprintln!("    {directory}: installed already");
        return Ok(());
    }
    eprintln!("    {directory}");
    run(&mut npm(directory, &["ci", "--no-audit", "--no-fund"]))
}

/// Compares the time of npm's own lock file, which npm writes at the end of an installation.
fn is_installed(directory: &Path) -> bool {
    let modified = |file: &str| fs::metadata(directory.join(file))?.modified();
    let wanted = modified("package-lock.json");
    let installed = modified("node_modules/.package-lock.json");
    matches!((wanted, installed), (Ok(wanted), Ok(installed)) if installed >= wanted)
}

/// Returns all directories of the workspace with npm packages, relative to its root.
pub(crate) fn package_directories() -> Result<Vec<String>> {
    let root = root();
    let mut found = Vec::new();
    let mut waiting = vec![root.clone()];
    while let Some(directory) = waiting.pop() {
        if directory.join("package-lock.json").exists() {
            let relative = directory.strip_prefix(&root)?;
            found.push(relative.to_string_lossy().into_owned());
        }
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_ours = !name.starts_with('.') && name != "node_modules" && name != "target";
            if is_ours && entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Installs Redis and PostgreSQL, which the tests start, unless they are installed.
pub(crate) fn engines() -> Result<()> {
    let debian = Path::new("/usr/lib/postgresql");
    let missing: Vec<_> = [
        ("redis-server", on_path("redis-server").is_some()),
        ("postgresql", debian.is_dir() || on_path("initdb").is_some()),
    ]
    .into_iter()
    .filter_map(|(package, is_there)| (!is_there).then_some(package))
    .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !Path::new("/etc/debian_version").exists() {
        bail!(
            "install {}, for the tests of clusters",
            missing.join(" and ")
        );
    }
    eprintln!("    installing Debian's {}", missing.join(" and "));
    apt_get(&["update", "-qq"])?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    apt_get(&[install.as_slice(), &missing].concat())
}

/// Finds a Chromium, or installs it.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROMIUM") {
        let chosen = PathBuf::from(chosen);
        if !chosen.is_file() {
            bail!("CHROMIUM is `{}`, where no file is", chosen.display());
        }
        return Ok(chosen);
    }
    if let Some(found) = installed_chromium() {
        return Ok(found);
    }
    if Path::new("/etc/debian_version").exists() {
        eprintln!("    no Chromium is on the PATH: installing Debian's");
        let installed = install_from_debian();
        if let (Ok(()), Some(found)) = (&installed, installed_chromium()) {
            return Ok(found);
        }
        eprintln!("    that did not work: {installed:?}");
    }
    eprintln!("    no Chromium is on the PATH: installing Playwright's");
    install_from_playwright().context("no Chromium: install one, or set CHROMIUM to its path")
}

fn installed_chromium() -> Option<PathBuf> {
    BROWSERS.iter().find_map(|browser| on_path(browser))
}

pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

fn install_from_debian() -> Result<()> {
    apt_get(&["update", "-qq"])?;
    apt_get(&[
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        "chromium",
    ])
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut apt_get = if output(Command::new("id").arg("-u"))? == "0" {
        command("", "apt-get", arguments)
    } else {
        let mut sudo = command("", "sudo", &["--non-interactive", "apt-get"]);
        sudo.args(arguments);
        sudo
    };
    run(apt_get.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn install_from_playwright() -> Result<PathBuf> {
    let arguments = ["exec", "--", "playwright-core", "install", "chromium"];
    run(&mut npm(BROWSER_TESTS, &arguments))?;
    let script = "console.log((await import('playwright-core')).chromium.executablePath())";
    let arguments = ["--input-type=module", "--eval", script];
    let path = output(&mut command(BROWSER_TESTS, "node", &arguments))?;
    Ok(path.into())
}
