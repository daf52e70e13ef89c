//! A deserializer in front of the format's own: finds the attachments behind Socket.IO's placeholders wherever they
//! stand, reads map keys as JavaScript writes them, and can tell where in the payload a mistake is.

use std::{cell::RefCell, collections::VecDeque, fmt, str::FromStr};

use bytes::Bytes;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor, value::StringDeserializer,
};

/// What every nested deserializer shares.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    /// The binary attachments of a JSON packet; `None` where the format carries bytes itself.
    pub(super) attachments: Option<&'c VecDeque<Bytes>>,
    /// Follows the path to the value being read; only while a failed message is read for its error.
    pub(super) path: Option<&'c Path>,
}

/// The way from an argument to the value being read.
#[derive(Default)]
pub(super) struct Path(RefCell<Vec<Step>>);

enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    fn push(&self, step: Step) {
        self.0.borrow_mut().push(step);
    }

    fn pop(&self) {
        self.0.borrow_mut().pop();
    }

    fn rename_last(&self, key: &str) {
        if let Some(last) = self.0.borrow_mut().last_mut() {
            *last = Step::Key(key.to_owned());
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.0.borrow().iter() {
            match step {
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A value on its way in.
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
        deserialize_unit deserialize_ignored_any deserialize_identifier
    }

    wrap! {
        deserialize_option() deserialize_seq() deserialize_map()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
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

    // See the serializer: text stays text under MessagePack.
    fn is_human_readable(&self) -> bool {
        true
    }
}

/// Passes scalars on and wraps whatever has values inside.
struct WireVisitor<'c, V> {
    visitor: V,
    context: Context<'c>,
}

impl<V> WireVisitor<'_, V> {
    fn into_visitor(self) -> V {
        self.visitor
    }
}

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
            first_key: None,
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
        // Only on success: after an error the path shows where it happened.
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
    /// The first key, where it had to be read to know that the map is no placeholder.
    first_key: Option<String>,
}

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
        let key = match self.first_key.take() {
            Some(key) => seed.deserialize(StringDeserializer::new(key)).map(Some),
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
        let value = self.inner.next_value_seed(WireSeed { seed, context })?;
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

/// `{"_placeholder": true, "num": n}`, which stands for the n-th attachment
/// (<https://socket.io/docs/v4/socket-io-protocol/#packet-encoding>).
struct PlaceholderVisitor<'c, V> {
    visitor: V,
    attachments: &'c VecDeque<Bytes>,
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
struct AnyVisitor<'c, V>(WireVisitor<'c, V>);

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

/// Reads a map key: JSON and JavaScript have only strings, whatever the key's type is in Rust.
struct KeySeed<'c, S> {
    seed: S,
    context: Context<'c>,
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
            let key = self.inner.deserialize_any(ParsedKey::<$type>(std::marker::PhantomData))?;
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

/// Hands the key on and notes it for the path.
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

struct ParsedKey<T>(std::marker::PhantomData<T>);

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
