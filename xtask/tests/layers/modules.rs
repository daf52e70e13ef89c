//! The modules of a crate, found from `lib.rs` through their declarations. Test code is ignored.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, Token, punctuated::Punctuated};

use crate::imports::{Import, Imports, flatten};

/// The text of each Rust file, by the file's path relative to the crate's `src`.
pub(crate) type Sources = BTreeMap<PathBuf, String>;

/// The segments of a path from the crate's root, without `crate`.
pub(crate) type ModulePath = Vec<String>;

/// A module with its imports.
#[derive(Default)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    /// Names that `use` items import from within the crate, with their paths.
    pub(crate) bindings: HashMap<String, ModulePath>,
    pub(crate) imports: Vec<Import>,
}

/// All modules of a crate. The empty path is the root.
#[derive(Default)]
pub(crate) struct Crate {
    pub(crate) modules: BTreeMap<ModulePath, Module>,
    /// Modules of `#[macro_export]` macros, whose names are at the root, wherever the macros are defined.
    pub(crate) exported_macros: HashMap<String, ModulePath>,
}

/// Reads all Rust files below `src`.
pub(crate) fn read_sources(src: &Path) -> Sources {
    let mut sources = Sources::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("a directory entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a Rust file");
                let relative = path.strip_prefix(src).expect("it is below `src`");
                sources.insert(relative.to_owned(), text);
            }
        }
    }
    sources
}

impl Crate {
    /// Parses the crate with the root `lib.rs`. An error starts with the file's path.
    pub(crate) fn parse(sources: &Sources) -> Result<Self, String> {
        let mut krate = Self::default();
        let mut reader = Reader {
            sources,
            krate: &mut krate,
        };
        reader.file(ModulePath::new(), Path::new("lib.rs"), Path::new(""))?;
        Ok(krate)
    }

    /// Returns the module that defines the item of a path, following re-exports.
    pub(crate) fn home<'k>(&'k self, path: &[String]) -> &'k [String] {
        // Only code that does not compile has cyclic `use` items.
        self.home_within(path, 32)
    }

    fn home_within<'k>(&'k self, path: &[String], steps: usize) -> &'k [String] {
        let mut home: &[String] = &[];
        for (index, name) in path.iter().enumerate() {
            if let Some((inner, _)) = self.modules.get_key_value(&path[..=index]) {
                home = inner;
                continue;
            }
            let module = self.modules.get(home);
            if let Some(target) = module.and_then(|module| module.bindings.get(name))
                && steps > 0
            {
                let target = [target, &path[index + 1..]].concat();
                return self.home_within(&target, steps - 1);
            }
            break;
        }
        home
    }
}

struct Reader<'r> {
    sources: &'r Sources,
    krate: &'r mut Crate,
}

impl Reader<'_> {
    /// Parses a file. The files of its child modules are in `directory`.
    fn file(&mut self, module: ModulePath, file: &Path, directory: &Path) -> Result<(), String> {
        let text = self
            .sources
            .get(file)
            .ok_or_else(|| format!("{}: no such file", file.display()))?;
        let parsed = syn::parse_file(text).map_err(|error| {
            let line = error.span().start().line;
            format!("{}:{line}: {error}", file.display())
        })?;
        if is_test_code(&parsed.attrs) {
            return Ok(());
        }
        self.module(module, file, directory, &parsed.items)
    }

    fn module(
        &mut self,
        path: ModulePath,
        file: &Path,
        directory: &Path,
        items: &[Item],
    ) -> Result<(), String> {
        let mut imports = Imports::new(path.clone(), items, file);
        let mut bindings = HashMap::new();
        let mut children = Vec::new();
        for item in items {
            match item {
                Item::Mod(child) if is_test_code(&child.attrs) => {}
                Item::Mod(child) => children.push(child),
                Item::Use(item) if !is_test_code(&item.attrs) => {
                    for leaf in flatten(&item.tree) {
                        let target = imports.resolve(&leaf.segments);
                        if let (Some(name), Some(target)) = (leaf.name, target) {
                            bindings.insert(name, target);
                        }
                    }
                }
                Item::Macro(item) => {
                    let exported = item.attrs.iter().any(|one| is(one, "macro_export"));
                    if let (true, Some(name)) = (exported, &item.ident) {
                        let macros = &mut self.krate.exported_macros;
                        macros.insert(name.to_string(), path.clone());
                    }
                }
                _ => {}
            }
            imports.visit_unless_module(item);
        }
        // A module may be declared twice with opposite `#[cfg]`s.
        let module = self.krate.modules.entry(path.clone()).or_default();
        module.file = file.to_owned();
        module.bindings.extend(bindings);
        module.imports.extend(imports.found());
        for child in children {
            self.child(&path, child, file, directory)?;
        }
        Ok(())
    }

    fn child(
        &mut self,
        parent: &[String],
        child: &ItemMod,
        file: &Path,
        directory: &Path,
    ) -> Result<(), String> {
        let name = child.ident.to_string();
        let path = [parent, std::slice::from_ref(&name)].concat();
        let below = directory.join(&name);
        if let Some((_, items)) = &child.content {
            return self.module(path, file, &below, items);
        }
        if let Some(chosen) = child.attrs.iter().find_map(path_attribute) {
            let chosen = file.with_file_name(chosen);
            let directory = chosen.parent().unwrap_or(Path::new("")).to_owned();
            return self.file(path, &chosen, &directory);
        }
        let flat = directory.join(format!("{name}.rs"));
        if self.sources.contains_key(&flat) {
            return self.file(path, &flat, &below);
        }
        self.file(path, &below.join("mod.rs"), &below)
    }
}

/// Returns the file in `#[path = "…"]`.
fn path_attribute(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.path().is_ident(name)
}

/// `true` if an item with these attributes is compiled only for tests or fuzz targets.
pub(crate) fn is_test_code(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|one| is(one, "cfg"))
        .filter_map(|one| one.parse_args().ok())
        .any(|predicate: Meta| needs_test(&predicate))
}

/// `true` if the predicate of a `#[cfg]` holds only under `test` or `fuzzing`.
fn needs_test(predicate: &Meta) -> bool {
    let parts = |list: &syn::MetaList| {
        list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .unwrap_or_default()
    };
    match predicate {
        Meta::Path(path) => path.is_ident("test") || path.is_ident("fuzzing"),
        Meta::List(list) if list.path.is_ident("any") => parts(list).iter().all(needs_test),
        Meta::List(list) if list.path.is_ident("all") => parts(list).iter().any(needs_test),
        _ => false,
    }
}
