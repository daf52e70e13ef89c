//! Parsing of `#[serde(…)]` and `#[schemars(…)]`.

use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token, punctuated::Punctuated};

/// Finds an option by its name. Skips attributes that do not parse, because the derive reports them.
pub(super) fn find(attributes: &[Attribute], attribute: &str, key: &str) -> Option<Meta> {
    attributes
        .iter()
        .filter(|one| one.path().is_ident(attribute))
        .filter_map(|one| {
            one.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()
        })
        .flatten()
        .find(|item| item.path().is_ident(key))
}

/// `true` if the option exists.
pub(super) fn has(attributes: &[Attribute], attribute: &str, key: &str) -> bool {
    find(attributes, attribute, key).is_some()
}

/// Returns the text of `key = "text"`, or of `serialize` in `key(serialize = "…", deserialize = "…")`.
pub(super) fn text(attributes: &[Attribute], key: &str) -> Option<String> {
    match find(attributes, "serde", key)? {
        Meta::NameValue(pair) => literal(&pair.value),
        Meta::List(list) => {
            let sides = list
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()?;
            sides.into_iter().find_map(|side| match side {
                Meta::NameValue(pair) if pair.path.is_ident("serialize") => literal(&pair.value),
                _ => None,
            })
        }
        Meta::Path(_) => None,
    }
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
