//! A namespace as the runtime sees it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Type, ext::IdentExt};

use crate::model::{NamespaceStruct, Parameter};

pub(super) fn expand(item: &NamespaceStruct) -> TokenStream {
    let NamespaceStruct {
        attrs,
        ident,
        krate,
        pattern,
        ..
    } = item;
    let cfg = &attrs.cfg;
    let docs = &attrs.docs;
    let name = ident.unraw().to_string();
    let ts_prefix = match &item.ts_prefix {
        Some(prefix) => quote!(::core::option::Option::Some(#prefix)),
        None => quote!(::core::option::Option::None),
    };
    let bigint = item.bigint;
    let anonymous = item.auth.is_none() && item.socket_data.is_none();
    let anonymous_data = if anonymous {
        quote!(::core::option::Option::Some(()))
    } else {
        quote!(::core::option::Option::None)
    };
    let server_to_client = event_set(item, item.server_to_client.as_ref());
    let client_to_server = event_set(item, item.client_to_server.as_ref());
    let inter_server = event_set(item, item.inter_server.as_ref());
    let socket_data = payload(item.socket_data.as_ref());
    let auth = payload(item.auth.as_ref());
    let connect_error = payload(item.connect_error.as_ref());
    let parameters = parameters(item);
    let registration = registration(item);
    quote! {
        #(#cfg)*
        impl #krate::__private::Namespace for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            const PATTERN: &'static ::core::primitive::str = #pattern;
            const DOCS: &'static ::core::primitive::str = #docs;
            const TS_PREFIX: ::core::option::Option<&'static ::core::primitive::str> = #ts_prefix;
            const BIGINT_AS_TEXT: ::core::primitive::bool = #bigint;
            const ANONYMOUS: ::core::primitive::bool = #anonymous;

            type ServerToClient = #server_to_client;
            type ClientToServer = #client_to_server;
            type InterServer = #inter_server;
            type SocketData = #socket_data;
            type Auth = #auth;
            type ConnectErrorData = #connect_error;

            #parameters

            fn anonymous() -> ::core::option::Option<Self::SocketData> {
                #anonymous_data
            }
        }

        #registration
    }
}

fn event_set(item: &NamespaceStruct, path: Option<&Type>) -> TokenStream {
    let krate = &item.krate;
    match path {
        Some(path) => quote!(dyn #path),
        None => quote!(#krate::__private::NoEvents),
    }
}

fn payload(ty: Option<&Type>) -> TokenStream {
    ty.map_or_else(|| quote!(()), |ty| quote!(#ty))
}

fn parameters(item: &NamespaceStruct) -> TokenStream {
    let krate = &item.krate;
    let idents = || item.parameters.iter().map(|parameter| &parameter.ident);
    let names = || idents().map(|ident| ident.unraw().to_string());
    let describe = item.parameters.iter().map(|Parameter { ident, ty }| {
        let name = ident.unraw().to_string();
        quote!(namespace.parameter::<#ty>(#name);)
    });
    let (read, names_read) = (idents(), names());
    let (written, names_written) = (idents(), names());
    quote! {
        #[allow(unused_variables)]
        fn from_parameters(
            parameters: &#krate::__private::PathParameters<'_>,
        ) -> ::core::result::Result<Self, #krate::__private::PathError> {
            ::core::result::Result::Ok(Self { #(#read: parameters.parse(#names_read)?),* })
        }

        #[allow(unused_variables)]
        fn write_parameters(&self, path: &mut #krate::__private::PathWriter) {
            #(path.set(#names_written, &self.#written);)*
        }

        #[allow(unused_variables)]
        fn describe_parameters(namespace: &mut #krate::__private::schema::NamespaceBuilder<'_>) {
            #(#describe)*
        }
    }
}

/// Only while the command line tool asks this very crate for its schema; nothing of it is in an ordinary build.
fn registration(item: &NamespaceStruct) -> Option<TokenStream> {
    std::env::var_os("SIO_TYPES_SCHEMA")?;
    let NamespaceStruct {
        attrs,
        ident,
        krate,
        ..
    } = item;
    let cfg = &attrs.cfg;
    Some(quote!(#(#cfg)* #krate::__private::register_namespace!(#ident);))
}
