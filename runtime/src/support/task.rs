//! Spawning tasks.

use std::pin::Pin;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Spawns a task. The future is boxed because tokio compiles much code for each task type.
pub(crate) fn spawn(task: BoxFuture<()>) {
    tokio::spawn(task);
}
