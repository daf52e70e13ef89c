//! The servers of a cluster by name.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};

use crate::protocol::Uid;

/// One server of a cluster.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeId(pub(crate) Uid);

impl From<Uid> for NodeId {
    fn from(id: Uid) -> Self {
        Self(id)
    }
}

impl Hash for NodeId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({})", self.0)
    }
}
