//! From the model to code. What is generated is thin: it names things and calls the runtime.

mod dispatch;
mod emitter;
mod event_set;
mod handler;
mod namespace;
mod payload;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{DeriveInput, ItemTrait};

use crate::{
    attr, check,
    model::{Answer, ArgumentKind, Event, EventTrait},
    parse,
    report::Report,
};

pub(crate) use payload::payload;

/// Expands `#[events]`.
pub(crate) fn events(options: TokenStream, item: TokenStream) -> TokenStream {
    let item: ItemTrait = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut report = Report::default();
    let item = parse::event_trait(options, item, &mut report);
    check::event_trait(&item, &mut report);
    // Even with mistakes all of it is written, so that what uses the trait adds no errors of its own.
    let parts = [
        handler::expand(&item),
        event_set::event_enum(&item),
        emitter::expand(&item),
        event_set::expand(&item),
        dispatch::expand(&item),
        report.into_tokens(),
    ];
    parts.into_iter().collect()
}

/// Expands `#[derive(Events)]`.
pub(crate) fn namespace(item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut report = Report::default();
    match parse::namespace(item, &mut report) {
        Some(item) if report.is_empty() => namespace::expand(&item),
        _ => report.into_tokens(),
    }
}

/// Asks that the types of an event are payloads, the same way in every function that needs it: rustc then reports a
/// type that is none once, at its place, and nothing that follows from it.
fn payloads(krate: &syn::Path, event: &Event) -> TokenStream {
    // Text, numbers and their like are payloads without asking.
    let arguments = event.arguments.iter().filter_map(|argument| {
        let is_certain = matches!(argument.kind, ArgumentKind::Value | ArgumentKind::Text);
        (!is_certain).then_some(&argument.ty)
    });
    let answer = match &event.answer {
        Answer::Value(ty) => Some(&**ty),
        Answer::None | Answer::Unit | Answer::Fallible(_) => None,
    };
    let payloads = arguments
        .chain(answer)
        .map(|ty| quote_spanned!(attr::span(ty)=> #krate::__private::payload::<#ty>();));
    let fallible = match &event.answer {
        Answer::Fallible(ty) => {
            Some(quote_spanned!(attr::span(ty)=> #krate::__private::fallible_payload::<#ty>();))
        }
        _ => None,
    };
    quote!(#(#payloads)* #fallible)
}

/// Where a call that needs the payloads is said to be: at the type that is likely to be none. rustc reports one type
/// once at one place, so that [`payloads`] has said it all.
fn payload_span(event: &Event) -> Span {
    let is_custom =
        |kind: &ArgumentKind| matches!(kind, ArgumentKind::Borrowed | ArgumentKind::Slice(_));
    let argument = event
        .arguments
        .iter()
        .find(|argument| is_custom(&argument.kind));
    match (argument, &event.answer) {
        (Some(argument), _) => attr::span(&argument.ty),
        (None, Answer::Value(ty) | Answer::Fallible(ty)) => attr::span(ty),
        (None, Answer::None | Answer::Unit) => Span::call_site(),
    }
}

/// The path of the runtime's private items, said to be at `span`.
fn private(krate: &syn::Path, span: Span) -> TokenStream {
    let path = quote!(#krate::__private);
    path.into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

/// `event.wire` as the pattern of a match on a message.
fn arms<'e, T: ToTokens>(
    item: &'e EventTrait,
    arm: impl Fn(&'e Event) -> T,
) -> impl Iterator<Item = TokenStream> {
    item.events.iter().map(move |event| {
        let cfg = &event.attrs.cfg;
        let wire = &event.wire;
        let body = arm(event);
        quote!(#(#cfg)* #wire => #body)
    })
}
