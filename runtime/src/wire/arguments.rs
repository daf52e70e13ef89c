//! Arguments of an event as a tuple. They are sent by reference, and received with the arity that JavaScript allows.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer, Serialize, Serializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor,
        value::Error as AbsenceError,
    },
    ser::SerializeTuple,
};

use super::{
    de::{Context, WireSeed},
    payload::Payload,
    ser::Wire,
    text::Json,
};

/// Arguments of one emit.
///
/// Their types are erased here, so that the code that sends them is compiled once and not for each event.
pub trait Arguments {
    /// Returns the number of arguments.
    fn count(&self) -> usize;
    /// Returns one argument; `None` if there are no more.
    fn get(&self, index: usize) -> Option<&dyn Argument>;
}

/// Argument of an emit. JSON, the most common encoding, is written directly by `serde_json`, at its full speed. All
/// other encodings use the generic serializer.
pub trait Argument {
    #[doc(hidden)]
    fn write_json(&self, json: &mut Json<'_>) -> serde_json::Result<()>;
    #[doc(hidden)]
    fn erased(&self) -> &dyn erased_serde::Serialize;
}

impl<T: Serialize> Argument for T {
    fn write_json(&self, json: &mut Json<'_>) -> serde_json::Result<()> {
        json.write(&Wire(self))
    }

    fn erased(&self) -> &dyn erased_serde::Serialize {
        self
    }
}

/// Payload that the parsers spread over several arguments, because it serializes as a tuple.
pub(crate) struct Outgoing<A>(pub(crate) A);

impl<A: Arguments + ?Sized> Arguments for &A {
    fn count(&self) -> usize {
        (**self).count()
    }

    fn get(&self, index: usize) -> Option<&dyn Argument> {
        (**self).get(index)
    }
}

impl<A: Arguments + ?Sized> Arguments for Box<A> {
    fn count(&self) -> usize {
        (**self).count()
    }

    fn get(&self, index: usize) -> Option<&dyn Argument> {
        (**self).get(index)
    }
}

/// Returns the arguments in the form in which they are sent.
pub(super) fn outgoing(arguments: &dyn Arguments) -> impl Iterator<Item = impl Serialize> {
    (0..).map_while(|index| arguments.get(index).map(|argument| Wire(argument.erased())))
}

impl<A: Arguments> Serialize for Outgoing<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.count())?;
        for argument in outgoing(&self.0) {
            tuple.serialize_element(&argument)?;
        }
        tuple.end()
    }
}

/// Arguments of one received event.
///
/// A missing trailing argument is `None` if its type is an `Option`. More arguments than declared are ignored, as in a
/// Node handler.
pub trait FromArguments: Sized {
    #[doc(hidden)]
    fn read<'de, S: SeqAccess<'de>>(arguments: ReadArguments<'_, S>) -> Result<Self, S::Error>;
}

/// Position in the sequence of received arguments.
#[doc(hidden)]
pub struct ReadArguments<'c, S> {
    sequence: S,
    context: Context<'c>,
    index: &'c mut usize,
    most: usize,
}

impl<S> ReadArguments<'_, S> {
    fn next<'de, T: DeserializeOwned>(&mut self) -> Result<T, S::Error>
    where
        S: SeqAccess<'de>,
    {
        let context = self.context;
        let argument = self.sequence.next_element_seed(WireSeed {
            seed: PhantomData::<T>,
            context,
        })?;
        match argument {
            Some(argument) => {
                *self.index += 1;
                Ok(argument)
            }
            None => {
                let value = absent().map_err(S::Error::custom)?;
                *self.index += 1;
                Ok(value)
            }
        }
    }

    fn finish<'de>(mut self) -> Result<(), S::Error>
    where
        S: SeqAccess<'de>,
    {
        let mut count = *self.index;
        while self.sequence.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
            if count > self.most {
                let message = format_args!("too many arguments (limit {})", self.most);
                return Err(S::Error::custom(message));
            }
        }
        Ok(())
    }
}

/// Decodes an argument that was not sent.
pub(crate) fn absent<T: DeserializeOwned>() -> Result<T, AbsenceError> {
    T::deserialize(Absent)
}

/// Deserializer of an argument that was not sent, from which only an `Option` can be read.
struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = AbsenceError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, AbsenceError> {
        Err(AbsenceError::custom("missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, AbsenceError> {
        visitor.visit_none()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Reads a whole argument list of type `A`.
pub(super) struct ArgumentsSeed<'c, A> {
    pub(super) context: Context<'c>,
    pub(super) names: &'c [&'static str],
    /// Number of arguments that were read before the end or an error.
    pub(super) index: &'c mut usize,
    pub(super) skip_event: bool,
    /// Maximum number of arguments.
    pub(super) most: usize,
    pub(super) arguments: PhantomData<A>,
}

impl<'de, A: FromArguments> DeserializeSeed<'de> for ArgumentsSeed<'_, A> {
    type Value = A;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<A, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, A: FromArguments> Visitor<'de> for ArgumentsSeed<'_, A> {
    type Value = A;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of arguments {:?}", self.names)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<A, S::Error> {
        if self.skip_event && sequence.next_element::<IgnoredAny>()?.is_none() {
            return Err(S::Error::custom("missing event name"));
        }
        A::read(ReadArguments {
            sequence,
            context: self.context,
            index: self.index,
            most: self.most,
        })
    }
}

