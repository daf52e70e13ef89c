//! Future that is polled in place once, and becomes a task only when it is woken.
//!
//! A task spawned immediately would be polled again in vain. It would also run before the tasks that the first poll has
//! woken: a handler that publishes to another server would delay the task that writes to the connection.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Wake, Waker},
};

use tokio::runtime::Handle;

thread_local! {
    /// Slot and waker of the last future that did not keep its waker, for reuse.
    static IDLE: Cell<Option<SuspendedTask>> = const { Cell::new(None) };
}

/// Polls a future in place. A future that is not ready becomes a task of its own once it is woken.
pub(crate) fn run<F>(mut future: F)
where
    F: Future<Output = ()> + Unpin + Send + 'static,
{
    let pinned: Pin<&mut F> = Pin::new(&mut future);
    if let Some(suspended) = poll(pinned) {
        suspended.slot.suspend(Box::pin(future));
    }
}

/// Polls a future in place, and returns the slot for it if it is not ready. This function is the same for all types of
/// futures.
fn poll(future: Pin<&mut dyn Future<Output = ()>>) -> Option<SuspendedTask> {
    let suspended = IDLE.take().unwrap_or_default();
    let mut context = Context::from_waker(&suspended.waker);
    if future.poll(&mut context).is_pending() {
        return Some(suspended);
    }
    if suspended.is_unused() {
        IDLE.with(|idle| idle.set(Some(suspended)));
    }
    None
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Slot for a suspended future, with its waker.
struct SuspendedTask {
    slot: Arc<TaskSlot>,
    waker: Waker,
}

impl Default for SuspendedTask {
    fn default() -> Self {
        let slot = Arc::<TaskSlot>::default();
        let waker = Waker::from(slot.clone());
        Self { slot, waker }
    }
}

impl SuspendedTask {
    /// Returns `true` if the waker was neither kept nor used.
    fn is_unused(&self) -> bool {
        // This struct itself holds two references: the slot and the waker.
        Arc::strong_count(&self.slot) == 2
            && matches!(*self.slot.state(), State::Polled { is_woken: false })
    }
}

#[derive(Default)]
struct TaskSlot(Mutex<State>);

enum State {
    /// The first poll has not returned.
    Polled { is_woken: bool },
    /// The future waits. The handle is necessary because the waking thread may be outside of the runtime.
    Waiting(Task, Handle),
    /// The future became a task, or has completed.
    Gone,
}

impl Default for State {
    fn default() -> Self {
        Self::Polled { is_woken: false }
    }
}

impl TaskSlot {
    fn suspend(&self, task: Task) {
        let runtime = Handle::current();
        let mut state = self.state();
        if matches!(*state, State::Polled { is_woken: true }) {
            *state = State::Gone;
            drop(state);
            runtime.spawn(task);
        } else {
            *state = State::Waiting(task, runtime);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Wake for TaskSlot {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.state();
        if let State::Polled { is_woken } = &mut *state {
            *is_woken = true;
            return;
        }
        let before = std::mem::replace(&mut *state, State::Gone);
        drop(state);
        if let State::Waiting(task, runtime) = before {
            runtime.spawn(task);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll, time::Duration};

    use tokio::sync::oneshot;

    use super::*;

    async fn runs_to_its_end(future: impl Future<Output = ()> + Send + 'static) {
        let (sender, receiver) = oneshot::channel();
        run(Box::pin(async move {
            future.await;
            let _ = sender.send(());
        }));
        let ended = tokio::time::timeout(Duration::from_secs(5), receiver).await;
        ended.expect("in time").expect("to its end");
    }

    #[tokio::test]
    async fn completes_for_every_kind_of_wait() {
        runs_to_its_end(async {}).await;
        runs_to_its_end(tokio::task::yield_now()).await;
        runs_to_its_end(tokio::time::sleep(Duration::from_millis(5))).await;
        // The future is woken while it is polled.
        let mut polls = 0;
        runs_to_its_end(poll_fn(move |context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls == 3 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }))
        .await;
        // The future is woken from outside of the runtime, twice.
        let (sender, receiver) = oneshot::channel();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(5));
            sender.send(()).expect("it waits");
        });
        runs_to_its_end(async { receiver.await.expect("it is sent") }).await;
    }

    #[tokio::test]
    async fn first_poll_runs_inline() {
        let (sender, mut receiver) = oneshot::channel();
        run(Box::pin(async move {
            let _ = sender.send(());
            std::future::pending().await
        }));
        assert_eq!(receiver.try_recv(), Ok(()));
    }
}
