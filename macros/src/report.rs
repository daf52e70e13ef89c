//! The mistakes found in one item.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// Collects mistakes, so that all of an item are reported in one go.
#[derive(Default)]
pub(crate) struct Report(Option<Error>);

impl Report {
    /// Notes a mistake at `place`.
    pub(crate) fn at(&mut self, place: impl ToTokens, message: impl std::fmt::Display) {
        self.push(Error::new_spanned(place, message));
    }

    /// Notes a mistake at a span.
    pub(crate) fn at_span(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Gives the value of a result, or notes its error.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Takes over the mistakes of another report.
    pub(crate) fn absorb(&mut self, other: Self) {
        if let Some(error) = other.0 {
            self.push(error);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The mistakes as `compile_error!`s.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.map(Error::into_compile_error).unwrap_or_default()
    }
}
