//! Map keys, which are strings on the wire, whatever their Rust type is.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::de::{DeserializeSeed, Deserializer, Error, Unexpected, Visitor};

use super::{Context, path::Path};

/// Reads a map key. JSON and JavaScript only have string keys, whatever the Rust type of the key is.
pub(super) struct KeySeed<'c, S> {
    pub(super) seed: S,
    pub(super) context: Context<'c>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(KeyDeserializer {
            inner,
            context: self.context,
        })
    }
}

struct KeyDeserializer<'c, D> {
    inner: D,
    context: Context<'c>,
}

macro_rules! parse_key {
    ($($method:ident $visit:ident $type:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            let key = self.inner.deserialize_any(ParsedKey::<$type>(PhantomData))?;
            visitor.$visit(key)
        })*
    };
}

impl<'de, 'c, D: Deserializer<'de>> Deserializer<'de> for KeyDeserializer<'c, D> {
    type Error = D::Error;

    parse_key! {
        deserialize_bool visit_bool bool;
        deserialize_i8 visit_i8 i8; deserialize_i16 visit_i16 i16; deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64; deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8; deserialize_u16 visit_u16 u16; deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64; deserialize_u128 visit_u128 u128;
        deserialize_f32 visit_f32 f32; deserialize_f64 visit_f64 f64;
    }

    serde::forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct seq tuple tuple_struct map struct ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(KeyVisitor {
            visitor,
            path: self.context.path,
        })
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_str(KeyVisitor {
            visitor,
            path: self.context.path,
        })
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn is_human_readable(&self) -> bool {
        true
    }
}

/// Passes the key on and records it in the path.
struct KeyVisitor<'c, V> {
    visitor: V,
    path: Option<&'c Path>,
}

impl<V> KeyVisitor<'_, V> {
    fn note(&self, key: &str) {
        if let Some(path) = self.path {
            path.rename_last(key);
        }
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for KeyVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<V::Value, E> {
        self.note(key);
        self.visitor.visit_str(key)
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<V::Value, E> {
        self.note(key);
        self.visitor.visit_borrowed_str(key)
    }

    fn visit_string<E: Error>(self, key: String) -> Result<V::Value, E> {
        self.note(&key);
        self.visitor.visit_string(key)
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<V::Value, E> {
        self.visit_string(key.to_string())
    }

    fn visit_i64<E: Error>(self, key: i64) -> Result<V::Value, E> {
        self.visit_string(key.to_string())
    }
}

struct ParsedKey<T>(PhantomData<T>);

impl<T: FromStr> Visitor<'_> for ParsedKey<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a key of type {}", std::any::type_name::<T>())
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<T, E> {
        key.parse()
            .map_err(|_| E::invalid_value(Unexpected::Str(key), &self))
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<T, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_i64<E: Error>(self, key: i64) -> Result<T, E> {
        self.visit_str(&key.to_string())
    }
}
