//! Error with which `authenticate` refuses a client.

use serde::Serialize;

/// Error that rejects a client, returned by [`Lifecycle::authenticate`](crate::Lifecycle::authenticate).
///
/// ```
/// use sio_types::ConnectError;
///
/// let error: ConnectError = ConnectError::new("unknown token");
/// assert_eq!(error.message(), "unknown token");
/// ```
///
/// A namespace can declare the type of additional data, which the client receives as well:
///
/// ```
/// use sio_types::prelude::*;
///
/// #[payload]
/// enum SignInError {
///     UnknownToken,
///     Banned { until: String },
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/chat", auth = String, connect_error = SignInError)]
/// struct Chat;
///
/// struct ChatServer;
///
/// impl Lifecycle<Chat> for ChatServer {
///     async fn authenticate(
///         &self,
///         _: &Handshake<Chat>,
///         token: String,
///     ) -> Result<(), ConnectError<SignInError>> {
///         match token.as_str() {
///             "ada-token" => Ok(()),
///             _ => Err(ConnectError::new("unknown token").with_data(SignInError::UnknownToken)),
///         }
///     }
/// }
/// ```
///
/// See also the guide to [refusals](crate::guide::authentication#refusals).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectError<D = ()> {
    message: String,
    data: Option<D>,
}

impl<D> ConnectError<D> {
    /// Creates an error without data. `message` is the message of the client's `connect_error`.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            data: None,
        }
    }

    /// Adds `data`, of the type that the namespace declares with `connect_error = …`.
    ///
    /// socketioxide sends only a message. With data, the message is the JSON text `{"message": …, "data": …}`, which
    /// the generated `connectErrorData` parses.
    #[must_use]
    pub fn with_data(mut self, data: D) -> Self {
        self.data = Some(data);
        self
    }

    /// Returns the message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the typed data, if any.
    pub fn data(&self) -> Option<&D> {
        self.data.as_ref()
    }
}

impl<D: Serialize> ConnectError<D> {
    pub(crate) fn into_wire(self) -> String {
        #[derive(Serialize)]
        struct WithData<'a, D> {
            message: &'a str,
            data: D,
        }
        let Some(data) = self.data else {
            return self.message;
        };
        let message = &self.message;
        serde_json::to_string(&WithData { message, data }).unwrap_or_else(|error| {
            tracing::error!(%error, "failed to encode the data of a connect error");
            self.message
        })
    }
}

#[cfg(feature = "testing")]
impl<D: serde::de::DeserializeOwned> ConnectError<D> {
    /// Reads an error written by [`into_wire`](Self::into_wire); any other text is a message without data.
    pub(crate) fn from_wire(text: String) -> Self {
        #[derive(serde::Deserialize)]
        struct WithData<D> {
            message: String,
            data: D,
        }
        match serde_json::from_str(&text) {
            Ok(WithData { message, data }) => Self::new(message).with_data(data),
            Err(_) => Self::new(text),
        }
    }
}
