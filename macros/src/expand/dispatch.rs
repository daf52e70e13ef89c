//! From a received event to the handler's method.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, ext::IdentExt};

use crate::{
    expand::{arms, payload_span, payloads},
    model::{Answer, Event, EventTrait},
};

pub(super) fn expand(item: &EventTrait) -> TokenStream {
    let EventTrait {
        attrs,
        ident,
        krate,
        ..
    } = item;
    let cfg = &attrs.cfg;
    let handled = arms(item, |event| handle(item, event));
    quote! {
        #(#cfg)*
        #[allow(deprecated)]
        impl<H, Cx> #krate::__private::Dispatch<H, Cx> for dyn #ident
        where
            H: #ident<Cx>,
            Cx: #krate::__private::Context,
        {
            fn dispatch(
                handler: &::std::sync::Arc<H>,
                call: #krate::__private::Call<'_, Cx>,
            ) -> #krate::__private::Dispatched {
                match call.event() {
                    #(#handled)*
                    _ => call.unknown(),
                }
            }
        }
    }
}

fn handle(item: &EventTrait, event: &Event) -> TokenStream {
    let Event { ident, wire, .. } = event;
    let concurrent = event.concurrent.then(|| quote!(.concurrent()));
    let respond = match &event.answer {
        Answer::None => "notify",
        Answer::Unit => "answer_unit",
        Answer::Value(_) => "answer",
        Answer::Fallible(_) => "answer_fallible",
    };
    let respond = Ident::new(respond, payload_span(event));
    let names = event
        .arguments
        .iter()
        .map(|argument| argument.ident.unraw().to_string());
    let types = event.arguments.iter().map(|argument| &argument.ty);
    // By number: the user's names may be anything.
    let arguments: Vec<_> = (0..event.arguments.len())
        .map(|index| format_ident!("argument{index}"))
        .collect();
    let trait_name = &item.ident;
    let payloads = payloads(&item.krate, event);
    quote! {{
        #payloads
        call #concurrent.#respond(
            handler,
            #wire,
            &[#(#names),*],
            |handler: ::std::sync::Arc<H>, cx: Cx, (#(#arguments,)*): (#(#types,)*)| async move {
                #trait_name::#ident(&*handler, cx, #(#arguments),*).await
            },
        )
    }}
}
