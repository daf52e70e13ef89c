//! `#[payload]`: derives serde's traits and `JsonSchema` through the runtime's re-exports, so that the user's crate
//! does not need to depend on serde or schemars.
//!
//! The child modules add attributes where the schema from schemars differs from the behavior of serde.

mod bigint;
mod conversion;
mod keys;
mod options;
mod schema_extensions;
mod serde_attributes;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Path, Variant, parse_quote};

use crate::{expand::tokens::path_text, report::Report};
use options::{FieldOptions, ItemOptions};

/// Expands `#[payload]`.
pub(crate) fn payload(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut report = Report::default();
    let options = ItemOptions::parse(options, &mut report);
    let container_default = serde_attributes::has(&item.attrs, "serde", "default");
    match &mut item.data {
        Data::Struct(data) => {
            fields(&mut data.fields, &options, &mut report);
            conversion::hide_defaults(&mut item.attrs, &mut data.fields);
            schema_extensions::tag(&mut item.attrs, &item.ident);
            schema_extensions::required(&mut item.attrs, &data.fields, container_default);
        }
        Data::Enum(data) => {
            for each in &mut data.variants {
                variant(each, &options, &mut report);
                schema_extensions::unit(&item.attrs, each);
            }
            schema_extensions::names(&mut item.attrs, data.variants.iter(), &options.krate);
        }
        Data::Union(data) => {
            report.at(data.union_token, "a payload must be a struct or an enum");
            let errors = report.into_tokens();
            return quote!(#item #errors);
        }
    }
    schema_extensions::generic_name(&mut item);
    if options.ts {
        ts(&mut item, &options.krate);
    }
    // A derive must come before the attributes that it reads.
    item.attrs.splice(0..0, derives(&options.krate));
    let errors = report.into_tokens();
    quote!(#item #errors)
}

fn variant(variant: &mut Variant, item: &ItemOptions, report: &mut Report) {
    let options = FieldOptions::take(&mut variant.attrs, report);
    if let Some(key) = options.bigint {
        report.at(
            key,
            "`bigint` is not allowed on a variant; set it on a field or on the enum",
        );
    }
    conversion::describe(
        &mut variant.attrs,
        None,
        options.conversion,
        &item.krate,
        report,
    );
    fields(&mut variant.fields, item, report);
    conversion::hide_defaults(&mut variant.attrs, &mut variant.fields);
    schema_extensions::required(&mut variant.attrs, &variant.fields, false);
}

fn fields(fields: &mut Fields, item: &ItemOptions, report: &mut Report) {
    for each in fields {
        field(each, item, report);
    }
}

fn field(field: &mut Field, item: &ItemOptions, report: &mut Report) {
    let options = FieldOptions::take(&mut field.attrs, report);
    match bigint::recognize(&field.ty) {
        Some(bigint) if item.bigint || options.bigint.is_some() => {
            bigint::encode_as_string(field, bigint, &item.krate);
            return;
        }
        None if let Some(key) = options.bigint => report.at(
            key,
            "`bigint` requires an integer of 64 bits or more, or an `Option` or `Vec` of one",
        ),
        _ => {}
    }
    conversion::describe(
        &mut field.attrs,
        Some(&field.ty),
        options.conversion,
        &item.krate,
        report,
    );
}

/// Uses the TypeScript of ts-rs for the type, whose parameters must then implement `ts_rs::TS` as well.
fn ts(item: &mut DeriveInput, krate: &Path) {
    let mut bounds = Vec::new();
    for parameter in item.generics.type_params() {
        let (name, krate) = (&parameter.ident, path_text(krate));
        bounds.push(format!(
            "{name}: {krate}::__private::schemars::JsonSchema + {krate}::__private::ts_rs::TS + 'static"
        ));
    }
    if !bounds.is_empty() {
        let bounds = bounds.join(", ");
        item.attrs.push(parse_quote!(#[schemars(bound = #bounds)]));
    }
    let declare = quote!(#krate::__private::declare_by_ts_rs::<Self>);
    item.attrs
        .push(parse_quote!(#[schemars(transform = #declare)]));
}

fn derives(krate: &Path) -> [Attribute; 3] {
    let serde = format!("{}::__private::serde", path_text(krate));
    let schemars = format!("{}::__private::schemars", path_text(krate));
    [
        parse_quote! {
            #[derive(
                #krate::__private::serde::Serialize,
                #krate::__private::serde::Deserialize,
                #krate::__private::schemars::JsonSchema,
            )]
        },
        parse_quote!(#[serde(crate = #serde)]),
        parse_quote!(#[schemars(crate = #schemars)]),
    ]
}
