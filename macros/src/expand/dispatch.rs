//! The dispatch of a received event to the handler's method.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, ext::IdentExt};

use crate::{
    expand::{
        payload_bounds::{payload_span, require_payloads},
        tokens::match_arms,
    },
    model::{Acknowledgement, Event, EventTrait},
};

pub(super) fn expand(item: &EventTrait) -> TokenStream {
    let EventTrait {
        attrs,
        ident,
        krate,
        ..
    } = item;
    let cfg = &attrs.cfg;
    let arms = match_arms(item, |event| handle(item, event));
    quote! {
        #(#cfg)*
        #[allow(deprecated)]
        impl<H, Cx> #krate::__private::Dispatch<H, Cx> for dyn #ident
        where
            H: #ident<Cx>,
            Cx: #krate::__private::Context,
        {
            fn dispatch<C: #krate::__private::Call<Context = Cx>>(
                handler: &::std::sync::Arc<H>,
                call: C,
            ) -> #krate::__private::Dispatched {
                match call.event() {
                    #(#arms)*
                    _ => call.unknown(),
                }
            }
        }
    }
}

fn handle(item: &EventTrait, event: &Event) -> TokenStream {
    let Event {
        ident, wire_name, ..
    } = event;
    let concurrent = event.concurrent.then(|| quote!(.concurrent()));
    let respond = match &event.acknowledgement {
        Acknowledgement::None => "notify",
        Acknowledgement::Unit => "answer_unit",
        Acknowledgement::Value(_) => "answer",
        Acknowledgement::Fallible(_) => "answer_fallible",
    };
    let respond = Ident::new(respond, payload_span(event));
    let names = event
        .arguments
        .iter()
        .map(|argument| argument.ident.unraw().to_string());
    let types = event.arguments.iter().map(|argument| &argument.ty);
    // Numbered names, because the user's names could be `handler` or `cx`.
    let arguments: Vec<_> = (0..event.arguments.len())
        .map(|index| format_ident!("argument{index}"))
        .collect();
    let trait_name = &item.ident;
    let payloads = require_payloads(&item.krate, event);
    quote! {{
        #payloads
        call #concurrent.#respond(
            handler,
            #wire_name,
            &[#(#names),*],
            |handler: ::std::sync::Arc<H>, cx: Cx, (#(#arguments,)*): (#(#types,)*)| async move {
                #trait_name::#ident(&*handler, cx, #(#arguments),*).await
            },
        )
    }}
}
