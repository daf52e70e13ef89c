//! Placeholders, and the attachments that they stand for.

use std::{collections::VecDeque, fmt};

use bytes::Bytes;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use super::{Context, WireMap, WireVisitor};

/// `{"_placeholder": true, "num": n}`, which stands for the n-th attachment
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

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let mut placeholder = false;
        let mut index = None;
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
        None => Err(E::custom(format_args!("attachment {index} is missing"))),
    }
}

/// Like [`WireVisitor`], for a value of any type: a map may turn out to be a placeholder.
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
        let first_key = map.next_key::<String>()?;
        match (first_key.as_deref(), context.attachments) {
            (Some("_placeholder" | "num"), Some(attachments)) => {
                PlaceholderTail { first_key, map }.visit(visitor, attachments)
            }
            _ => visitor.visit_map(WireMap {
                inner: map,
                context,
                first_key,
            }),
        }
    }
}

struct PlaceholderTail<A> {
    first_key: Option<String>,
    map: A,
}

impl<A> PlaceholderTail<A> {
    fn visit<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        attachments: &VecDeque<Bytes>,
    ) -> Result<V::Value, A::Error>
    where
        A: MapAccess<'de>,
    {
        let map = WireMap {
            inner: self.map,
            context: Context {
                attachments: None,
                path: None,
            },
            first_key: self.first_key,
        };
        PlaceholderVisitor {
            visitor,
            attachments,
        }
        .visit_map(map)
    }
}
