//! `bigint = "string"`: integers that a JavaScript number does not hold, as decimal text.

use quote::ToTokens;
use syn::{Field, GenericArgument, Path, PathArguments, Type, parse_quote};

use super::{path_text, serde_attributes};

const INTEGERS: &[&str] = &["u64", "i64", "u128", "i128", "usize", "isize"];

/// What a field of large integers is.
pub(super) struct BigInt {
    is_option: bool,
}

/// Large integers, or an `Option` or a `Vec` of them.
pub(super) fn of(ty: &Type) -> Option<BigInt> {
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
    of(inner)?;
    (is_option || last.ident == "Vec").then_some(BigInt { is_option })
}

pub(super) fn as_text(field: &mut Field, bigint: BigInt, krate: &Path) {
    let ty = &field.ty;
    let with = format!("{}::__private::bigint", path_text(krate));
    // Spaces are no matter: schemars parses the text.
    let stand_in = format!(
        "{}::__private::BigInt<{}>",
        path_text(krate),
        ty.to_token_stream()
    );
    let attributes = &mut field.attrs;
    attributes.push(parse_quote!(#[serde(with = #with)]));
    attributes.push(parse_quote!(#[schemars(with = #stand_in)]));
    // serde takes a missing `Option` for `None` only where it deserializes it itself.
    if bigint.is_option && !serde_attributes::has(attributes, "serde", "default") {
        attributes.push(parse_quote!(#[serde(default)]));
    }
}
