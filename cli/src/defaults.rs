//! Defaults of what an application does not say of itself.

/// Title of the application.
pub(crate) const TITLE: &str = "Socket.IO application";

/// Version of the application.
pub(crate) const APP_VERSION: &str = "0.0.0";

/// Server that the page of `gen-docs` tries events on.
pub(crate) const SERVER: &str = "http://localhost:3000";
