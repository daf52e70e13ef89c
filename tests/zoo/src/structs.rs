//! Structs, with every serde attribute that changes their shape.

use std::{collections::BTreeMap, marker::PhantomData};

use arbitrary::Arbitrary;
use sio_types::payload;
use ts_rs::TS;

fn is_zero(value: &u32) -> bool {
    *value == 0
}

fn seven() -> u32 {
    7
}

/// Named fields.
#[payload]
#[derive(Arbitrary, TS, Clone, Default)]
pub struct Named {
    /// One.
    pub one: u8,
    pub two: String,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Empty {}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Unit;

#[payload]
#[derive(Arbitrary, TS, Clone)]
pub struct Newtype(pub String);

#[payload]
#[derive(Arbitrary, TS)]
pub struct NewtypeOfStruct(pub Named);

#[payload]
#[derive(Arbitrary, TS)]
pub struct NewtypeOfOption(pub Option<u8>);

#[payload]
#[derive(Arbitrary, TS)]
pub struct NewtypeOfNewtype(pub Newtype);

#[payload]
#[derive(Arbitrary, TS)]
pub struct Pair(pub u8, pub String);

#[payload]
#[derive(Arbitrary, TS)]
pub struct PairOfOptions(pub Option<u8>, pub Option<Named>);

#[payload]
#[derive(Arbitrary, TS)]
#[serde(transparent)]
pub struct Transparent {
    pub inner: Named,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(rename_all = "camelCase")]
pub struct Camel {
    pub first_name: String,
    #[serde(rename = "LAST")]
    pub last_name: String,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Kebab {
    pub first_name: String,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"))]
pub struct SplitCase {
    pub first_name: String,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct SplitRename {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    pub value: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct OddNames {
    #[serde(rename = "with space")]
    pub space: u8,
    #[serde(rename = "quo\"te")]
    pub quote: u8,
    #[serde(rename = "class")]
    pub keyword: u8,
    #[serde(rename = "1st")]
    pub digit: u8,
    #[serde(rename = "ü")]
    pub umlaut: u8,
    #[serde(rename = "")]
    pub nothing: u8,
    #[serde(rename = "__proto__x")]
    pub proto: u8,
    pub r#type: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Optional {
    pub value: Option<u8>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct SkippedIfNone {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<u8>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct SkippedIfZero {
    #[serde(default, skip_serializing_if = "is_zero")]
    pub value: u32,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct SkippedWithoutDefault {
    #[serde(skip_serializing_if = "is_zero")]
    pub value: u32,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Defaulted {
    #[serde(default)]
    pub value: u32,
    #[serde(default = "seven")]
    pub seven: u32,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(default)]
#[derive(Default)]
pub struct DefaultedContainer {
    pub value: u32,
    pub named: Named,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Skipped {
    pub value: u8,
    #[serde(skip)]
    pub hidden: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct SkippedOut {
    pub value: u8,
    #[serde(skip_serializing)]
    pub secret: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct SkippedIn {
    pub value: u8,
    #[serde(skip_deserializing)]
    pub computed: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Flattened {
    pub id: u8,
    #[serde(flatten)]
    pub named: Named,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct FlattenedTwice {
    #[serde(flatten)]
    pub first: Flattened,
    #[serde(flatten)]
    pub second: Camel,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct FlattenedOption {
    pub id: u8,
    #[serde(flatten)]
    pub named: Option<Named>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct FlattenedMap {
    pub id: String,
    #[serde(flatten)]
    pub rest: BTreeMap<String, String>,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(deny_unknown_fields)]
pub struct Strict {
    pub value: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "type")]
pub struct Tagged {
    pub value: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "type", rename = "renamed")]
pub struct TaggedRenamed {
    pub value: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Aliased {
    #[serde(alias = "old")]
    pub value: u8,
}

#[payload]
#[derive(Arbitrary, TS, Clone)]
pub struct Recursive {
    pub value: u8,
    pub children: Vec<Recursive>,
    pub next: Option<Box<Recursive>>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<u32>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Both<A, B> {
    pub a: A,
    pub b: B,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Phantom {
    pub value: u8,
    pub marker: PhantomData<u8>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Nested {
    pub named: Named,
    pub list: Vec<Named>,
    pub map: BTreeMap<String, Named>,
    pub optional: Option<Named>,
    pub tuple: (Named, u8),
    pub defaulted: Defaulted,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(from = "Shadow", into = "Shadow")]
#[derive(Clone)]
pub struct Converted {
    pub sum: u32,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Shadow {
    pub left: u32,
    pub right: u32,
}

impl From<Shadow> for Converted {
    fn from(shadow: Shadow) -> Self {
        Self {
            sum: shadow.left.wrapping_add(shadow.right),
        }
    }
}

impl From<Converted> for Shadow {
    fn from(converted: Converted) -> Self {
        Self {
            left: converted.sum,
            right: 0,
        }
    }
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(try_from = "String", into = "String")]
#[derive(Clone)]
pub struct Parsed(pub u8);

impl TryFrom<String> for Parsed {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Parsed> for String {
    fn from(parsed: Parsed) -> Self {
        parsed.0.to_string()
    }
}

/// Docs with `*/` and "quotes", and a
/// second line.
#[payload]
#[derive(Arbitrary, TS)]
#[deprecated(note = "not used")]
pub struct Documented {
    /// Ends */ here.
    pub value: u8,
    /// Old.
    #[deprecated]
    pub old: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(rename = "ForAnotherName")]
pub struct Renamed {
    pub value: u8,
}

#[payload]
#[derive(Arbitrary)]
pub struct Large {
    #[payload(bigint = "string")]
    pub id: u64,
    #[payload(bigint = "string")]
    pub maybe: Option<i64>,
    #[payload(bigint = "string")]
    pub many: Vec<u128>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct TupleWithDefault(pub u8, #[serde(default)] pub u8);

#[payload]
#[derive(Arbitrary, TS, Default)]
#[serde(default)]
pub struct TupleOfDefaults(pub u8, pub Named);

#[payload]
#[derive(Arbitrary, TS)]
pub struct TupleWithSkipped(pub u8, #[serde(skip)] pub u8, pub String);

#[payload]
#[derive(Arbitrary, TS)]
pub struct FlattenedTagged {
    pub id: u8,
    #[serde(flatten)]
    pub tagged: Tagged,
}

/// Custom conversions.
pub mod hex {
    use sio_types::__private::serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{value:x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

#[payload]
#[derive(Arbitrary)]
pub struct Converting {
    #[serde(with = "hex")]
    #[payload(wire = "String")]
    pub both: u32,
    #[serde(serialize_with = "hex::serialize")]
    #[payload(sent = "String")]
    pub sent: u32,
    #[serde(deserialize_with = "hex::deserialize")]
    #[payload(accepted = "String")]
    pub accepted: u32,
    #[serde(with = "hex", default)]
    #[schemars(with = "String")]
    pub defaulted: u32,
    #[serde(with = "hex", default, skip_serializing_if = "is_zero")]
    #[payload(wire = "String")]
    pub skipped: u32,
    #[payload(bigint = "string")]
    #[serde(default)]
    pub large: u64,
}

#[payload]
#[derive(Arbitrary, Default)]
#[serde(default)]
pub struct ConvertingWithDefaults {
    #[serde(with = "hex")]
    #[payload(wire = "String")]
    pub converted: u32,
    pub plain: u32,
    #[serde(serialize_with = "hex::serialize")]
    #[payload(sent = "String")]
    pub sent: u32,
}

fn named() -> Named {
    Named {
        one: 1,
        two: "x".into(),
    }
}

fn flattened() -> Flattened {
    Flattened {
        id: 1,
        named: named(),
    }
}

fn camel() -> Camel {
    Camel {
        first_name: "a".into(),
        last_name: "b".into(),
    }
}

fn leaf() -> Recursive {
    Recursive {
        value: 1,
        children: vec![],
        next: None,
    }
}

crate::specimens_of! { Structs "/structs"
    named: Named = [named()] accepts ["{\"one\":1,\"two\":\"y\"}"] refuses ["{\"one\":1}", "{\"one\":\"1\",\"two\":\"y\"}", "null"];
    empty: Empty = [Empty {}] accepts ["{}"] refuses ["1", "null"];
    unit: Unit = [Unit] accepts ["null"] refuses ["{}", "1"];
    newtype: Newtype = [Newtype("x".into())] accepts ["\"y\""] refuses ["[\"y\"]", "1"];
    newtype_of_struct: NewtypeOfStruct = [NewtypeOfStruct(named())] accepts ["{\"one\":1,\"two\":\"\"}"] refuses ["[]"];
    newtype_of_option: NewtypeOfOption = [NewtypeOfOption(None), NewtypeOfOption(Some(1))] accepts ["null"] refuses ["\"x\""];
    newtype_of_newtype: NewtypeOfNewtype = [NewtypeOfNewtype(Newtype("x".into()))] accepts ["\"y\""] refuses ["1"];
    pair: Pair = [Pair(1, "x".into())] accepts ["[1,\"y\"]"] refuses ["[1]", "{}"];
    pair_of_options: PairOfOptions = [PairOfOptions(None, Some(named()))] accepts ["[null,null]"] refuses ["[null]"];
    transparent: Transparent = [Transparent { inner: named() }] accepts ["{\"one\":1,\"two\":\"\"}"] refuses ["{\"inner\":{}}"];
    camel: Camel = [camel()] accepts ["{\"firstName\":\"\",\"LAST\":\"\"}"] refuses ["{\"first_name\":\"\",\"LAST\":\"\"}"];
    kebab: Kebab = [Kebab { first_name: "x".into() }] accepts ["{\"first-name\":\"\"}"] refuses ["{\"firstName\":\"\"}"];
    split_case: SplitCase = [SplitCase { first_name: "x".into() }] accepts ["{\"first_name\":\"\"}"] refuses ["{\"firstName\":\"\"}"];
    split_rename: SplitRename = [SplitRename { value: 1 }] accepts ["{\"in\":1}"] refuses ["{\"out\":1}"];
    odd_names: OddNames = [OddNames { space: 1, quote: 1, keyword: 1, digit: 1, umlaut: 1, nothing: 1, proto: 1, r#type: 1 }]
        accepts [] refuses ["{}"];
    optional: Optional = [Optional { value: None }, Optional { value: Some(1) }] accepts ["{}", "{\"value\":null}", "{\"value\":1}"]
        refuses ["{\"value\":\"x\"}"];
    skipped_if_none: SkippedIfNone = [SkippedIfNone { value: None }, SkippedIfNone { value: Some(1) }]
        accepts ["{}", "{\"value\":null}"] refuses ["{\"value\":\"x\"}"];
    skipped_if_zero: SkippedIfZero = [SkippedIfZero { value: 0 }, SkippedIfZero { value: 1 }] accepts ["{}", "{\"value\":1}"]
        refuses ["{\"value\":null}"];
    skipped_without_default: SkippedWithoutDefault = [SkippedWithoutDefault { value: 0 }, SkippedWithoutDefault { value: 1 }]
        accepts ["{\"value\":1}"] refuses ["{}"];
    defaulted: Defaulted = [Defaulted { value: 1, seven: 1 }] accepts ["{}", "{\"value\":1}"] refuses ["{\"value\":null}"];
    defaulted_container: DefaultedContainer = [DefaultedContainer::default()] accepts ["{}", "{\"value\":1}"]
        refuses ["{\"named\":{}}", "{\"value\":null}"];
    skipped: Skipped = [Skipped { value: 1, hidden: 1 }] accepts ["{\"value\":1}"] refuses ["{}"];
    skipped_out: SkippedOut = [SkippedOut { value: 1, secret: 1 }] accepts ["{\"value\":1,\"secret\":1}"] refuses ["{\"value\":1}"];
    skipped_in: SkippedIn = [SkippedIn { value: 1, computed: 1 }] accepts ["{\"value\":1}"] refuses ["{}"];
    flattened: Flattened = [flattened()] accepts ["{\"id\":1,\"one\":1,\"two\":\"\"}"] refuses ["{\"id\":1}", "{\"id\":1,\"named\":{}}"];
    flattened_twice: FlattenedTwice = [FlattenedTwice { first: flattened(), second: camel() }]
        accepts ["{\"id\":1,\"one\":1,\"two\":\"\",\"firstName\":\"\",\"LAST\":\"\"}"] refuses ["{\"id\":1,\"one\":1,\"two\":\"\"}"];
    flattened_option: FlattenedOption = [FlattenedOption { id: 1, named: None }, FlattenedOption { id: 1, named: Some(named()) }]
        accepts ["{\"id\":1}", "{\"id\":1,\"one\":1,\"two\":\"\"}"] refuses ["{}"];
    flattened_map: FlattenedMap = [FlattenedMap { id: "x".into(), rest: BTreeMap::from([("a".into(), "b".into())]) }]
        accepts ["{\"id\":\"\",\"x\":\"y\"}"] refuses ["{}", "{\"id\":\"\",\"x\":1}"];
    strict: Strict = [Strict { value: 1 }] accepts ["{\"value\":1}"] refuses ["{\"value\":1,\"more\":1}"];
    tagged: Tagged = [Tagged { value: 1 }] accepts ["{\"type\":\"Tagged\",\"value\":1}"] refuses ["{\"type\":\"Tagged\"}"];
    tagged_renamed: TaggedRenamed = [TaggedRenamed { value: 1 }] accepts ["{\"type\":\"renamed\",\"value\":1}"] refuses ["{}"];
    aliased: Aliased = [Aliased { value: 1 }] accepts ["{\"value\":1}"] refuses ["{}"];
    recursive: Recursive = [leaf(), Recursive { value: 1, children: vec![leaf()], next: Some(Box::new(leaf())) }]
        accepts ["{\"value\":1,\"children\":[]}"] refuses ["{\"value\":1,\"children\":[{}]}"];
    page: Page<Named> = [Page { items: vec![named()], next: None }] accepts ["{\"items\":[]}"] refuses ["{\"items\":[1]}"];
    page_of_numbers: Page<u8> = [Page { items: vec![1], next: Some(1) }] accepts ["{\"items\":[]}"] refuses ["{\"items\":[{}]}"];
    page_of_pages: Page<Page<Named>> = [Page { items: vec![], next: None }] accepts ["{\"items\":[{\"items\":[]}]}"] refuses ["{\"items\":[1]}"];
    both: Both<Named, Newtype> = [Both { a: named(), b: Newtype("x".into()) }] accepts [] refuses ["{\"a\":1,\"b\":\"x\"}"];
    both_the_other_way: Both<u8, Option<Named>> = [Both { a: 1, b: None }] accepts ["{\"a\":1}"] refuses ["{\"b\":null}"];
    phantom: Phantom = [Phantom { value: 1, marker: PhantomData }] accepts [] refuses ["{}"];
    nested: Nested = [Nested {
        named: named(), list: vec![named()], map: BTreeMap::from([("k".into(), named())]), optional: None,
        tuple: (named(), 1), defaulted: Defaulted { value: 1, seven: 1 },
    }] accepts ["{\"named\":{\"one\":1,\"two\":\"\"},\"list\":[],\"map\":{},\"tuple\":[{\"one\":1,\"two\":\"\"},1],\"defaulted\":{}}"]
        refuses ["{\"named\":{},\"list\":[],\"map\":{},\"tuple\":[{\"one\":1,\"two\":\"\"},1],\"defaulted\":{}}"];
    converted: Converted = [Converted { sum: 3 }] accepts ["{\"left\":1,\"right\":2}"] refuses ["{\"sum\":3}"];
    parsed: Parsed = [Parsed(7)] accepts ["\"8\""] refuses ["8"];
    documented: Documented = [Documented { value: 1, old: 1 }] accepts ["{\"value\":1,\"old\":1}"] refuses ["{}"];
    renamed: Renamed = [Renamed { value: 1 }] accepts ["{\"value\":1}"] refuses ["{}"];
    large: Large = [Large { id: u64::MAX, maybe: Some(i64::MIN), many: vec![u128::MAX] }, Large { id: 1, maybe: None, many: vec![] }]
        accepts ["{\"id\":\"1\",\"many\":[]}", "{\"id\":\"1\",\"maybe\":null,\"many\":[\"2\"]}"]
        refuses ["{\"id\":1,\"many\":[]}", "{\"id\":\"1\",\"many\":[2]}"];
    tuple_with_default: TupleWithDefault = [TupleWithDefault(1, 2)] accepts ["[1]", "[1,2]"] refuses ["[]", "[1,null]"];
    tuple_of_defaults: TupleOfDefaults = [TupleOfDefaults::default()] accepts ["[]", "[1]"] refuses ["[null]", "{}"];
    tuple_with_skipped: TupleWithSkipped = [TupleWithSkipped(1, 2, "x".into())] accepts ["[1,\"y\"]"] refuses ["[1,2,\"y\"]"];
    flattened_tagged: FlattenedTagged = [FlattenedTagged { id: 1, tagged: Tagged { value: 1 } }]
        accepts ["{\"id\":1,\"type\":\"Tagged\",\"value\":1}"] refuses ["{\"id\":1}"];
    converting: Converting = [Converting { both: 255, sent: 255, accepted: 255, defaulted: 0, skipped: 0, large: 1 }]
        accepts ["{\"both\":\"ff\",\"sent\":255,\"accepted\":\"ff\"}"]
        refuses ["{\"both\":255,\"sent\":255,\"accepted\":\"ff\"}", "{\"both\":\"ff\",\"sent\":\"ff\",\"accepted\":\"ff\"}",
            "{\"both\":\"ff\",\"sent\":255,\"accepted\":255}"];
    converting_with_defaults: ConvertingWithDefaults = [ConvertingWithDefaults::default()]
        accepts ["{}", "{\"converted\":\"ff\",\"plain\":1,\"sent\":1}"] refuses ["{\"converted\":1}", "{\"sent\":\"ff\"}"];
    list_of_defaulted: Vec<Defaulted> = [vec![Defaulted { value: 1, seven: 1 }]] accepts ["[{}]"] refuses ["[1]"];
    map_of_optional: BTreeMap<String, Optional> = [BTreeMap::from([("x".into(), Optional { value: None })])]
        accepts ["{\"x\":{}}"] refuses ["{\"x\":{\"value\":\"\"}}"];
    pair_of_structs: (Named, Option<Named>) = [(named(), None)] accepts ["[{\"one\":1,\"two\":\"\"},null]"] refuses ["[{}]"];
}
