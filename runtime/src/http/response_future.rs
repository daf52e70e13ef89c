//! Future of a response.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use http_body_util::Either;
use pin_project_lite::pin_project;

use super::{
    cors::Granted,
    responses::{HttpResponse, TransportBody},
};

/// Body of a response, from the inner service or from this one.
pub(crate) type ResponseBody<B> = Either<B, TransportBody>;

type Answering = Pin<Box<dyn Future<Output = HttpResponse> + Send>>;

pin_project! {
    /// Future of the response of a [`SocketIoService`](crate::SocketIoService) to a request, from the inner service or
    /// from this one.
    pub struct ResponseFuture<F> {
        #[pin]
        responding: Responding<F>,
        granted: Option<Granted>,
    }
}

pin_project! {
    #[project = RespondingProjected]
    enum Responding<F> {
        Answered { answer: Option<HttpResponse> },
        Answering { answering: Answering },
        Other { #[pin] response: F },
    }
}

impl<F> ResponseFuture<F> {
    /// Responds immediately. A page of another origin may read the response if `granted` is present.
    pub(crate) fn answered(answer: HttpResponse, granted: Option<Granted>) -> Self {
        let answer = Some(answer);
        Self {
            responding: Responding::Answered { answer },
            granted,
        }
    }

    /// Responds when the given future does.
    pub(crate) fn answering(
        answering: impl Future<Output = HttpResponse> + Send + 'static,
        granted: Option<Granted>,
    ) -> Self {
        let answering = Box::pin(answering);
        Self {
            responding: Responding::Answering { answering },
            granted,
        }
    }

    /// Responds with the response of the inner service.
    pub(crate) fn other(response: F) -> Self {
        Self {
            responding: Responding::Other { response },
            granted: None,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut answer = match this.responding.project() {
            RespondingProjected::Answered { answer } => {
                // A future is not polled again after it was ready.
                answer.take().unwrap_or_default()
            }
            RespondingProjected::Answering { answering } => {
                std::task::ready!(answering.as_mut().poll(context))
            }
            RespondingProjected::Other { response } => {
                let response = std::task::ready!(response.poll(context))?;
                return Poll::Ready(Ok(response.map(Either::Left)));
            }
        };
        if let Some(granted) = this.granted.take() {
            granted.apply_to(answer.headers_mut());
        }
        Poll::Ready(Ok(answer.map(Either::Right)))
    }
}
