//! The arguments of an event, as a tuple: out by reference, in with the arity that JavaScript allows.

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

/// The arguments of one emit.
///
/// From here on their types are erased: what sends them is compiled once, and not for each event.
pub trait Arguments {
    /// How many there are.
    fn count(&self) -> usize;
    /// One of them; `None` where there are no more.
    fn get(&self, index: usize) -> Option<&dyn Argument>;
}

/// One argument of an emit: as JSON, which is what most of them become, by `serde_json` at its full speed; as anything
/// else by what serialises every type.
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

/// Arguments as a payload that the parsers spread: they look for a tuple.
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

/// The arguments as they go out, one after the other.
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

/// The arguments of one received event.
///
/// A missing trailing argument is `None` where the type is an `Option`; more arguments than declared are ignored, as
/// a Node handler ignores them.
pub trait FromArguments: Sized {
    #[doc(hidden)]
    fn read<'de, S: SeqAccess<'de>>(arguments: ReadArguments<'_, S>) -> Result<Self, S::Error>;
}

/// A position in the sequence of received arguments.
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
                let message = format_args!("there are more than {} arguments", self.most);
                return Err(S::Error::custom(message));
            }
        }
        Ok(())
    }
}

/// An argument that was not sent.
pub(crate) fn absent<T: DeserializeOwned>() -> Result<T, AbsenceError> {
    T::deserialize(Absent)
}

/// What stands for an argument that was not sent: nothing but an `Option` can be read from it.
struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = AbsenceError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, AbsenceError> {
        Err(AbsenceError::custom("it is missing"))
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
    /// How many arguments were read before the end or a mistake.
    pub(super) index: &'c mut usize,
    pub(super) skip_event: bool,
    /// How many arguments there may be.
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
        write!(formatter, "the arguments {:?}", self.names)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<A, S::Error> {
        if self.skip_event && sequence.next_element::<IgnoredAny>()?.is_none() {
            return Err(S::Error::custom("the event's name is missing"));
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

/// A single argument of any type: for what is no payload of the user's, such as an acknowledgement's envelope.
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

/// All arguments that there are, of one type.
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

/// One argument of an emitter, which may be owned or borrowed.
pub mod arg {
    use std::{borrow::Borrow, marker::PhantomData};

    use serde::{Serialize, Serializer};

    use crate::wire::payload::Payload;

    /// An argument that is or borrows a `T`.
    pub struct Borrowed<T, B>(B, PhantomData<fn() -> T>);

    /// An argument for a `String`: anything that is text.
    pub struct Text<S>(S);

    /// An argument for a `Vec<T>`: anything that is a slice.
    pub struct Slice<T, S>(S, PhantomData<fn() -> T>);

    /// An argument given by value.
    pub struct Value<T>(T);

    /// Takes `T` or `&T`.
    pub fn borrowed<T, B: Borrow<T>>(argument: B) -> Borrowed<T, B> {
        Borrowed(argument, PhantomData)
    }

    /// Takes `String`, `&str` and their like.
    pub fn text<S: AsRef<str>>(argument: S) -> Text<S> {
        Text(argument)
    }

    /// Takes `Vec<T>`, `&[T]`, `[T; N]` and their like.
    pub fn slice<T, S: AsRef<[T]>>(argument: S) -> Slice<T, S> {
        Slice(argument, PhantomData)
    }

    /// Takes the value itself.
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
