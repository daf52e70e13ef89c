//! `#[serde(with = …)]` and its halves: functions of the user's own, of which nobody knows what they write and read.

use quote::{ToTokens, quote};
use syn::{Attribute, Field, Fields, Path, Type, parse_quote};

use super::{notes, options::Conversion, path_text, serde_attributes};
use crate::report::Report;

/// Tells schemars what is on the wire, or asks the user for it.
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
            report.at(
                key,
                "this says what `#[serde(with = …)]` makes of a field; there is none",
            );
        }
        return;
    };
    let is_described = ["with", "schema_with"]
        .iter()
        .any(|key| serde_attributes::has(attributes, "schemars", key));
    if !is_described {
        let sent = conversion.sent.or(natural(ty, writes.is_some()));
        let accepted = conversion.accepted.or(natural(ty, reads.is_some()));
        match (&sent, &accepted) {
            (Some(_), Some(_)) => {}
            (None, None) => report.at(cause, hidden("what is on the wire", "wire", cause)),
            (None, _) => report.at(cause, hidden("what is sent", "sent", cause)),
            (_, None) => report.at(cause, hidden("what is accepted", "accepted", cause)),
        }
        // Something has to stand there, or schemars complains too.
        let side = |ty: Option<Type>| ty.unwrap_or_else(|| parse_quote!(()));
        let (sent, accepted) = (side(sent), side(accepted));
        let sides = quote!(<#sent, #accepted>);
        let stand_in = format!("{}::__private::Wire{sides}", path_text(krate));
        attributes.push(parse_quote!(#[schemars(with = #stand_in)]));
    }
}

/// The field's own type, where nothing is converted.
fn natural(ty: Option<&Type>, converted: bool) -> Option<Type> {
    ty.filter(|_| !converted).cloned()
}

fn hidden(what: &str, option: &str, cause: &syn::Meta) -> String {
    let name = cause.path().to_token_stream();
    format!("`{name}` hides {what}: say its type, as in `#[payload({option} = \"String\")]`")
}

/// Whether schemars would run a conversion of the user's own over a default value, for which the code of its derive
/// needs the user to depend on serde.
fn is_converted(field: &Field) -> bool {
    ["with", "serialize_with"]
        .iter()
        .any(|key| serde_attributes::has(&field.attrs, "serde", key))
}

/// Hides the defaults of converted fields from schemars, and notes that the fields may be left out.
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
            field.attrs.push(notes::optional());
        }
    }
}
