//! The `EventSet` of a trait, and the enum of its events.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, ext::IdentExt};

use crate::{
    expand::{
        emitter,
        payload_bounds::{payload_span, require_payloads},
        tokens::{match_arms, span},
    },
    model::{Acknowledgement, Event, EventTrait, Rate},
};

fn enum_name(item: &EventTrait) -> Ident {
    format_ident!("{}Event", item.ident)
}

/// Generates the enum with one variant for each event.
pub(super) fn event_enum(item: &EventTrait) -> TokenStream {
    let EventTrait { attrs, vis, .. } = item;
    let cfg = &attrs.cfg;
    let name = enum_name(item);
    let docs = format!("One event of [`{}`], with its arguments.", item.ident);
    let variants = item.events.iter().map(variant);
    let names = item.events.iter().map(|event| {
        let cfg = &event.attrs.cfg;
        let Event {
            variant, wire_name, ..
        } = event;
        quote!(#(#cfg)* Self::#variant { .. } => #wire_name,)
    });
    // A `match` on a reference to an enum without variants does not compile.
    let wire_name = if item.events.is_empty() {
        quote!(match *self {})
    } else {
        quote!(match self { #(#names)* })
    };
    quote! {
        #(#cfg)*
        #[doc = #docs]
        // Few programs listen to all events, and only those read the fields.
        #[allow(deprecated, dead_code)]
        #vis enum #name {
            #(#variants)*
        }

        #(#cfg)*
        #[allow(deprecated, dead_code)]
        impl #name {
            /// The event's name on the wire.
            #vis const fn name(&self) -> &'static ::core::primitive::str {
                #wire_name
            }
        }
    }
}

fn variant(event: &Event) -> TokenStream {
    let cfg = &event.attrs.cfg;
    let visible = &event.attrs.visible;
    let variant = &event.variant;
    let fields = event.arguments.iter().map(|argument| {
        let (ident, ty) = (&argument.ident, &argument.ty);
        quote!(#[allow(missing_docs)] #ident: #ty)
    });
    let fields = if event.arguments.is_empty() {
        quote!()
    } else {
        quote!({ #(#fields),* })
    };
    quote!(#(#cfg)* #(#visible)* #variant #fields,)
}

/// Generates the `EventSet` implementation of `dyn Trait`.
pub(super) fn expand(item: &EventTrait) -> TokenStream {
    let EventTrait {
        attrs,
        ident,
        krate,
        ..
    } = item;
    let cfg = &attrs.cfg;
    let docs = &attrs.docs;
    let trait_name = ident.unraw().to_string();
    let emitter = emitter::name(item);
    let event = enum_name(item);
    let decoded = match_arms(item, |one| decode(krate, &event, one));
    let described = item.events.iter().map(|event| describe(krate, event));
    let rates = rates(item);
    quote! {
        #(#cfg)*
        #[allow(deprecated)]
        impl #krate::__private::EventSet for dyn #ident {
            type Emitter<T: #krate::__private::EmitTarget> = #emitter<T>;
            type Event = #event;

            #rates

            fn decode(
                message: &#krate::__private::Message,
            ) -> ::core::result::Result<
                ::core::option::Option<#event>,
                #krate::__private::DecodeError,
            > {
                match message.event() {
                    #(#decoded)*
                    _ => ::core::result::Result::Ok(::core::option::Option::None),
                }
            }

            fn describe(set: &mut #krate::__private::schema::EventSetBuilder<'_>) {
                set.trait_name(#trait_name).docs(#docs);
                #(#described)*
            }
        }
    }
}

/// Generates the rate limits of the events, or nothing if no event has one.
fn rates(item: &EventTrait) -> TokenStream {
    let krate = &item.krate;
    let mut rates = item
        .events
        .iter()
        .filter_map(|event| Some((event, event.rate?)))
        .peekable();
    if rates.peek().is_none() {
        return quote!();
    }
    let rates = rates.map(|(event, rate)| {
        let cfg = &event.attrs.cfg;
        let wire_name = &event.wire_name;
        let Rate {
            count,
            period,
            burst,
        } = rate;
        quote!(#(#cfg)* (#wire_name, #krate::__private::Rate::of(#count, #period, #burst)))
    });
    quote! {
        const RATES: &'static [(&'static ::core::primitive::str, #krate::__private::Rate)] = &[#(#rates),*];
    }
}

fn decode(krate: &syn::Path, name: &Ident, event: &Event) -> TokenStream {
    let variant = &event.variant;
    let payloads = require_payloads(krate, event);
    let idents: Vec<_> = event
        .arguments
        .iter()
        .map(|argument| &argument.ident)
        .collect();
    let names = idents.iter().map(|ident| ident.unraw().to_string());
    if idents.is_empty() {
        let event = quote!(::core::option::Option::Some(#name::#variant));
        return quote!(::core::result::Result::Ok(#event),);
    }
    let read = quote_spanned!(payload_span(event)=> message.arguments(&[#(#names),*])?);
    quote! {{
        #payloads
        let (#(#idents,)*) = #read;
        ::core::result::Result::Ok(::core::option::Option::Some(#name::#variant { #(#idents),* }))
    }}
}

fn describe(krate: &syn::Path, event: &Event) -> TokenStream {
    let cfg = &event.attrs.cfg;
    let wire_name = &event.wire_name;
    let method = event.ident.unraw().to_string();
    let docs = &event.attrs.docs;
    let deprecated = event
        .attrs
        .deprecated
        .iter()
        .map(|note| quote!(.deprecated(#note)));
    let arguments = event.arguments.iter().map(|argument| {
        let name = argument.ident.unraw().to_string();
        let ty = &argument.ty;
        quote_spanned!(span(ty)=> #krate::__private::schema::argument::<#ty>(event, #name);)
    });
    let payloads = require_payloads(krate, event);
    let answer = match &event.acknowledgement {
        Acknowledgement::None => quote!(),
        Acknowledgement::Unit => quote!(event.acknowledged::<()>();),
        Acknowledgement::Value(ty) => {
            quote_spanned!(span(ty)=> #krate::__private::schema::acknowledged::<#ty>(event);)
        }
        Acknowledgement::Fallible(ty) => {
            quote_spanned!(span(ty)=> #krate::__private::schema::fallible::<#ty>(event);)
        }
    };
    let describe = quote!(.docs(#docs)#(#deprecated)*);
    let is_bare =
        event.arguments.is_empty() && matches!(event.acknowledgement, Acknowledgement::None);
    let described = match is_bare {
        true => quote!(set.event(#wire_name, #method)#describe;),
        false => quote! {
            let mut event = set.event(#wire_name, #method);
            let event = event #describe;
        },
    };
    quote! {
        #(#cfg)*
        {
            #payloads
            #described
            #(#arguments)*
            #answer
        }
    }
}
