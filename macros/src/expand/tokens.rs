//! Small pieces of generated code, and their spans.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

use crate::model::{Event, EventTrait};

/// Returns the span of all tokens of a node.
pub(super) fn span(node: &impl ToTokens) -> Span {
    syn::spanned::Spanned::span(node)
}

/// Returns the path of the runtime's `__private` module, with all its tokens at `span`.
pub(super) fn private(krate: &Path, span: Span) -> TokenStream {
    let path = quote!(#krate::__private);
    path.into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

/// Returns a path as text, for attributes that take a path in a string.
pub(super) fn path_text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// Generates the arms of a `match` on the wire names of a trait's events.
pub(super) fn match_arms<'e, T: ToTokens>(
    item: &'e EventTrait,
    body: impl Fn(&'e Event) -> T,
) -> impl Iterator<Item = TokenStream> {
    item.events.iter().map(move |event| {
        let cfg = &event.attrs.cfg;
        let wire_name = &event.wire_name;
        let body = body(event);
        quote!(#(#cfg)* #wire_name => #body)
    })
}