macro_rules! tuples {
    ($($count:literal ($($type:ident $index:tt)*);)*) => {$(
        impl<$($type: Serialize),*> Arguments for ($($type,)*) {
            fn count(&self) -> usize {
                $count
            }

            fn get(&self, index: usize) -> Option<&dyn Argument> {
                match index {
                    $($index => Some(&self.$index),)*
                    _ => None,
                }
            }
        }

        impl<$($type: Payload),*> FromArguments for ($($type,)*) {
            #[allow(unused_mut, clippy::unused_unit, reason = "of no arguments none is read")]
            fn read<'de, S: SeqAccess<'de>>(mut arguments: ReadArguments<'_, S>) -> Result<Self, S::Error> {
                let tuple = ($(arguments.next::<$type>()?,)*);
                arguments.finish()?;
                Ok(tuple)
            }
        }
    )*};
}

tuples! {
    0 ();
    1 (A 0);
    2 (A 0 B 1);
    3 (A 0 B 1 C 2);
    4 (A 0 B 1 C 2 D 3);
    5 (A 0 B 1 C 2 D 3 E 4);
    6 (A 0 B 1 C 2 D 3 E 4 F 5);
    7 (A 0 B 1 C 2 D 3 E 4 F 5 G 6);
    8 (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
    9 (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
    10 (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
    11 (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
    12 (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);
}

/// Single argument of any type, for internal values such as an acknowledgement's envelope.
pub(crate) struct One<T>(pub(crate) T);

impl<T: Serialize> Arguments for One<T> {
    fn count(&self) -> usize {
        1
    }

    fn get(&self, index: usize) -> Option<&dyn Argument> {
        (index == 0).then_some(&self.0)
    }
}

impl<T: DeserializeOwned> FromArguments for One<T> {
    fn read<'de, S: SeqAccess<'de>>(mut arguments: ReadArguments<'_, S>) -> Result<Self, S::Error> {
        let one = arguments.next::<T>()?;
        arguments.finish()?;
        Ok(Self(one))
    }
}

/// All arguments, of one type.
#[cfg(feature = "testing")]
pub(crate) struct All<T>(pub(crate) Vec<T>);

#[cfg(feature = "testing")]
impl<T: DeserializeOwned> FromArguments for All<T> {
    fn read<'de, S: SeqAccess<'de>>(mut arguments: ReadArguments<'_, S>) -> Result<Self, S::Error> {
        let context = arguments.context;
        let mut all = Vec::new();
        while let Some(argument) = arguments.sequence.next_element_seed(WireSeed {
            seed: PhantomData::<T>,
            context,
        })? {
            all.push(argument);
        }
        Ok(Self(all))
    }
}

/// Arguments of an emitter, owned or borrowed.
pub mod arg {
    use std::{borrow::Borrow, marker::PhantomData};

    use serde::{Serialize, Serializer};

    use crate::wire::payload::Payload;

    /// Argument that is or borrows a `T`.
    pub struct Borrowed<T, B>(B, PhantomData<fn() -> T>);

    /// Argument for a `String`: any text.
    pub struct Text<S>(S);

    /// Argument for a `Vec<T>`: any slice.
    pub struct Slice<T, S>(S, PhantomData<fn() -> T>);

    /// Argument given by value.
    pub struct Value<T>(T);

    /// Accepts `T` or `&T`.
    pub fn borrowed<T, B: Borrow<T>>(argument: B) -> Borrowed<T, B> {
        Borrowed(argument, PhantomData)
    }

    /// Accepts `String`, `&str` and similar types.
    pub fn text<S: AsRef<str>>(argument: S) -> Text<S> {
        Text(argument)
    }

    /// Accepts `Vec<T>`, `&[T]`, `[T; N]` and similar types.
    pub fn slice<T, S: AsRef<[T]>>(argument: S) -> Slice<T, S> {
        Slice(argument, PhantomData)
    }

    /// Accepts the value itself.
    pub fn value<T>(argument: T) -> Value<T> {
        Value(argument)
    }

    impl<T: Payload, B: Borrow<T>> Serialize for Borrowed<T, B> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.borrow().serialize(serializer)
        }
    }

    impl<T: AsRef<str>> Serialize for Text<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.0.as_ref())
        }
    }

    impl<T: Payload, A: AsRef<[T]>> Serialize for Slice<T, A> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.as_ref().serialize(serializer)
        }
    }

    impl<T: Payload> Serialize for Value<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }
}
