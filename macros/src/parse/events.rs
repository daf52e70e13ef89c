//! Parsing of traits with `#[events]`.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::{
    FnArg, GenericArgument, Ident, ItemTrait, Pat, PathArguments, ReturnType, Signature, TraitItem,
    TraitItemFn, Type, ext::IdentExt,
};

use crate::{
    attr::{self, Item},
    model::{Acknowledgement, Argument, ArgumentKind, Event, EventTrait},
    names::Case,
    parse::rate,
    report::Report,
    suggestions,
};

const OPTIONS: &[&str] = &["rename_all", "prefix", "crate"];
const EVENT_OPTIONS: &[&str] = &["concurrent", "rate"];

/// The options of a trait.
struct Options {
    case: Case,
    prefix: String,
    krate: syn::Path,
}

/// Parses a trait with `#[events]`.
pub(crate) fn event_trait(
    options: TokenStream,
    item: ItemTrait,
    report: &mut Report,
) -> EventTrait {
    let options = trait_options(options, report);
    let (attrs, _) = attr::split(item.attrs, "events");
    if let Some(unsafety) = item.unsafety {
        report.at(unsafety, "an event trait cannot be unsafe; remove `unsafe`");
    }
    if !item.generics.params.is_empty() || item.generics.where_clause.is_some() {
        let message = "an event trait cannot be generic; the macro adds the context parameter";
        report.at(&item.generics, message);
    }
    if !item.supertraits.is_empty() {
        report.at(
            &item.supertraits,
            "an event trait cannot have supertraits; remove them",
        );
    }
    let events = item
        .items
        .into_iter()
        .filter_map(|item| trait_item(item, &options, report))
        .collect();
    EventTrait {
        attrs,
        vis: item.vis,
        ident: item.ident,
        krate: options.krate,
        events,
    }
}

fn trait_options(tokens: TokenStream, report: &mut Report) -> Options {
    let mut options = Options {
        case: Case::default(),
        prefix: String::new(),
        krate: attr::default_krate(),
    };
    for item in attr::parse(tokens, report) {
        match item {
            Item::Key(key, value) if key == "rename_all" => {
                if let Some(case) = rename_all(&key, value, report) {
                    options.case = case;
                }
            }
            Item::Key(key, value) if key == "prefix" => {
                if let Some(prefix) = attr::text(&key, value, report) {
                    options.prefix = prefix.value();
                }
            }
            Item::Key(key, value) if key == "crate" => {
                if let Some(krate) = attr::krate(&key, value, report) {
                    options.krate = krate;
                }
            }
            Item::Key(key, _) => attr::unknown(&key, OPTIONS, report),
            Item::Text(text) => {
                let message = "set the name of an event on its method: `#[event(\"name\")]`";
                report.at(text, message);
            }
        }
    }
    options
}

fn rename_all(key: &Ident, value: Option<attr::Value>, report: &mut Report) -> Option<Case> {
    let text = attr::text(key, value, report)?;
    let case = Case::parse(&text.value());
    if case.is_none() {
        let known = Case::ALL.map(|(name, _)| name);
        let near = suggestions::did_you_mean(&text.value(), known);
        let help = if near.is_empty() {
            format!("; expected {}", suggestions::list(known))
        } else {
            near
        };
        report.at(&text, format_args!("unknown case `{}`{help}", text.value()));
    }
    case
}

fn trait_item(item: TraitItem, options: &Options, report: &mut Report) -> Option<Event> {
    match item {
        TraitItem::Fn(method) => event(method, options, report),
        other => {
            report.at(
                other,
                "an event trait can only contain methods, one per event",
            );
            None
        }
    }
}

fn event(method: TraitItemFn, options: &Options, report: &mut Report) -> Option<Event> {
    let mut errors = Report::default();
    if let Some(body) = &method.default {
        errors.at(
            body,
            "an event cannot have a body; end the declaration with `;`",
        );
    }
    check_signature(&method.sig, &mut errors);
    let arguments = arguments(&method.sig, &mut errors);
    let acknowledgement = acknowledgement(&method.sig.output, &mut errors);
    let (attrs, helpers) = attr::split(method.attrs, "event");
    let ident = method.sig.ident;
    let mut event = Event {
        attrs,
        variant: variant(&ident),
        wire_name: format!(
            "{}{}",
            options.prefix,
            options.case.apply(&ident.unraw().to_string())
        ),
        wire_name_span: ident.span(),
        ident,
        arguments,
        acknowledgement,
        concurrent: false,
        rate: None,
    };
    let is_understood = errors.is_empty();
    report.absorb(errors);
    for attribute in helpers {
        event_options(&attribute, &mut event, report);
    }
    is_understood.then_some(event)
}

fn event_options(attribute: &syn::Attribute, event: &mut Event, report: &mut Report) {
    for item in attr::parse_attribute(attribute, report) {
        match item {
            Item::Text(text) => {
                if text.value().is_empty() {
                    report.at(&text, "the name of an event cannot be empty");
                }
                event.wire_name = text.value();
                event.wire_name_span = text.span();
            }
            Item::Key(key, None) if key == "concurrent" => event.concurrent = true,
            Item::Key(key, Some(_)) if key == "concurrent" => {
                report.at(key, "`concurrent` takes no value: `#[event(concurrent)]`");
            }
            Item::Key(key, value) if key == "rate" => {
                if let Some(text) = attr::text(&key, value, report) {
                    event.rate = rate::rate(&text, report);
                }
            }
            Item::Key(key, _) if key == "burst" => {
                let message = "unknown option `burst`; set it in `rate`: `rate = \"5/s burst 20\"`";
                report.at(key, message);
            }
            Item::Key(key, Some(attr::Value::Text(name))) if key == "name" || key == "rename" => {
                let name = name.value();
                let message =
                    format!("unknown option `{key}`; write the name alone: `#[event(\"{name}\")]`");
                report.at(key, message);
            }
            Item::Key(key, _) => attr::unknown(&key, EVENT_OPTIONS, report),
        }
    }
}

