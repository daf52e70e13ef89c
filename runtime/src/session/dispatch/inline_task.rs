//! Future that is polled in place once, and becomes a task if it is not ready.
//!
//! Most handlers end at their first poll, and need neither a task nor a waker. Others are polled again by their task.
//! Keeping them until they are woken would save that poll, but measured no faster.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Waker},
};

/// Polls a future in place. A future that is not ready becomes a task of its own.
pub(crate) fn run<F>(mut future: F)
where
    F: Future<Output = ()> + Unpin + Send + 'static,
{
    // A wake-up is not lost: the task polls the future again, and the future then keeps the task's waker.
    let mut context = Context::from_waker(Waker::noop());
    if Pin::new(&mut future).poll(&mut context).is_pending() {
        tokio::spawn(future);
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
    async fn futures_complete_for_every_kind_of_wake() {
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
    async fn the_first_poll_is_in_place() {
        let (sender, mut receiver) = oneshot::channel();
        run(Box::pin(async move {
            let _ = sender.send(());
            std::future::pending().await
        }));
        assert_eq!(receiver.try_recv(), Ok(()));
    }
}
