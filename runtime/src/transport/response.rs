//! What becomes of a request.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use http_body_util::{Either, Full};
use pin_project_lite::pin_project;

use super::{answer::Answer, cors::Granted};

/// Names the body of a response whose type has no public name.
#[doc(hidden)]
pub trait HasBody {
    type Body;
}

impl<B> HasBody for Response<B> {
    type Body = B;
}

/// The body of a response of the engine or of the service below, or of one from here.
pub(super) type MaybeBody<B> = Either<B, Full<Bytes>>;

pin_project! {
    /// The response to a request of Socket.IO's path, or that of the service below.
    pub struct ResponseFuture<F> {
        #[pin]
        responding: Responding<F>,
        granted: Option<Granted>,
    }
}

pin_project! {
    #[project = RespondingProjected]
    enum Responding<F> {
        Answered { answer: Option<Answer> },
        Other { #[pin] response: F },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn answered(answer: Answer) -> Self {
        let answer = Some(answer);
        Self {
            responding: Responding::Answered { answer },
            granted: None,
        }
    }

    /// The response of the engine or the service below; a page of another origin may have it if that was granted.
    pub(super) fn other(response: F, granted: Option<Granted>) -> Self {
        Self {
            responding: Responding::Other { response },
            granted,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<MaybeBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.responding.project() {
            RespondingProjected::Answered { answer } => {
                // A future is not polled again after it was ready.
                let answer = answer.take().unwrap_or_default();
                Poll::Ready(Ok(answer.map(Either::Right)))
            }
            RespondingProjected::Other { response } => response.poll(context).map_ok(|response| {
                let mut response = response.map(Either::Left);
                if let Some(granted) = this.granted.take() {
                    granted.tell(response.headers_mut());
                }
                response
            }),
        }
    }
}
