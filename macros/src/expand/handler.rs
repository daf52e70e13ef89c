//! The trait itself, with the signatures that handlers implement.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use crate::model::{Event, EventTrait};

pub(super) fn expand(item: &EventTrait) -> TokenStream {
    let EventTrait {
        attrs, vis, ident, ..
    } = item;
    let attrs = &attrs.all;
    let methods = item.events.iter().map(method);
    quote! {
        #(#attrs)*
        #vis trait #ident<Cx = ()>: ::core::marker::Send + ::core::marker::Sync + 'static {
            #(#methods)*
        }
    }
}

fn method(event: &Event) -> TokenStream {
    let attrs = &event.attrs.all;
    let ident = &event.ident;
    // Uses mixed-site hygiene, because an argument may have the same name.
    let context = Ident::new("cx", Span::mixed_site());
    let names = event.arguments.iter().map(|argument| &argument.ident);
    let types = event.arguments.iter().map(|argument| &argument.ty);
    let output = event.acknowledgement.ty();
    quote! {
        #(#attrs)*
        fn #ident(&self, #context: Cx, #(#names: #types),*)
            -> impl ::core::future::Future<Output = #output> + ::core::marker::Send
        where
            Self: ::core::marker::Sized;
    }
}
