//! Handlers for the requests of HTTP long-polling.

use std::{future::poll_fn, pin::pin, sync::Arc};

use futures_util::future::{Either, select};
use http::StatusCode;
use http_body::Body;

use super::responses::{HttpResponse, TransportBody, payload, status};
use crate::{
    connection::{
        connection::Connection,
        payload::{collect, is_valid},
        polling::{Receiving, Transfer, poll_payload},
        protocol_error::ProtocolError,
    },
    protocol::DisconnectReason,
};

/// Responds to a GET when there is something to send.
pub(crate) async fn get(connection: Arc<Connection>) -> HttpResponse {
    let transfer = match Transfer::begin(&connection) {
        Ok(transfer) => transfer,
        Err(refusal) => return refusal.answer(),
    };
    let body = poll_fn(|context| poll_payload(&connection, context)).await;
    transfer.note_progress();
    payload(TransportBody::of_poll(body.into(), transfer))
}

/// Hands the packets of a POST to the session, and responds when they have been read.
///
/// This can take long: the server reads nothing from a client while too much waits to be sent to it.
pub(crate) async fn post<B: Body + Unpin>(connection: Arc<Connection>, body: B) -> HttpResponse {
    match receive(&connection, body).await {
        Ok(()) => payload(String::from("ok").into()),
        Err(answer) => answer,
    }
}

async fn receive<B: Body + Unpin>(
    connection: &Arc<Connection>,
    body: B,
) -> Result<(), HttpResponse> {
    let polling = connection
        .polling()
        .ok_or(ProtocolError::BadRequest.answer())?;
    let receiving = Receiving::begin(connection, polling).map_err(ProtocolError::answer)?;
    let ended = poll_fn(|context| polling.poll_ended(context));
    let body = match select(ended, pin!(collect(body, connection.max_payload()))).await {
        Either::Left(((), _)) => return Err(ProtocolError::UnknownSession.answer()),
        Either::Right((Ok(Some(body)), _)) => body,
        Either::Right((Ok(None), _)) => {
            connection.fail(DisconnectReason::PacketParsingError);
            return Err(status(
                StatusCode::PAYLOAD_TOO_LARGE,
                HttpResponse::default(),
            ));
        }
        // Dropping `receiving` ends the connection.
        Either::Right((Err(_), _)) => {
            return Err(status(StatusCode::BAD_REQUEST, HttpResponse::default()));
        }
    };
    if !is_valid(&body) {
        connection.fail(DisconnectReason::PacketParsingError);
        return Err(status(StatusCode::BAD_REQUEST, HttpResponse::default()));
    }
    receiving.complete(body);
    poll_fn(|context| polling.poll_read(context)).await;
    Ok(())
}
