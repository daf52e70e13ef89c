//! Replaces rustc with this program, as cargo's `RUSTC_WORKSPACE_WRAPPER`.
//!
//! `cargo rustc` passes [`MARK`] to the selected crate only and includes it in cargo's fingerprint of the crate. The
//! same crate is built separately when it is a dependency.

use std::env;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::recipe::Recipe;
use crate::error::Error;

/// Environment variable that tells this program that cargo runs it as the wrapper.
const ROLE: &str = "SIO_TYPES_RUSTC_WRAPPER";

/// Environment variable that makes `#[derive(Events)]` register its namespace.
const REGISTER: &str = "SIO_TYPES_SCHEMA";

/// Configuration flag that only the selected crate is compiled with.
const MARK: &str = "sio_types_schema=";

/// Returns [`MARK`] with a hash of what invalidates a recipe: the version of sio-types and the path of the package.
/// Cargo leaves the path out of the fingerprint when several checkouts share a target directory.
pub(super) fn mark(manifest: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    manifest.hash(&mut hasher);
    let (version, place) = (env!("CARGO_PKG_VERSION"), hasher.finish());
    format!("{MARK}\"{version}-{place:016x}\"")
}

/// Makes cargo use this program as the wrapper.
pub(super) fn install(cargo: &mut Command) -> Result<(), Error> {
    let program = env::current_exe()
        .map_err(|error| Error::io("locate", "the sio-types executable", &error))?;
    cargo.env("RUSTC_WORKSPACE_WRAPPER", program).env(ROLE, "1");
    // A compiler cache would answer before this wrapper runs.
    cargo.env("RUSTC_WRAPPER", "").env_remove(REGISTER);
    Ok(())
}

/// Fails if a build script runs this program: it would wait for the build that it is part of.
pub(super) fn refuse_within_a_build() -> Result<(), Error> {
    if env::var_os(ROLE).is_none() {
        return Ok(());
    }
    Err(
        Error::usage("`sio-types` cannot run inside a build that it started").help(
            "in a build script, call `sio_types::schema::of` for a crate that is a build dependency",
        ),
    )
}

/// Compiles a crate in place of rustc if cargo runs this program as the wrapper.
pub(crate) fn run_if_asked() -> Option<ExitCode> {
    env::var_os(ROLE)?;
    let mut arguments = env::args_os().skip(1);
    let rustc = PathBuf::from(arguments.next()?);
    let arguments: Vec<_> = arguments.collect();
    let is_rustc = rustc.file_stem()?.to_str()?.contains("rustc") || rustc.components().count() > 1;
    if !is_rustc {
        return None;
    }
    let result = match Compilation::marked(&rustc, &arguments) {
        Some(compilation) => compilation.run(),
        None => pass_on(&rustc, &arguments),
    };
    Some(result.unwrap_or_else(|error| {
        error.report();
        error.exit_code()
    }))
}

#[cfg(unix)]
fn pass_on(rustc: &Path, arguments: &[OsString]) -> Result<ExitCode, Error> {
    use std::os::unix::process::CommandExt as _;
    let error = Command::new(rustc).args(arguments).exec();
    Err(Error::io("run", rustc, &error))
}

#[cfg(not(unix))]
fn pass_on(rustc: &Path, arguments: &[OsString]) -> Result<ExitCode, Error> {
    status(Command::new(rustc).args(arguments), rustc)
}

fn status(command: &mut Command, rustc: &Path) -> Result<ExitCode, Error> {
    let status = command
        .status()
        .map_err(|error| Error::io("run", rustc, &error))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(if status.success() {
        0
    } else {
        code.unwrap_or(1).max(1)
    }))
}

/// Compilation of the selected crate.
struct Compilation {
    rustc: PathBuf,
    arguments: Vec<String>,
    is_binary: bool,
}

impl Compilation {
    /// Returns the compilation, or `None` for any other call of rustc.
    fn marked(rustc: &Path, arguments: &[OsString]) -> Option<Self> {
        let text = arguments
            .iter()
            .map(|argument| argument.to_str().map(str::to_owned));
        let arguments: Vec<String> = text.collect::<Option<_>>()?;
        let marked = arguments
            .windows(2)
            .any(|pair| pair[0] == "--cfg" && pair[1].starts_with(MARK));
        let probes = arguments
            .iter()
            .any(|argument| argument.starts_with("--print"));
        let is_binary = arguments
            .windows(2)
            .any(|pair| pair == ["--crate-type", "bin"]);
        (marked && !probes).then(|| Self {
            rustc: rustc.to_owned(),
            arguments,
            is_binary,
        })
    }

