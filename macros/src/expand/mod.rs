//! Code generation from the model. The generated code is thin: it only declares items and calls the runtime.

mod dispatch;
mod emitter;
mod event_set;
mod handler;
mod namespace;
mod payload;
mod payload_bounds;
mod tokens;

use proc_macro2::TokenStream;
use syn::{DeriveInput, ItemTrait};

use crate::{check, parse, report::Report};

pub(crate) use payload::payload;

/// Expands `#[events]`.
pub(crate) fn events(options: TokenStream, item: TokenStream) -> TokenStream {
    let item: ItemTrait = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut report = Report::default();
    let item = parse::event_trait(options, item, &mut report);
    check::event_trait(&item, &mut report);
    // Generated even with errors, so that code that uses the trait does not cause further errors.
    let parts = [
        handler::expand(&item),
        event_set::event_enum(&item),
        emitter::expand(&item),
        event_set::expand(&item),
        dispatch::expand(&item),
        report.into_tokens(),
    ];
    parts.into_iter().collect()
}

/// Expands `#[derive(Events)]`.
pub(crate) fn namespace(item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut report = Report::default();
    match parse::namespace(item, &mut report) {
        Some(item) if report.is_empty() => namespace::expand(&item),
        _ => report.into_tokens(),
    }
}
