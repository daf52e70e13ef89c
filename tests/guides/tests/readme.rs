//! The README shows parts of the quickstart, which the browser tests run (`examples/e2e/quickstart.test.mjs`).

use std::{fs, path::Path};

#[test]
fn the_readme_quotes_the_quickstart() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (language, file) in [("rust", "src/main.rs"), ("ts", "client/src/client.ts")] {
        let start = format!("```{language}\n");
        let (_, block) = readme.split_once(&start).expect("a block of this language");
        let (block, _) = block.split_once("```").expect("the end of the block");
        let source = fs::read_to_string(root.join("examples/quickstart").join(file)).unwrap();
        assert!(
            source.contains(block),
            "{file} does not contain the README's block:\n{block}"
        );
    }
}

#[test]
fn the_readme_is_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.lines().count() <= 150);
}
