//! The emitter: a struct with one method for each event.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use crate::{
    expand::{
        payload_bounds::{payload_span, require_payloads},
        tokens::{private, span},
    },
    model::{Acknowledgement, Argument, ArgumentKind, Event, EventTrait},
};

pub(super) fn name(item: &EventTrait) -> Ident {
    format_ident!("{}Emitter", item.ident)
}

pub(super) fn expand(item: &EventTrait) -> TokenStream {
    let EventTrait {
        attrs, vis, krate, ..
    } = item;
    let cfg = &attrs.cfg;
    let name = name(item);
    let docs = format!(
        "Emitter of the events of [`{}`], with one method per event.",
        item.ident
    );
    let methods = item.events.iter().map(|event| method(item, event));
    quote! {
        #(#cfg)*
        #[doc = #docs]
        #[must_use = "nothing is sent before one of the methods is called"]
        #vis struct #name<T>(T);

        #(#cfg)*
        impl<T: #krate::__private::EmitTarget> ::core::convert::From<T> for #name<T> {
            fn from(target: T) -> Self {
                Self(target)
            }
        }

        #(#cfg)*
        impl<T: #krate::__private::EmitTarget> #name<T> {
            #(#methods)*
        }
    }
}

fn method(item: &EventTrait, event: &Event) -> TokenStream {
    let krate = &item.krate;
    let cfg = &event.attrs.cfg;
    let visible = &event.attrs.visible;
    let vis = match &item.vis {
        syn::Visibility::Inherited => quote!(pub(self)),
        vis => quote!(#vis),
    };
    let Event {
        ident, wire_name, ..
    } = event;
    let parameters = event.arguments.iter().map(parameter);
    let arguments = event.arguments.iter().map(|one| argument(item, one));
    let span = payload_span(event);
    let arguments = quote_spanned!(span=> (#(#arguments,)*));
    let payloads = require_payloads(krate, event);
    let private = private(krate, span);
    let (output, call) = match decode(&event.acknowledgement, span) {
        None => (
            quote!(T::Sent<'a>),
            quote_spanned!(span=> #private::EmitTarget::emit(self.0, #wire_name, #arguments)),
        ),
        Some(decode) => {
            let answer = event.acknowledgement.ty();
            (
                quote!(T::Acked<'a, #answer>),
                quote_spanned! { span=>
                    #private::EmitTarget::emit_with_ack(
                        self.0, #wire_name, #arguments, #private::ack::#decode,
                    )
                },
            )
        }
    };
    quote! {
        #(#cfg)*
        #(#visible)*
        #vis fn #ident<'a>(self, #(#parameters),*) -> #output {
            #payloads
            #call
        }
    }
}

fn parameter(argument: &Argument) -> TokenStream {
    let Argument { ident, ty, kind } = argument;
    let bound = match kind {
        ArgumentKind::Value => return quote!(#ident: #ty),
        ArgumentKind::Text => quote!(::core::convert::AsRef<::core::primitive::str>),
        ArgumentKind::Slice(element) => quote!(::core::convert::AsRef<[#element]>),
        ArgumentKind::Borrowed => quote!(::core::borrow::Borrow<#ty>),
    };
    quote!(#ident: impl #bound + ::core::marker::Send + 'a)
}

fn argument(item: &EventTrait, argument: &Argument) -> TokenStream {
    let Argument { ident, ty, kind } = argument;
    let span = span(ty);
    let private = private(&item.krate, span);
    let function = match kind {
        ArgumentKind::Value => quote_spanned!(span=> value(#ident)),
        ArgumentKind::Text => quote_spanned!(span=> text(#ident)),
        ArgumentKind::Slice(element) => quote_spanned!(span=> slice::<#element, _>(#ident)),
        ArgumentKind::Borrowed => quote_spanned!(span=> borrowed::<#ty, _>(#ident)),
    };
    quote_spanned!(span=> #private::arg::#function)
}

/// Returns the name of the function that decodes the acknowledgement, or `None` if the event has none.
fn decode(answer: &Acknowledgement, span: Span) -> Option<TokenStream> {
    match answer {
        Acknowledgement::None => None,
        Acknowledgement::Unit => Some(quote_spanned!(span=> unit)),
        Acknowledgement::Value(_) => Some(quote_spanned!(span=> value)),
        Acknowledgement::Fallible(_) => Some(quote_spanned!(span=> fallible)),
    }
}
