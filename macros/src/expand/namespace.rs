//! The `Namespace` implementation of a struct.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type, ext::IdentExt, spanned::Spanned as _};

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
    let anonymous_data = anonymous.then(|| {
        quote! {
            fn anonymous() -> ::core::option::Option<()> {
                ::core::option::Option::Some(())
            }
        }
    });
    let server_to_client = event_set(item, item.server_to_client.as_ref());
    let client_to_server = event_set(item, item.client_to_server.as_ref());
    let inter_server = event_set(item, item.inter_server.as_ref());
    let payloads = [
        payload(item, "SocketData", item.socket_data.as_ref()),
        payload(item, "Auth", item.auth.as_ref()),
        payload(item, "ConnectErrorData", item.connect_error.as_ref()),
    ];
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
            #(#payloads)*

            #parameters

            #anonymous_data
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

/// Generates an associated type that must be a payload. All its tokens have the type's span, because rustc reports a
/// type that is not a payload once for each span.
fn payload(item: &NamespaceStruct, name: &str, ty: Option<&Type>) -> TokenStream {
    let krate = &item.krate;
    let Some(ty) = ty else {
        let name = format_ident!("{name}");
        return quote!(type #name = (););
    };
    let name = Ident::new(name, ty.span());
    quote_spanned!(ty.span()=> type #name = <#ty as #krate::__private::IsPayload>::Itself;)
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

/// Generates the registration of the namespace. `sio-types` sets the variable when it builds the crate to read its
/// schema; ordinary builds do not contain the registration.
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
