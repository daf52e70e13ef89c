//! Deserializer in front of the format's own. It resolves Socket.IO's placeholders for attachments wherever they are,
//! reads map keys as JavaScript writes them, and records the path to an error in the payload.

use std::{collections::VecDeque, fmt};

use bytes::Bytes;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::StringDeserializer,
};
use serde_json::Value;

/// Visitor methods for values without nested values.
macro_rules! visit_scalars {
    ($($method:ident($type:ty))+) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.into_visitor().$method(value)
        })+

        fn visit_none<E: Error>(self) -> Result<V::Value, E> {
            self.into_visitor().visit_none()
        }

        fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
            self.into_visitor().visit_unit()
        }
    };
    () => {
        visit_scalars! {
            visit_bool(bool) visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
            visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128)
            visit_f32(f32) visit_f64(f64) visit_char(char) visit_str(&str) visit_borrowed_str(&'de str)
            visit_string(String) visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
        }
    };
}

mod key;
pub(crate) mod path;
mod placeholder;

use path::Path;

use key::KeySeed;
use path::Step;
use placeholder::{AnyVisitor, PlaceholderVisitor};

/// State that all nested deserializers share.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    /// Binary attachments of a JSON packet; `None` if the format carries bytes itself.
    pub(super) attachments: Option<&'c VecDeque<Bytes>>,
    /// Path to the value being read; recorded only when a message is read again for its error.
    pub(super) path: Option<&'c Path>,
}

/// Seed of a received value.
pub(super) struct WireSeed<'c, S> {
    pub(super) seed: S,
    pub(super) context: Context<'c>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for WireSeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(WireDeserializer {
            inner,
            context: self.context,
        })
    }
}

struct WireDeserializer<'c, D> {
    inner: D,
    context: Context<'c>,
}

impl<'c, D> WireDeserializer<'c, D> {
    fn visitor<V>(&self, visitor: V) -> WireVisitor<'c, V> {
        WireVisitor {
            visitor,
            context: self.context,
        }
    }
}

macro_rules! forward {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(visitor)
        })*
    };
}

macro_rules! wrap {
    ($($method:ident($($name:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.visitor(visitor);
            self.inner.$method($($name,)* visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for WireDeserializer<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_unit deserialize_ignored_any
    }

    wrap! {
        deserialize_option() deserialize_seq() deserialize_map()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    // Enum variants are identified by name. Derived code also accepts an index, if a parser offers it.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_identifier(NameVisitor(visitor))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.visitor(visitor);
        match self.context.attachments {
            Some(attachments) if !attachments.is_empty() => {
                self.inner.deserialize_any(AnyVisitor(visitor))
            }
            _ => self.inner.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.context.attachments {
            Some(attachments) => self.inner.deserialize_any(PlaceholderVisitor {
                visitor,
                attachments,
            }),
            None => self.inner.deserialize_bytes(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    // As in the serializer, text stays text under MessagePack.
    fn is_human_readable(&self) -> bool {
        true
    }
}

/// Accepts text only.
struct NameVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for NameVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<V::Value, E> {
        self.0.visit_str(name)
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<V::Value, E> {
        self.0.visit_borrowed_str(name)
    }
}

/// Passes scalars on, and wraps values that have nested values.
struct WireVisitor<'c, V> {
    visitor: V,
    context: Context<'c>,
}

impl<V> WireVisitor<'_, V> {
    fn into_visitor(self) -> V {
        self.visitor
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for WireVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    visit_scalars!();

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(WireDeserializer {
            inner,
            context: self.context,
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(WireDeserializer {
            inner,
            context: self.context,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(WireSeq {
            inner,
            context: self.context,
            index: 0,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(WireMap {
            inner,
            context: self.context,
            read: Entries::new(),
            value: None,
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(WireEnum {
            inner,
            context: self.context,
        })
    }
}

struct WireSeq<'c, A> {
    inner: A,
    context: Context<'c>,
    index: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for WireSeq<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let context = self.context;
        if let Some(path) = context.path {
            path.push(Step::Index(self.index));
        }
        self.index += 1;
        let element = self.inner.next_element_seed(WireSeed { seed, context })?;
        // Only on success: after an error, the path shows its location.
        if let Some(path) = context.path {
            path.pop();
        }
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

struct WireMap<'c, A> {
    inner: A,
    context: Context<'c>,
    /// Entries that were read to find out that the map is not a placeholder.
    read: Entries,
    /// Value of the last key taken from `read`.
    value: Option<Value>,
}

/// First keys of a map, each with its value if that was also read.
type Entries = VecDeque<(String, Option<Value>)>;

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WireMap<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let context = self.context;
        if let Some(path) = context.path {
            path.push(Step::Key("(key)".to_owned()));
        }
        let seed = KeySeed { seed, context };
        let key = match self.read.pop_front() {
            Some((key, value)) => {
                self.value = value;
                seed.deserialize(StringDeserializer::new(key)).map(Some)
            }
            None => self.inner.next_key_seed(seed),
        }?;
        if key.is_none()
            && let Some(path) = context.path
        {
            path.pop();
        }
        Ok(key)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let context = self.context;
        let seed = WireSeed { seed, context };
        let value = match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(A::Error::custom),
            None => self.inner.next_value_seed(seed),
        }?;
        if let Some(path) = context.path {
            path.pop();
        }
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

struct WireEnum<'c, A> {
    inner: A,
    context: Context<'c>,
}

impl<'de, 'c, A: EnumAccess<'de>> EnumAccess<'de> for WireEnum<'c, A> {
    type Error = A::Error;
    type Variant = WireVariant<'c, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let context = self.context;
        let (value, inner) = self.inner.variant_seed(WireSeed { seed, context })?;
        Ok((value, WireVariant { inner, context }))
    }
}

struct WireVariant<'c, A> {
    inner: A,
    context: Context<'c>,
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for WireVariant<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let context = self.context;
        self.inner.newtype_variant_seed(WireSeed { seed, context })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let context = self.context;
        self.inner
            .tuple_variant(len, WireVisitor { visitor, context })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let context = self.context;
        self.inner
            .struct_variant(fields, WireVisitor { visitor, context })
    }
}
