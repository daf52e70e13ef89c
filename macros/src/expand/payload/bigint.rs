//! `bigint = "string"`: encodes integers that a JavaScript number cannot represent as decimal strings.

use quote::ToTokens;
use syn::{Field, GenericArgument, Path, PathArguments, Type, parse_quote};

use super::serde_attributes;
use crate::expand::tokens::path_text;

const INTEGERS: &[&str] = &["u64", "i64", "u128", "i128", "usize", "isize"];

/// A field with large integers.
pub(super) struct BigInt {
    is_option: bool,
}

/// Recognizes large integers, and an `Option` or a `Vec` of them.
pub(super) fn recognize(ty: &Type) -> Option<BigInt> {
    let Type::Path(path) = ty else { return None };
    if INTEGERS.iter().any(|name| path.path.is_ident(name)) {
        return Some(BigInt { is_option: false });
    }
    let last = path.path.segments.last()?;
    let is_option = last.ident == "Option";
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let GenericArgument::Type(inner) = arguments.args.first()? else {
        return None;
    };
    recognize(inner)?;
    (is_option || last.ident == "Vec").then_some(BigInt { is_option })
}

/// Adds the attributes that encode the field as strings.
pub(super) fn encode_as_string(field: &mut Field, bigint: BigInt, krate: &Path) {
    let ty = &field.ty;
    let with = format!("{}::__private::bigint", path_text(krate));
    // schemars parses the text, so it may contain spaces.
    let schema_type = format!(
        "{}::__private::BigInt<{}>",
        path_text(krate),
        ty.to_token_stream()
    );
    let attributes = &mut field.attrs;
    attributes.push(parse_quote!(#[serde(with = #with)]));
    attributes.push(parse_quote!(#[schemars(with = #schema_type)]));
    // serde reads a missing `Option` as `None` only if it deserializes the field itself.
    if bigint.is_option && !serde_attributes::has(attributes, "serde", "default") {
        attributes.push(parse_quote!(#[serde(default)]));
    }
}
