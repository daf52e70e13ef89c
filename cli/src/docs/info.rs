//! What a reference says beside the schema.

/// What the reference is of.
#[derive(Clone, Debug)]
pub(crate) struct Info {
    pub(crate) title: String,
    /// Where the console connects to unless somebody says otherwise.
    pub(crate) server: String,
    /// The version of the page, where it is loaded again when its server has another.
    pub(crate) live: Option<u64>,
}
