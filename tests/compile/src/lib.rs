//! Only its tests count.
