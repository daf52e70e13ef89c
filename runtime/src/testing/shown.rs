//! Payloads in the form in which tests compare and print them.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, json};

use crate::wire::{arguments::All, message::Message};

/// A payload of any type as JSON. Binary data is `{"_binary": [0, 1, …]}`.
struct Shown(Value);

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShownVisitor).map(Self)
    }
}

struct ShownVisitor;

macro_rules! visit {
    ($($method:ident($type:ty))+) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        })+
    };
}

impl<'de> Visitor<'de> for ShownVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a payload")
    }

    visit! { visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) visit_str(&str) visit_string(String) }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(json!({ "_binary": bytes }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Shown(element)) = sequence.next_element()? {
            array.push(element);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Shown(value))) = entries.next_entry::<String, Shown>()? {
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

/// Returns the arguments of an event or an acknowledgement.
pub(super) fn arguments(message: &Message<'_>) -> Result<Vec<Value>, String> {
    let All(arguments) = message
        .arguments::<All<Shown>>(&[])
        .map_err(|error| error.to_string())?;
    Ok(arguments.into_iter().map(|Shown(value)| value).collect())
}

/// Formats an event as `name(argument, …)`.
pub(super) fn event(name: &str, arguments: &Result<Vec<Value>, String>) -> String {
    match arguments {
        Ok(arguments) => {
            let arguments: Vec<_> = arguments.iter().map(Value::to_string).collect();
            format!("{name}({})", arguments.join(", "))
        }
        Err(error) => format!("{name}(… {error})"),
    }
}
