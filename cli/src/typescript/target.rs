//! Options of a generated module.

/// Contents of a module beyond the types for clients.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target {
    /// `true` if the module includes types for a service on Socket.IO's Node server.
    pub node: bool,
    /// `true` if the module includes hooks for React.
    pub react: bool,
    /// `true` if the module includes runtime validators.
    pub zod: bool,
}
