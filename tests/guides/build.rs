//! Makes a module of the Rust blocks of each page in `docs`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = root.join("docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    println!(
        "cargo::rerun-if-changed={}",
        root.join("README.md").display()
    );
    let output = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));

    let mut pages: Vec<_> = fs::read_dir(&docs)
        .expect("docs")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    pages.push(root.join("README.md"));
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    // `PAGE=rooms cargo check -p sio-types-guides` compiles one page.
    println!("cargo::rerun-if-env-changed=PAGE");
    if let Some(only) = env::var_os("PAGE") {
        pages.retain(|page| page.file_stem() == Some(only.as_os_str()));
    }

    let mut modules = String::new();
    let mut schemas = String::new();
    for page in pages {
        let name = page
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let mut code = rust_code(&fs::read_to_string(&page).expect("a page"));
        if code.trim().is_empty() {
            continue;
        }
        let file = output.join(format!("{name}.rs"));
        let module = name.to_lowercase().replace('-', "_");
        modules += &format!(
            "#[path = {:?}]\npub mod {module};\n",
            file.to_string_lossy()
        );
        let namespaces = namespaces(&code).unwrap_or_default();
        if !namespaces.is_empty() {
            // In the page's own module, because its namespaces may be private.
            code += &format!(
                "pub(crate) fn schema() -> Result<sio_types::schema::Schema, sio_types::schema::SchemaError> {{\
                 sio_types::schema::of::<({},)>() }}\n",
                namespaces.join(", ")
            );
            schemas += &format!("({name:?}, {module}::schema()),\n");
        }
        fs::write(&file, &code).expect("a module");
    }
    let code = format!(
        "{modules}\n/// Returns the schema of each page that declares namespaces, by the page's name.\n\
         pub fn schemas() -> Vec<(&'static str, Result<sio_types::schema::Schema, sio_types::schema::SchemaError>)> {{\n\
         vec![{schemas}]\n}}\n"
    );
    fs::write(output.join("pages.rs"), code).expect("the list of pages");
}

/// Returns the Rust blocks of a page, each at its own lines, so that an error names the line of the page.
///
/// Blocks of one page see each other. A block with the tag `separate` is a module of its own, which sees the others.
fn rust_code(page: &str) -> String {
    let mut code = String::new();
    let mut block = None;
    for (index, line) in page.lines().enumerate() {
        let text = line.trim_start();
        if let Some(tags) = text.strip_prefix("```") {
            block = match block {
                None => {
                    let tags: Vec<_> = tags.split(',').collect();
                    let is_separate = tags.contains(&"separate");
                    if tags[0] == "rust" && is_separate {
                        code += &format!("mod line_{} {{ use super::*;", index + 1);
                    }
                    Some((tags[0] == "rust", is_separate))
                }
                Some((true, true)) => {
                    code.push('}');
                    None
                }
                Some(_) => None,
            };
        } else if let Some((true, _)) = block {
            code += line;
        }
        code.push('\n');
    }
    code
}

/// Returns the names of the page's structs with `#[derive(Events)]`. The compiler reports code that cannot be parsed.
fn namespaces(code: &str) -> syn::Result<Vec<String>> {
    let file = syn::parse_file(code)?;
    let mut names = Vec::new();
    for item in file.items {
        let syn::Item::Struct(item) = item else {
            continue;
        };
        for attribute in &item.attrs {
            if !attribute.path().is_ident("derive") {
                continue;
            }
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("Events") {
                    names.push(item.ident.to_string());
                }
                Ok(())
            })?;
        }
    }
    Ok(names)
}