    fn run(&self) -> Result<ExitCode, Error> {
        let mut command = Command::new(&self.rustc);
        command.args(self.instrumented()).env(REGISTER, "1");
        let code = status(&mut command, &self.rustc)?;
        if code == ExitCode::SUCCESS {
            self.recipe()?.write()?;
        }
        Ok(code)
    }

    /// Returns the arguments with registration enabled. A binary is compiled as a library, in which `main` is an
    /// ordinary function.
    fn instrumented(&self) -> Vec<String> {
        let mut arguments = self.arguments.clone();
        let mut is_linkable = false;
        for index in 1..arguments.len() {
            if arguments[index - 1] != "--crate-type" {
                continue;
            }
            if arguments[index] == "bin" {
                "rlib".clone_into(&mut arguments[index]);
            }
            is_linkable |= ["lib", "rlib"].contains(&&*arguments[index]);
        }
        if !is_linkable {
            arguments.extend(["--crate-type".to_owned(), "rlib".to_owned()]);
        }
        if self.is_binary {
            arguments.extend(["-A".to_owned(), "dead_code".to_owned()]);
        }
        // `#![deny(warnings)]` is meant for the crate's own builds.
        if !arguments
            .iter()
            .any(|argument| argument.starts_with("--cap-lints"))
        {
            arguments.push("--cap-lints=warn".to_owned());
        }
        arguments
    }

    fn recipe(&self) -> Result<Recipe, Error> {
        let directory = env::current_dir()
            .map_err(|error| Error::io("locate", "the current directory", &error))?;
        let out = directory.join(self.option("--out-dir").unwrap_or("."));
        let name = self.option("--crate-name").unwrap_or_default();
        let suffix = self.codegen("extra-filename").unwrap_or_default();
        // For a binary, cargo expects this file; without it, the crate would never be fresh.
        let path = match self.is_binary {
            true => out.join(format!("{name}{suffix}{}", env::consts::EXE_SUFFIX)),
            false => out.join(format!("lib{name}{suffix}.{RECIPE_EXTENSION}")),
        };
        Ok(Recipe {
            path,
            rustc: self.rustc.clone(),
            toolchain: env::var("RUSTUP_TOOLCHAIN").ok(),
            library: out.join(format!("lib{name}{suffix}.rlib")),
            sio_types: self.sio_types().map(|path| directory.join(path)),
            arguments: self.for_linking(),
            directory,
        })
    }

    fn pairs(&self, flag: &str) -> impl Iterator<Item = &str> {
        let pairs = self
            .arguments
            .windows(2)
            .filter(move |pair| pair[0] == flag);
        pairs.map(|pair| &*pair[1])
    }

    fn option(&self, flag: &str) -> Option<&str> {
        self.pairs(flag).next()
    }

    fn codegen(&self, name: &str) -> Option<&str> {
        self.pairs("-C")
            .find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
    }

    /// Finds the sio-types crate by its file name, because the crate may rename the dependency.
    fn sio_types(&self) -> Option<PathBuf> {
        let paths = self
            .pairs("--extern")
            .filter_map(|value| value.split_once('='));
        let mut paths = paths.map(|(_, path)| Path::new(path));
        let found = paths.find(|path| {
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            stem == "libsio_types" || stem.starts_with("libsio_types-")
        });
        // A library is compiled against metadata only. The rlib is next to it.
        found.map(|path| path.with_extension("rlib"))
    }

    /// Returns the arguments that affect code generation and linking as a whole.
    fn for_linking(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        for pair in self.arguments.windows(2) {
            let [flag, value] = pair else { continue };
            let wanted = match &**flag {
                "-L" | "--target" | "--sysroot" => true,
                "-C" => ![
                    "extra-filename",
                    "metadata",
                    "incremental",
                    "lto",
                    "embed-bitcode",
                ]
                .iter()
                .any(|own| value.split('=').next() == Some(own)),
                _ => false,
            };
            if wanted {
                arguments.extend([flag.clone(), value.clone()]);
            }
        }
        arguments
    }
}

/// File name extension of a library's recipe.
pub(super) const RECIPE_EXTENSION: &str = "sio-types";