fn variant(method: &Ident) -> Ident {
    let name = Case::Pascal.apply(&method.unraw().to_string());
    // `Self` is the only keyword in PascalCase.
    let name = if name == "Self" {
        "Self_"
    } else {
        name.as_str()
    };
    format_ident!("{name}", span = method.span())
}

fn check_signature(sig: &Signature, report: &mut Report) {
    if let Some(asyncness) = &sig.asyncness {
        report.at(
            asyncness,
            "an event declaration cannot be `async`; write `async` only in the implementation",
        );
    }
    if let Some(constness) = &sig.constness {
        report.at(constness, "an event cannot be `const`; remove `const`");
    }
    if let Some(abi) = &sig.abi {
        report.at(abi, "an event cannot have an ABI; remove `extern`");
    }
    if !sig.generics.params.is_empty() || sig.generics.where_clause.is_some() {
        let message = "an event cannot be generic; use a concrete type for each argument";
        report.at(&sig.generics, message);
    }
    if let Some(variadic) = &sig.variadic {
        report.at(
            variadic,
            "an event cannot be variadic; use a `Vec<…>` argument",
        );
    }
    if sig.inputs.len() > 12 {
        let message = format!(
            "an event can have at most 12 arguments, found {}; group them in a `#[payload]` struct",
            sig.inputs.len()
        );
        report.at(&sig.inputs, message);
    }
}

fn arguments(sig: &Signature, report: &mut Report) -> Vec<Argument> {
    sig.inputs
        .iter()
        .filter_map(|input| argument(input, report))
        .collect()
}

fn argument(input: &FnArg, report: &mut Report) -> Option<Argument> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            let message = "an event declaration cannot have `self`; the implementation takes `&self` and the context";
            report.at(receiver, message);
            return None;
        }
    };
    let ident = match &*typed.pat {
        Pat::Ident(pattern)
            if pattern.by_ref.is_none()
                && pattern.mutability.is_none()
                && pattern.subpat.is_none() =>
        {
            pattern.ident.clone()
        }
        pattern => {
            report.at(
                pattern,
                "an argument must be a plain identifier; the generated TypeScript uses its name",
            );
            return None;
        }
    };
    check_owned(&typed.ty, report);
    Some(Argument {
        ident,
        kind: argument_kind(&typed.ty),
        ty: (*typed.ty).clone(),
    })
}

fn check_owned(ty: &Type, report: &mut Report) {
    match ungrouped(ty) {
        Type::Reference(reference) => {
            let message = match &*reference.elem {
                Type::Path(path) if path.path.is_ident("str") => {
                    "event types must be owned; use `String` instead of `&str` (emitters also accept `&str`)"
                }
                Type::Slice(_) => {
                    "event types must be owned; use `Vec<…>` instead of a slice (emitters also accept slices)"
                }
                _ => "event types must be owned; remove the `&` (emitters also accept references)",
            };
            report.at(ty, message);
        }
        Type::ImplTrait(_) => report.at(
            ty,
            "event types cannot be `impl Trait`; use a concrete type",
        ),
        _ => {}
    }
}

/// Returns the type without the invisible groups that macros add when they pass a type on.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        ty => ty,
    }
}

fn argument_kind(ty: &Type) -> ArgumentKind {
    let ty = ungrouped(ty);
    match last_segment(ty) {
        Some((name, None)) if name == "String" => ArgumentKind::Text,
        Some((name, Some(element))) if name == "Vec" => {
            ArgumentKind::Slice(Box::new(element.clone()))
        }
        Some((name, Some(inner))) if name == "Option" && is_primitive(inner) => ArgumentKind::Value,
        _ if is_primitive(ty) => ArgumentKind::Value,
        _ => ArgumentKind::Borrowed,
    }
}

/// Returns the last name of a path and its type argument, if any. Returns `None` if it has several type arguments.
fn last_segment(ty: &Type) -> Option<(&Ident, Option<&Type>)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::None => Some((&last.ident, None)),
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => {
            match arguments.args.first()? {
                GenericArgument::Type(ty) => Some((&last.ident, Some(ty))),
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_primitive(ty: &Type) -> bool {
    const PRIMITIVES: &[&str] = &[
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
        "i128", "isize", "f32", "f64",
    ];
    matches!(ty, Type::Path(path) if PRIMITIVES.iter().any(|name| path.path.is_ident(name)))
}

fn acknowledgement(output: &ReturnType, report: &mut Report) -> Acknowledgement {
    let ReturnType::Type(_, ty) = output else {
        return Acknowledgement::None;
    };
    check_owned(ty, report);
    match ungrouped(ty) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Acknowledgement::Unit,
        Type::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "Result") =>
        {
            Acknowledgement::Fallible(ty.clone())
        }
        _ => Acknowledgement::Value(ty.clone()),
    }
}
