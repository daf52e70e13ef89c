//! `#[payload]`: serde's derives and the schema's, with the paths that need no dependency of the user's own.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Data, DeriveInput, Field, GenericArgument, Ident, LitStr, Path, PathArguments,
    Token, Type, ext::IdentExt, parse_quote,
};

use crate::{
    attr::{self, Item, Value},
    report::Report,
};

const OPTIONS: &[&str] = &["bigint", "crate"];
const FIELD_OPTIONS: &[&str] = &["bigint"];

pub(crate) fn payload(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut report = Report::default();
    if let Data::Union(data) = &item.data {
        report.at(data.union_token, "a payload is a struct or an enum");
        let errors = report.into_tokens();
        return quote!(#item #errors);
    }
    let options = item_options(options, &mut report);
    let krate = &options.krate;
    for field in fields(&mut item.data) {
        let (attrs, ours) = attr::sort(std::mem::take(&mut field.attrs), "payload");
        field.attrs = attrs.all;
        let wanted = field_options(&ours, &mut report);
        match bigint(&field.ty) {
            Some(bigint) if options.bigint || wanted.is_some() => {
                as_text(field, bigint, krate);
            }
            None if let Some(key) = wanted => report.at(
                key,
                "`bigint` is for an integer of 64 bits or more, or one in an `Option` or a `Vec`",
            ),
            _ => {}
        }
    }
    if let (Data::Struct(_), Some(tag)) = (&item.data, struct_tag(&item.attrs)) {
        let name = serialized_name(&item);
        item.attrs
            .push(parse_quote!(#[schemars(extend("x-sio-tag" = [#tag, #name]))]));
    }
    // Before the attributes that the derives read.
    item.attrs.splice(0..0, derives(krate));
    let errors = report.into_tokens();
    quote!(#item #errors)
}

struct Options {
    bigint: bool,
    krate: Path,
}

fn item_options(tokens: TokenStream, report: &mut Report) -> Options {
    let mut options = Options {
        bigint: false,
        krate: attr::default_krate(),
    };
    for item in attr::parse(tokens, report) {
        match item {
            Item::Key(key, value) if key == "bigint" => {
                options.bigint = is_string(&key, value, report);
            }
            Item::Key(key, value) if key == "crate" => {
                if let Some(krate) = attr::krate(&key, value, report) {
                    options.krate = krate;
                }
            }
            Item::Key(key, _) => attr::unknown(&key, OPTIONS, report),
            Item::Text(text) => report.at(text, "an option has a name: `bigint = \"string\"`"),
        }
    }
    options
}

/// The key of a field's `bigint = "string"`.
fn field_options(attributes: &[Attribute], report: &mut Report) -> Option<Ident> {
    let mut wanted = None;
    for attribute in attributes {
        for item in attr::parse_attribute(attribute, report) {
            match item {
                Item::Key(key, value) if key == "bigint" => {
                    if is_string(&key, value, report) {
                        wanted = Some(key);
                    }
                }
                Item::Key(key, _) => attr::unknown(&key, FIELD_OPTIONS, report),
                Item::Text(text) => report.at(text, "an option has a name: `bigint = \"string\"`"),
            }
        }
    }
    wanted
}

fn is_string(key: &Ident, value: Option<Value>, report: &mut Report) -> bool {
    match attr::text(key, value, report) {
        Some(text) if text.value() == "string" => true,
        Some(text) => {
            report.at(text, "there is one form: `bigint = \"string\"`");
            false
        }
        None => false,
    }
}

fn fields(data: &mut Data) -> Vec<&mut Field> {
    match data {
        Data::Struct(data) => data.fields.iter_mut().collect(),
        Data::Enum(data) => data
            .variants
            .iter_mut()
            .flat_map(|variant| &mut variant.fields)
            .collect(),
        Data::Union(_) => Vec::new(),
    }
}

/// What a field of large integers is.
struct BigInt {
    is_option: bool,
}

fn bigint(ty: &Type) -> Option<BigInt> {
    const INTEGERS: &[&str] = &["u64", "i64", "u128", "i128", "usize", "isize"];
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
    bigint(inner)?;
    (is_option || last.ident == "Vec").then_some(BigInt { is_option })
}

fn as_text(field: &mut Field, bigint: BigInt, krate: &Path) {
    let ty = &field.ty;
    let with = format!("{}::__private::bigint", path_text(krate));
    // Spaces are no matter: schemars parses the text.
    let stand_in = format!(
        "{}::__private::BigInt<{}>",
        path_text(krate),
        ty.to_token_stream()
    );
    field.attrs.push(parse_quote!(#[serde(with = #with)]));
    field
        .attrs
        .push(parse_quote!(#[schemars(with = #stand_in)]));
    // serde takes a missing `Option` for `None` only where it deserializes it itself.
    if bigint.is_option {
        field.attrs.push(parse_quote!(#[serde(default)]));
    }
}

/// The tag of a struct, which serde writes and schemars does not know of.
fn struct_tag(attributes: &[Attribute]) -> Option<String> {
    serde_text(attributes, "tag")
}

/// What the tag says: the struct's name, as serde writes it.
fn serialized_name(item: &DeriveInput) -> String {
    serde_text(&item.attrs, "rename").unwrap_or_else(|| item.ident.unraw().to_string())
}

/// The text of `#[serde(key = "…")]`; for what is split by direction, that of `serialize`.
fn serde_text(attributes: &[Attribute], key: &str) -> Option<String> {
    let mut text = None;
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // What cannot be read is serde's to report.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident(key) && meta.input.peek(Token![=]) {
                text = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident(key) {
                meta.parse_nested_meta(|side| {
                    let value = side.value()?.parse::<LitStr>()?.value();
                    if side.path.is_ident("serialize") {
                        text = Some(value);
                    }
                    Ok(())
                })?;
            } else if meta.input.peek(Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                meta.parse_nested_meta(|inner| {
                    if inner.input.peek(Token![=]) {
                        inner.value()?.parse::<syn::Expr>()?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        });
    }
    text
}

fn path_text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
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
