//! The model of the user's items: `parse` builds it, `expand` generates code from it.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Generics, Ident, Path, Type, Visibility};

/// A trait under `#[events]`.
pub(crate) struct EventTrait {
    pub(crate) attrs: Attrs,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) events: Vec<Event>,
}

/// A method of the trait.
pub(crate) struct Event {
    pub(crate) attrs: Attrs,
    pub(crate) ident: Ident,
    /// The event's variant in the event enum.
    pub(crate) variant: Ident,
    pub(crate) wire_name: String,
    /// The span of the attribute's string or the method's name.
    pub(crate) wire_name_span: Span,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) acknowledgement: Acknowledgement,
    pub(crate) concurrent: bool,
    pub(crate) rate: Option<Rate>,
}

/// The rate limit of an event for one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) count: u32,
    /// The period in seconds.
    pub(crate) period: u64,
    /// Maximum number of events in a burst.
    pub(crate) burst: u32,
}

/// An argument of an event.
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) kind: ArgumentKind,
}

/// The type of an argument in an emitter's method.
pub(crate) enum ArgumentKind {
    /// `impl AsRef<str>`.
    Text,
    /// `impl AsRef<[T]>`.
    Slice(Box<Type>),
    /// The value itself.
    Value,
    /// `impl Borrow<T>`.
    Borrowed,
}

/// The acknowledgement of an event.
pub(crate) enum Acknowledgement {
    /// No return type.
    None,
    /// `-> ()`.
    Unit,
    /// `-> T`.
    Value(Box<Type>),
    /// `-> Result<T, E>`.
    Fallible(Box<Type>),
}

impl Acknowledgement {
    /// Returns the type of the value, which is `()` for an acknowledgement without a value.
    pub(crate) fn ty(&self) -> TokenStream {
        match self {
            Self::None | Self::Unit => quote::quote!(()),
            Self::Value(ty) | Self::Fallible(ty) => quote::quote!(#ty),
        }
    }
}

/// The attributes of an item, grouped by the generated code that receives them.
#[derive(Default)]
pub(crate) struct Attrs {
    /// All attributes except helper attributes, for the item itself.
    pub(crate) all: Vec<Attribute>,
    /// `#[cfg]`, for all code generated from the item.
    pub(crate) cfg: Vec<Attribute>,
    /// Doc comments and `#[deprecated]`, for generated items that are visible to the user.
    pub(crate) visible: Vec<Attribute>,
    /// The text of the doc comments.
    pub(crate) docs: String,
    /// The note of `#[deprecated]`.
    pub(crate) deprecated: Option<String>,
}

/// A struct under `#[derive(Events)]`.
pub(crate) struct NamespaceStruct {
    pub(crate) attrs: Attrs,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Path,
    pub(crate) pattern: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) server_to_client: Option<Type>,
    pub(crate) client_to_server: Option<Type>,
    pub(crate) inter_server: Option<Type>,
    pub(crate) socket_data: Option<Type>,
    pub(crate) auth: Option<Type>,
    pub(crate) connect_error: Option<Type>,
    /// `true` if large integers must be encoded as strings.
    pub(crate) bigint: bool,
    pub(crate) ts_prefix: Option<String>,
}

/// A field of a dynamic namespace.
pub(crate) struct Parameter {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}
