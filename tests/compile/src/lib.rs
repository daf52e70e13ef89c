//! An empty library, for its tests only.
