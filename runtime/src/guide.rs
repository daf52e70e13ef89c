//! Guides, one module per topic.
//!
//! Begin with [getting started](getting_started). The repository has the same pages in `docs`.

/// Declares a page. The definitions of links come first, so that a link between pages leads to a module.
macro_rules! guides {
    ($($name:ident = $file:literal,)*) => {
        $(
            #[doc = include_str!("guide_links.md")]
            #[doc = include_str!(concat!("../docs/", $file))]
            pub mod $name {}
        )*
    };
}

guides! {
    getting_started = "getting-started.md",
    events = "events.md",
    namespaces = "namespaces.md",
    handlers = "handlers.md",
    authentication = "authentication.md",
    rooms = "rooms.md",
    acknowledgements = "acknowledgements.md",
    middleware = "middleware.md",
    socket_state = "socket-state.md",
    client = "client.md",
    react = "react.md",
    clusters = "clusters.md",
    inter_server_events = "inter-server-events.md",
    testing = "testing.md",
    production = "production.md",
    limits = "limits.md",
    security = "security.md",
    reliability = "reliability.md",
    load_balancing = "load-balancing.md",
    observability = "observability.md",
    versioning = "versioning.md",
    command_line = "command-line.md",
    types = "types.md",
    wire = "wire.md",
    from_node = "from-node.md",
    from_socketioxide = "from-socketioxide.md",
}
