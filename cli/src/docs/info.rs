//! Information on a reference page that is not part of the schema.

/// Information about the application that a reference describes.
#[derive(Clone, Debug)]
pub(crate) struct Info {
    pub(crate) title: String,
    /// Default server of the console.
    pub(crate) server: String,
    /// Version of a live page, which reloads when the server has another version.
    pub(crate) live: Option<u64>,
}
