//! Finds the package and the target that contain the events.

use std::fmt;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, TargetKind};

use super::source::Source;
use crate::error::Error;
use crate::watch::Places;

/// The selected crate.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) package: String,
    pub(super) manifest: PathBuf,
    pub(super) target: Target,
    /// Binaries of the package other than the target.
    pub(super) other_targets: Vec<String>,
    pub(super) target_directory: PathBuf,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Library,
    Binary(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Library => write!(f, "the library of `{}`", self.package)?,
            Target::Binary(name) => write!(f, "the binary `{name}` of `{}`", self.package)?,
        }
        write!(f, " ({})", self.manifest.display())
    }
}

impl Subject {
    pub(super) fn find(source: &Source, named: Option<&str>) -> Result<Self, Error> {
        let metadata = metadata(source)?;
        let package = package(source, named, &metadata)?;
        if !depends_on_sio_types(package) {
            return Err(not_a_dependency(package, &metadata));
        }
        let target = target(source, package)?;
        let mut other_targets = binaries(package);
        other_targets.retain(|name| Target::Binary(name.clone()) != target);
        Ok(Self {
            package: package.name.to_string(),
            manifest: package.manifest_path.clone().into(),
            target,
            other_targets,
            target_directory: metadata.target_directory.join("sio-types").into(),
        })
    }
}

pub(super) fn places(source: &Source) -> Result<Places, Error> {
    let metadata = metadata(source)?;
    let mut places = Places::default();
    places
        .files
        .insert(metadata.workspace_root.join("Cargo.toml").into());
    for package in &metadata.packages {
        places.files.insert(package.manifest_path.clone().into());
        let is_built = |kind: &TargetKind| is_library(kind) || *kind == TargetKind::Bin;
        let targets = package
            .targets
            .iter()
            .filter(|target| has_kind(target, is_built));
        let sources = targets.filter_map(|target| target.src_path.parent());
        places.sources.extend(sources.map(Into::into));
    }
    Ok(places)
}

fn metadata(source: &Source) -> Result<Metadata, Error> {
    let mut command = MetadataCommand::new();
    command.no_deps();
    if let Some(path) = &source.manifest_path {
        command.manifest_path(path);
    }
    let flags = [(source.offline, "--offline"), (source.locked, "--locked")];
    let flags = flags
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, flag)| (*flag).to_owned());
    command.other_options(flags.collect::<Vec<_>>());
    command.exec().map_err(|error| {
        let what = match error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().to_owned(),
            other => other.to_string(),
        };
        let what = what.strip_prefix("error: ").unwrap_or(&what);
        Error::package(what)
            .help("run the command in the directory of a package, or pass `--manifest-path`")
    })
}

fn package<'a>(
    source: &Source,
    named: Option<&str>,
    metadata: &'a Metadata,
) -> Result<&'a Package, Error> {
    if let Some(name) = named {
        let mut members = metadata.packages.iter();
        return members
            .find(|package| package.name == name)
            .ok_or_else(|| unknown(name, metadata));
    }
    if let Some(package) = here(source, metadata) {
        return Ok(package);
    }
    let candidates: Vec<_> = candidates(metadata).collect();
    match &*candidates {
        [package] => Ok(package),
        [] => Err(
            Error::package("no package of the workspace depends on sio-types")
                .at(metadata.workspace_root.join("Cargo.toml"))
                .help("run `cargo add sio-types` in the package with the events"),
        ),
        several => Err(
            Error::package("several packages of the workspace depend on sio-types")
                .at(metadata.workspace_root.join("Cargo.toml"))
                .help(format!(
                    "choose one with `--package`: {}",
                    names(several.iter().copied())
                )),
        ),
    }
}

/// Returns the package of the current directory, or of the given manifest.
fn here<'a>(source: &Source, metadata: &'a Metadata) -> Option<&'a Package> {
    let manifest = match &source.manifest_path {
        Some(path) => path.canonicalize().ok()?,
        None => nearest_manifest(&std::env::current_dir().ok()?)?,
    };
    let same = |package: &&Package| {
        let path = package.manifest_path.as_std_path();
        path.canonicalize().is_ok_and(|path| path == manifest)
    };
    metadata.packages.iter().find(same)
}

