//! Placeholders, and the attachments that they stand for.

use std::{collections::VecDeque, fmt};

use bytes::Bytes;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::Value;

use super::{Entries, WireMap, WireVisitor};

/// Visitor of `{"_placeholder": true, "num": n}`, which stands for the n-th attachment
/// (<https://socket.io/docs/v4/socket-io-protocol/#packet-encoding>).
pub(super) struct PlaceholderVisitor<'c, V> {
    pub(super) visitor: V,
    pub(super) attachments: &'c VecDeque<Bytes>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for PlaceholderVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("binary data")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visit_rest(map, false, None)
    }
}

impl<'de, V: Visitor<'de>> PlaceholderVisitor<'_, V> {
    /// Reads the rest of a placeholder.
    fn visit_rest<A: MapAccess<'de>>(
        self,
        mut map: A,
        mut placeholder: bool,
        mut index: Option<usize>,
    ) -> Result<V::Value, A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "_placeholder" => placeholder = map.next_value()?,
                "num" => index = Some(map.next_value::<usize>()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match index {
            Some(index) if placeholder => visit_attachment(self.visitor, self.attachments, index),
            _ => Err(A::Error::invalid_type(Unexpected::Map, &self)),
        }
    }
}

fn visit_attachment<'de, V: Visitor<'de>, E: Error>(
    visitor: V,
    attachments: &VecDeque<Bytes>,
    index: usize,
) -> Result<V::Value, E> {
    match attachments.get(index) {
        Some(bytes) => visitor.visit_bytes(bytes),
        None => Err(E::custom(format_args!("missing attachment {index}"))),
    }
}

/// Variant of [`WireVisitor`] for a value of any type, in which a map may be a placeholder.
pub(super) struct AnyVisitor<'c, V>(pub(super) WireVisitor<'c, V>);

impl<V> AnyVisitor<'_, V> {
    fn into_visitor(self) -> V {
        self.0.visitor
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for AnyVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.visitor.expecting(formatter)
    }

    visit_scalars!();

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let WireVisitor { visitor, context } = self.0;
        let beginning = Beginning::read(&mut map)?;
        match (beginning, context.attachments) {
            (Beginning::Placeholder(index), Some(attachments)) => PlaceholderVisitor {
                visitor,
                attachments,
            }
            .visit_rest(map, true, index),
            (beginning, _) => visitor.visit_map(WireMap {
                inner: map,
                context,
                read: beginning.into_entries(),
                value: None,
            }),
        }
    }
}

/// Start of a map, read until it is clear if the map is a placeholder. Maps of users may also have a `num`.
enum Beginning {
    /// The map is a placeholder; the index of its attachment is present if it came first.
    Placeholder(Option<usize>),
    Other(Entries),
}

impl Beginning {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Self, A::Error> {
        let mut entries = Entries::new();
        let mut index = None;
        while let Some(key) = map.next_key::<String>()? {
            let is_mark = key == "_placeholder";
            let is_number = key == "num" && entries.is_empty();
            if !(is_mark || is_number) {
                entries.push_back((key, None));
                break;
            }
            let value: Value = map.next_value()?;
            if is_mark && value == Value::Bool(true) {
                return Ok(Self::Placeholder(index));
            }
            index = value.as_u64().and_then(|index| index.try_into().ok());
            entries.push_back((key, Some(value)));
            if is_mark {
                break;
            }
        }
        Ok(Self::Other(entries))
    }

    fn into_entries(self) -> Entries {
        match self {
            Self::Placeholder(_) => Entries::new(),
            Self::Other(entries) => entries,
        }
    }
}
