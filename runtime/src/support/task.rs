//! Spawning tasks.

use std::pin::Pin;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Starts a task; of one type, for tokio compiles much for each type of task.
pub(crate) fn spawn(task: BoxFuture<()>) {
    tokio::spawn(task);
}
