//! Options in attributes: `key = "text"`, `key = Type`, `flag`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Path, Token, Type,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    parse_quote,
    punctuated::Punctuated,
};

use crate::{model::Attrs, report::Report, suggestions};

/// An option.
pub(crate) enum Item {
    /// `"text"`.
    Text(LitStr),
    /// `key`, `key = "text"` or `key = Type`.
    Key(Ident, Option<Value>),
}

pub(crate) enum Value {
    Text(LitStr),
    /// Any other literal. No option accepts one.
    Literal(Lit),
    Type(Box<Type>),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Text);
        }
        let key = input.call(Ident::parse_any)?;
        if input.parse::<Option<Token![=]>>()?.is_none() {
            return Ok(Self::Key(key, None));
        }
        let value = if input.peek(LitStr) {
            Value::Text(input.parse()?)
        } else if input.peek(Lit) {
            Value::Literal(input.parse()?)
        } else {
            Value::Type(input.parse()?)
        };
        Ok(Self::Key(key, Some(value)))
    }
}

/// Parses the options in the parentheses of an attribute macro.
pub(crate) fn parse(tokens: TokenStream, report: &mut Report) -> Vec<Item> {
    let parser = Punctuated::<Item, Token![,]>::parse_terminated;
    let items = report.ok(parser.parse2(tokens));
    items.into_iter().flatten().collect()
}

/// Parses the options of a helper attribute. `#[event]` without parentheses has none.
pub(crate) fn parse_attribute(attribute: &Attribute, report: &mut Report) -> Vec<Item> {
    match &attribute.meta {
        Meta::Path(_) => Vec::new(),
        Meta::List(list) => parse(list.tokens.clone(), report),
        Meta::NameValue(pair) => {
            let name = pair.path.to_token_stream();
            let message = format_args!("expected options in parentheses: `#[{name}(option = …)]`");
            report.at(pair, message);
            Vec::new()
        }
    }
}

/// Reports an unknown option.
pub(crate) fn unknown(key: &Ident, known: &[&'static str], report: &mut Report) {
    let name = key.unraw().to_string();
    let near = suggestions::did_you_mean(&name, known.iter().copied());
    let help = if near.is_empty() {
        format!("; expected {}", suggestions::list(known.iter().copied()))
    } else {
        near
    };
    report.at(key, format_args!("unknown option `{name}`{help}"));
}

/// Returns the text of `key = "text"`.
pub(crate) fn text(key: &Ident, value: Option<Value>, report: &mut Report) -> Option<LitStr> {
    match value {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Type(ty)) => {
            report.at(ty, format_args!("`{key}` takes a string: `{key} = \"…\"`"));
            None
        }
        Some(Value::Literal(literal)) => {
            let help = format_args!("`{key}` takes a string: `{key} = \"…\"`");
            report.at(literal, help);
            None
        }
        None => {
            report.at(key, format_args!("`{key}` takes a string: `{key} = \"…\"`"));
            None
        }
    }
}

/// `true` for `bigint = "string"`, the only value of that option.
pub(crate) fn is_string(key: &Ident, value: Option<Value>, report: &mut Report) -> bool {
    match text(key, value, report) {
        Some(text) if text.value() == "string" => true,
        Some(text) => {
            let value = text.value();
            let message = format_args!("unknown encoding `{value}`; expected `{key} = \"string\"`");
            report.at(text, message);
            false
        }
        None => false,
    }
}

/// Returns the type of `key = Type`.
pub(crate) fn ty(key: &Ident, value: Option<Value>, report: &mut Report) -> Option<Type> {
    match value {
        Some(Value::Type(ty)) => Some(*ty),
        Some(Value::Text(text)) => {
            let inside = text.value();
            report.at(
                text,
                format_args!("`{key}` takes a path without quotes: `{key} = {inside}`"),
            );
            None
        }
        Some(Value::Literal(literal)) => {
            report.at(literal, format_args!("`{key}` takes a path: `{key} = …`"));
            None
        }
        None => {
            report.at(key, format_args!("`{key}` takes a path: `{key} = …`"));
            None
        }
    }
}

/// Returns the path of `crate = "…"`.
pub(crate) fn krate(key: &Ident, value: Option<Value>, report: &mut Report) -> Option<Path> {
    let text = text(key, value, report)?;
    report.ok(text.parse())
}

/// Returns the path of the runtime, unless the option `crate` sets another.
pub(crate) fn default_krate() -> Path {
    parse_quote!(::sio_types)
}

/// Separates the attributes of an item from its helper attributes, which generated code must not contain.
pub(crate) fn split(attributes: Vec<Attribute>, helper: &str) -> (Attrs, Vec<Attribute>) {
    let mut attrs = Attrs::default();
    let mut helpers = Vec::new();
    let mut docs = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident(helper) {
            helpers.push(attribute);
            continue;
        }
        if attribute.path().is_ident("cfg") {
            attrs.cfg.push(attribute.clone());
        } else if attribute.path().is_ident("doc") {
            docs.extend(doc_text(&attribute));
            attrs.visible.push(attribute.clone());
        } else if attribute.path().is_ident("deprecated") {
            attrs.deprecated = Some(deprecation(&attribute));
            attrs.visible.push(attribute.clone());
        }
        attrs.all.push(attribute);
    }
    attrs.docs = docs.join("\n");
    (attrs, helpers)
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let text = literal(&pair.value)?;
    let lines = text
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    Some(lines.collect::<Vec<_>>().join("\n").trim_end().to_owned())
}

/// Returns the note of `#[deprecated]`, `#[deprecated = "note"]` or `#[deprecated(note = "note")]`.
fn deprecation(attribute: &Attribute) -> String {
    let note = match &attribute.meta {
        Meta::NameValue(pair) => literal(&pair.value),
        Meta::List(list) => {
            let items = parse(list.tokens.clone(), &mut Report::default());
            items.into_iter().find_map(|item| match item {
                Item::Key(key, Some(Value::Text(text))) if key == "note" => Some(text.value()),
                _ => None,
            })
        }
        Meta::Path(_) => None,
    };
    note.unwrap_or_default()
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
