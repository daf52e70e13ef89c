//! The options of `#[payload(…)]`, on the type and on its fields.

use proc_macro2::TokenStream;
use syn::{Attribute, Ident, Path, Type};

use crate::{
    attr::{self, Item, Value},
    report::Report,
};

const ITEM_OPTIONS: &[&str] = &["bigint", "crate", "ts"];
const FIELD_OPTIONS: &[&str] = &["accepted", "bigint", "sent", "wire"];

/// The options of the type.
pub(super) struct ItemOptions {
    pub(super) bigint: bool,
    /// `true` if ts-rs generates the type's TypeScript.
    pub(super) ts: bool,
    pub(super) krate: Path,
}

impl ItemOptions {
    pub(super) fn parse(tokens: TokenStream, report: &mut Report) -> Self {
        let mut options = Self {
            bigint: false,
            ts: false,
            krate: attr::default_krate(),
        };
        for item in attr::parse(tokens, report) {
            match item {
                Item::Key(key, value) if key == "bigint" => {
                    options.bigint = attr::is_string(&key, value, report);
                }
                Item::Key(key, value) if key == "crate" => {
                    if let Some(krate) = attr::krate(&key, value, report) {
                        options.krate = krate;
                    }
                }
                Item::Key(key, None) if key == "ts" => {
                    options.ts = cfg!(feature = "ts-rs");
                    if !options.ts {
                        report.at(key, "`ts` requires the Cargo feature `ts-rs` of sio-types");
                    }
                }
                Item::Key(key, Some(_)) if key == "ts" => {
                    report.at(key, "`ts` takes no value: `#[payload(ts)]`");
                }
                Item::Key(key, _) => attr::unknown(&key, ITEM_OPTIONS, report),
                Item::Text(text) => report.at(
                    text,
                    "expected a named option, such as `bigint = \"string\"`",
                ),
            }
        }
        options
    }
}

/// The options of a field or variant.
#[derive(Default)]
pub(super) struct FieldOptions {
    /// The key of `bigint = "string"`.
    pub(super) bigint: Option<Ident>,
    pub(super) conversion: Conversion,
}

/// The types on the wire of a field with a conversion.
#[derive(Default)]
pub(super) struct Conversion {
    /// The first of the options, used as the place of errors about all of them.
    pub(super) key: Option<Ident>,
    pub(super) sent: Option<Type>,
    pub(super) accepted: Option<Type>,
    /// `true` if an option is invalid, which is already reported.
    pub(super) is_invalid: bool,
}

impl FieldOptions {
    /// Removes the `#[payload]` attributes and reads their options.
    pub(super) fn take(attributes: &mut Vec<Attribute>, report: &mut Report) -> Self {
        let (attrs, helpers) = attr::split(std::mem::take(attributes), "payload");
        *attributes = attrs.all;
        let mut options = Self::default();
        for attribute in &helpers {
            for item in attr::parse_attribute(attribute, report) {
                match item {
                    Item::Key(key, value) => options.read(key, value, report),
                    Item::Text(text) => {
                        report.at(
                            text,
                            "expected a named option, such as `bigint = \"string\"`",
                        );
                    }
                }
            }
        }
        options
    }

    fn read(&mut self, key: Ident, value: Option<Value>, report: &mut Report) {
        if key == "bigint" {
            if attr::is_string(&key, value, report) {
                self.bigint = Some(key);
            }
            return;
        }
        let (sent, accepted) = match key.to_string().as_str() {
            "wire" => (true, true),
            "sent" => (true, false),
            "accepted" => (false, true),
            _ => return attr::unknown(&key, FIELD_OPTIONS, report),
        };
        let text = attr::text(&key, value, report);
        let Some(ty) = text.and_then(|text| report.ok(text.parse::<Type>())) else {
            self.conversion.is_invalid = true;
            return;
        };
        if sent {
            self.conversion.sent = Some(ty.clone());
        }
        if accepted {
            self.conversion.accepted = Some(ty);
        }
        self.conversion.key.get_or_insert(key);
    }
}