fn nearest_manifest(directory: &Path) -> Option<PathBuf> {
    let mut manifests = directory
        .ancestors()
        .map(|directory| directory.join("Cargo.toml"));
    manifests.find(|path| path.is_file())?.canonicalize().ok()
}

fn candidates(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata
        .packages
        .iter()
        .filter(|package| depends_on_sio_types(package))
}

fn depends_on_sio_types(package: &Package) -> bool {
    package.dependencies.iter().any(|dependency| {
        dependency.name == "sio-types" && dependency.kind == DependencyKind::Normal
    })
}

fn names<'a>(packages: impl Iterator<Item = &'a Package>) -> String {
    let mut names: Vec<_> = packages.map(|package| package.name.to_string()).collect();
    names.sort();
    names.join(", ")
}

fn unknown(name: &str, metadata: &Metadata) -> Error {
    let distance = |package: &&Package| strsim::levenshtein(name, &package.name);
    let nearest = metadata.packages.iter().min_by_key(distance);
    let nearest = nearest.filter(|package| distance(package) <= 2);
    let help = match nearest {
        Some(package) => format!("did you mean `{}`?", package.name),
        None => format!("available packages: {}", names(metadata.packages.iter())),
    };
    Error::package(format!("the workspace has no package named `{name}`"))
        .at(metadata.workspace_root.join("Cargo.toml"))
        .help(help)
}

fn not_a_dependency(package: &Package, metadata: &Metadata) -> Error {
    let others = names(candidates(metadata));
    let help = match &*others {
        "" => "run `cargo add sio-types` in the package".to_owned(),
        others => format!("choose another package with `--package`: {others}"),
    };
    Error::package(format!("`{}` does not depend on sio-types", package.name))
        .at(&package.manifest_path)
        .help(help)
}

fn target(source: &Source, package: &Package) -> Result<Target, Error> {
    let binaries = binaries(package);
    if let Some(name) = &source.bin {
        if binaries.contains(name) {
            return Ok(Target::Binary(name.clone()));
        }
        let help = match &*binaries {
            [] => "the package has no binaries; omit `--bin`".to_owned(),
            names => format!("available binaries: {}", names.join(", ")),
        };
        return Err(
            Error::package(format!("`{}` has no binary named `{name}`", package.name))
                .at(&package.manifest_path)
                .help(help),
        );
    }
    if package
        .targets
        .iter()
        .any(|target| has_kind(target, is_library))
    {
        return Ok(Target::Library);
    }
    match (&*binaries, &package.default_run) {
        ([only], _) => Ok(Target::Binary(only.clone())),
        (_, Some(default)) => Ok(Target::Binary(default.clone())),
        ([], None) => Err(Error::package(format!(
            "`{}` has neither a library nor a binary",
            package.name
        ))
        .at(&package.manifest_path)
        .help("choose another package with `--package`")),
        (names, None) => Err(
            Error::package(format!("`{}` has several binaries", package.name))
                .at(&package.manifest_path)
                .help(format!("choose one with `--bin`: {}", names.join(", "))),
        ),
    }
}

fn binaries(package: &Package) -> Vec<String> {
    let targets = package.targets.iter();
    let binaries = targets.filter(|target| has_kind(target, |kind| *kind == TargetKind::Bin));
    binaries.map(|target| target.name.clone()).collect()
}

fn has_kind(target: &cargo_metadata::Target, is: impl Fn(&TargetKind) -> bool) -> bool {
    target.kind.iter().any(is)
}

fn is_library(kind: &TargetKind) -> bool {
    matches!(
        kind,
        TargetKind::Lib
            | TargetKind::RLib
            | TargetKind::DyLib
            | TargetKind::CDyLib
            | TargetKind::StaticLib
    )
}
