//! What a module is for.

/// Who the module is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target {
    /// A service on Node's own server, too.
    pub node: bool,
    /// With hooks for React.
    pub react: bool,
    /// With validators that run.
    pub zod: bool,
}
