//! Serves the page over HTTP and regenerates it whenever the events change.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use tokio::sync::watch::{Receiver, Sender, channel};

use super::hosts::{self, AllowedHosts};
use crate::docs::{self, Info};
use crate::error::Error;
use crate::input::Input;
use crate::output::Written;
use crate::{terminal, watch};

/// The current page and its version. A page that was loaded before it subscribes to changes detects by the version that
/// it missed one.
#[derive(Clone)]
struct Shown {
    version: u64,
    page: String,
}

/// Serves the page until the program ends.
pub(crate) fn run(
    input: &Input,
    info: &Info,
    address: SocketAddr,
    allowed_hosts: &[String],
) -> Result<(), Error> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::usage(format!("cannot start the server: {error}")))?;
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind(address))
        .map_err(|error| {
            Error::usage(format!("cannot listen on {address}: {error}"))
                .help("choose another address, such as `--serve 127.0.0.1:4401`")
        })?;
    let address = listener.local_addr().unwrap_or(address);
    let (pages, page) = channel(Shown::waiting());
    let allowed = Arc::new(AllowedHosts::new(address, allowed_hosts));
    let service = Router::new()
        .route("/", get(show))
        .route("/changes", get(changes))
        .with_state(page)
        .layer(from_fn_with_state(allowed, hosts::check));
    let _server = runtime.spawn(async move { axum::serve(listener, service).await });
    terminal::note(&format!("serving on http://{address}"));
    watch::run(|| input.places(), || generate(input, info, &pages))
}

impl Shown {
    /// Returns the page for the time until the crate is built for the first time, or while the build fails.
    fn waiting() -> Self {
        let page = "<!doctype html><title>…</title><p>Waiting for the first successful build. The terminal shows any errors.\
            <script>new EventSource('/changes').addEventListener('message', ({ data }) => data === '0' || location.reload())</script>";
        Self {
            version: 0,
            page: page.to_owned(),
        }
    }
}

fn generate(
    input: &Input,
    info: &Info,
    pages: &Sender<Shown>,
) -> Result<Vec<(PathBuf, Written)>, Error> {
    let schema = input.schema()?;
    let print = |version| {
        let live = Some(version);
        docs::print(
            &schema,
            &Info {
                live,
                ..info.clone()
            },
        )
    };
    let Shown { version, page } = pages.borrow().clone();
    if print(version)? == page {
        terminal::note("page unchanged");
    } else {
        let version = version + 1;
        let page = print(version)?;
        // The value is stored even if no client is subscribed.
        pages.send_replace(Shown { version, page });
        terminal::note("page updated");
    }
    Ok(Vec::new())
}

async fn show(State(page): State<Receiver<Shown>>) -> impl IntoResponse {
    Html(page.borrow().page.clone())
}

/// Streams the current version and each one that follows.
async fn changes(
    State(mut page): State<Receiver<Shown>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    page.mark_changed();
    let versions = stream::unfold(page, |mut page| async {
        page.changed().await.ok()?;
        let version = page.borrow_and_update().version;
        Some((Ok(Event::default().data(version.to_string())), page))
    });
    Sse::new(versions).keep_alive(KeepAlive::default())
}
