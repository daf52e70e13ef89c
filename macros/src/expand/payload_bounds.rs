//! Checks in generated code that the types of an event are payloads, so that rustc reports a type that is not one once,
//! where the user wrote it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use crate::{
    expand::tokens::span,
    model::{Acknowledgement, ArgumentKind, Event},
};

/// Generates statements that require the types of an event to be payloads. Every generated function that needs payloads
/// starts with the same statements. rustc then reports a type once, at its place, without errors that follow from it.
pub(super) fn require_payloads(krate: &Path, event: &Event) -> TokenStream {
    // Text, numbers and other primitives are always payloads. Checking them would only cost compile time.
    let arguments = event.arguments.iter().filter_map(|argument| {
        let is_primitive = matches!(argument.kind, ArgumentKind::Value | ArgumentKind::Text);
        (!is_primitive).then_some(&argument.ty)
    });
    let acknowledgement = match &event.acknowledgement {
        Acknowledgement::Value(ty) => Some(&**ty),
        Acknowledgement::None | Acknowledgement::Unit | Acknowledgement::Fallible(_) => None,
    };
    let payloads = arguments
        .chain(acknowledgement)
        .map(|ty| quote_spanned!(span(ty)=> #krate::__private::payload::<#ty>();));
    let fallible = match &event.acknowledgement {
        Acknowledgement::Fallible(ty) => {
            Some(quote_spanned!(span(ty)=> #krate::__private::fallible_payload::<#ty>();))
        }
        _ => None,
    };
    quote!(#(#payloads)* #fallible)
}

/// Returns the span for calls that need payloads: the span of the type that is most likely not a payload. rustc reports
/// one type at one span once, so such a call adds no error to those of [`require_payloads`].
pub(super) fn payload_span(event: &Event) -> Span {
    let is_custom =
        |kind: &ArgumentKind| matches!(kind, ArgumentKind::Borrowed | ArgumentKind::Slice(_));
    let argument = event
        .arguments
        .iter()
        .find(|argument| is_custom(&argument.kind));
    match (argument, &event.acknowledgement) {
        (Some(argument), _) => span(&argument.ty),
        (None, Acknowledgement::Value(ty) | Acknowledgement::Fallible(ty)) => span(ty),
        (None, Acknowledgement::None | Acknowledgement::Unit) => Span::call_site(),
    }
}
