//! `x-sio-…` extensions of the schema, which describe behavior of serde that schemars does not. The runtime reads them.

use syn::{
    Attribute, DeriveInput, Field, Fields, GenericParam, Ident, Path, Variant, ext::IdentExt,
    parse_quote,
};

use super::{
    keys::{OPTIONAL, REQUIRED, TAG, UNIT_ACCEPTED, UNIT_SENT},
    serde_attributes::{has, text},
};

/// Names a generic type after its arguments. schemars would number the uses instead.
pub(super) fn generic_name(item: &mut DeriveInput) {
    let parameters = item.generics.params.iter().filter_map(|one| match one {
        GenericParam::Type(one) => Some(&one.ident),
        GenericParam::Const(one) => Some(&one.ident),
        GenericParam::Lifetime(_) => None,
    });
    let arguments: Vec<_> = parameters.map(|name| format!("{{{name}}}")).collect();
    let attributes = &mut item.attrs;
    let is_named = ["serde", "schemars"].map(|attribute| has(attributes, attribute, "rename"));
    if !arguments.is_empty() && is_named == [false, false] {
        let name = format!("{}_of_{}", item.ident.unraw(), arguments.join("_and_"));
        attributes.push(parse_quote!(#[schemars(rename = #name)]));
    }
}

/// Describes `#[serde(tag = "…")]` on a struct: the tag, and the struct's name as serde writes it.
pub(super) fn tag(attributes: &mut Vec<Attribute>, ident: &Ident) {
    if let Some(tag) = text(attributes, "tag") {
        let name = text(attributes, "rename").unwrap_or_else(|| ident.unraw().to_string());
        attributes.push(parse_quote!(#[schemars(extend(#TAG = [#tag, #name]))]));
    }
}

/// Returns the attribute that marks a field as optional.
pub(super) fn optional() -> Attribute {
    parse_quote!(#[schemars(extend(#OPTIONAL = true))])
}

/// Describes `#[serde(default)]` at the end of a tuple: the number of required elements.
pub(super) fn required(
    attributes: &mut Vec<Attribute>,
    fields: &Fields,
    container_has_default: bool,
) {
    let Fields::Unnamed(fields) = fields else {
        return;
    };
    let is_read = |field: &&Field| {
        !has(&field.attrs, "serde", "skip") && !has(&field.attrs, "serde", "skip_deserializing")
    };
    let read: Vec<_> = fields.unnamed.iter().filter(is_read).collect();
    let is_optional =
        |field: &&&Field| container_has_default || has(&field.attrs, "serde", "default");
    let required = read.len() - read.iter().rev().take_while(is_optional).count();
    if read.len() > 1 && required < read.len() {
        attributes.push(parse_quote!(#[schemars(extend(#REQUIRED = #required))]));
    }
}

/// Describes a variant whose only field is skipped: serde writes it as a variant without content.
pub(super) fn unit(enumeration: &[Attribute], variant: &mut Variant) {
    let Fields::Unnamed(fields) = &variant.fields else {
        return;
    };
    let [field] = Vec::from_iter(&fields.unnamed)[..] else {
        return;
    };
    let skips = |key| has(&field.attrs, "serde", "skip") || has(&field.attrs, "serde", key);
    let is_unit = [
        (skips("skip_serializing"), UNIT_SENT),
        (skips("skip_deserializing"), UNIT_ACCEPTED),
    ];
    let notes: Vec<_> = is_unit
        .into_iter()
        .filter_map(|(is_unit, note)| is_unit.then_some(note))
        .collect();
    let is_untagged =
        has(enumeration, "serde", "untagged") || has(&variant.attrs, "serde", "untagged");
    let content = match text(enumeration, "content") {
        _ if is_untagged => "untagged".to_owned(),
        Some(content) => format!("adjacent {content}"),
        None if has(enumeration, "serde", "tag") => return,
        None => "external".to_owned(),
    };
    for note in notes {
        variant
            .attrs
            .push(parse_quote!(#[schemars(extend(#note = #content))]));
    }
}

/// Lists the names of an enum without fields, whose values can be the keys of a map. schemars recognizes such an enum
/// only by this list.
pub(super) fn names<'a>(
    attributes: &mut Vec<Attribute>,
    mut variants: impl Iterator<Item = &'a Variant>,
    krate: &Path,
) {
    if variants.all(|variant| matches!(variant.fields, Fields::Unit)) {
        attributes.push(parse_quote!(#[schemars(transform = #krate::__private::list_names)]));
    }
}
