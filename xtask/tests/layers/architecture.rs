//! The blocks of `ARCHITECTURE.md` that list a crate's layers.

/// The layers of one crate, lowest first. Modules of the same layer must not import each other.
pub(crate) struct Layers(Vec<Vec<String>>);

impl Layers {
    /// Parses the fenced block with the info string `layers <name>`. The runtime's is `layers` alone.
    pub(crate) fn parse(document: &str, name: &str) -> Result<Self, String> {
        let fence = match name {
            "runtime" => "```layers".to_owned(),
            name => format!("```layers {name}"),
        };
        let mut lines = document.lines().map(str::trim_end);
        if !lines.any(|line| line == fence) {
            return Err(format!(
                "ARCHITECTURE.md has no fenced block `layers {name}`; add one that lists the crate's top-level \
                 modules, one layer a line, lowest first"
            ));
        }
        let rows: Vec<Vec<String>> = lines
            .take_while(|line| *line != "```")
            .map(|line| line.split('#').next().unwrap_or_default())
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        let layers = Self(rows);
        let mut listed: Vec<_> = layers.modules().collect();
        listed.sort_unstable();
        match listed.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!(
                "ARCHITECTURE.md: the block `layers {name}` lists `{}` twice; remove one of them",
                pair[0]
            )),
            None => Ok(layers),
        }
    }

    /// Returns the position of a module's layer, 0 for the lowest, or `None` if the module is not listed.
    pub(crate) fn position(&self, module: &str) -> Option<usize> {
        self.0
            .iter()
            .position(|row| row.iter().any(|listed| listed == module))
    }

    /// Returns all listed modules.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(String::as_str)
    }
}
