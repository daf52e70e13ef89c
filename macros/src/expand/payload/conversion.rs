//! Fields with `#[serde(with = …)]`, `serialize_with` or `deserialize_with`. The macro cannot know the types that these
//! functions write and read.

use quote::{ToTokens, quote};
use syn::{Attribute, Field, Fields, Path, Type, parse_quote};

use super::{options::Conversion, schema_extensions, serde_attributes};
use crate::{expand::tokens::path_text, report::Report};

/// Passes the type on the wire to schemars, or reports that the user has to give it.
pub(super) fn describe(
    attributes: &mut Vec<Attribute>,
    ty: Option<&Type>,
    conversion: Conversion,
    krate: &Path,
    report: &mut Report,
) {
    let find = |keys: [&str; 2]| {
        keys.iter()
            .find_map(|key| serde_attributes::find(attributes, "serde", key))
    };
    let writes = find(["with", "serialize_with"]);
    let reads = find(["with", "deserialize_with"]);
    let Some(cause) = writes.as_ref().or(reads.as_ref()) else {
        if let Some(key) = conversion.key {
            let message = format!(
                "`{key}` requires `#[serde(with = …)]`, `serialize_with` or `deserialize_with`"
            );
            report.at(key, message);
        }
        return;
    };
    let is_described = ["with", "schema_with"]
        .iter()
        .any(|key| serde_attributes::has(attributes, "schemars", key));
    if !is_described {
        let sent = conversion.sent.or(unless_converted(ty, writes.is_some()));
        let accepted = conversion
            .accepted
            .or(unless_converted(ty, reads.is_some()));
        match (&sent, &accepted) {
            (Some(_), Some(_)) => {}
            _ if conversion.is_invalid => {}
            (None, None) => report.at(cause, hidden_type("wire", "wire", cause)),
            (None, _) => report.at(cause, hidden_type("sent", "sent", cause)),
            (_, None) => report.at(cause, hidden_type("accepted", "accepted", cause)),
        }
        // Without a type, schemars would report its own error.
        let side = |ty: Option<Type>| ty.unwrap_or_else(|| parse_quote!(()));
        let (sent, accepted) = (side(sent), side(accepted));
        let sides = quote!(<#sent, #accepted>);
        let schema_type = format!("{}::__private::Wire{sides}", path_text(krate));
        attributes.push(parse_quote!(#[schemars(with = #schema_type)]));
    }
}

/// Returns the field's own type, unless the field is converted.
fn unless_converted(ty: Option<&Type>, converted: bool) -> Option<Type> {
    ty.filter(|_| !converted).cloned()
}

/// Returns the error for a conversion whose type on the wire the user has not given.
fn hidden_type(what: &str, option: &str, cause: &syn::Meta) -> String {
    let name = cause.path().to_token_stream();
    format!("`{name}` hides the {what} type; declare it: `#[payload({option} = \"String\")]`")
}

/// `true` if schemars would serialize a default value with the user's function. The derived code for that requires the
/// user's crate to depend on serde.
fn is_converted(field: &Field) -> bool {
    ["with", "serialize_with"]
        .iter()
        .any(|key| serde_attributes::has(&field.attrs, "serde", key))
}

/// Hides the defaults of converted fields from schemars, and marks the fields as optional.
pub(super) fn hide_defaults(item: &mut Vec<Attribute>, fields: &mut Fields) {
    let of_container =
        serde_attributes::has(item, "serde", "default") && fields.iter().any(is_converted);
    if of_container {
        item.push(parse_quote!(#[schemars(!default)]));
    }
    for field in fields {
        let own = serde_attributes::has(&field.attrs, "serde", "default");
        let hides_own = own && is_converted(field);
        if hides_own {
            field.attrs.push(parse_quote!(#[schemars(!default)]));
        }
        if hides_own || (of_container && !own) {
            field.attrs.push(schema_extensions::optional());
        }
    }
}
