//! Enums, in every representation that serde has.

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use sio_types::payload;
use ts_rs::TS;

#[payload]
#[derive(Arbitrary, TS, Clone, Default)]
pub struct Point {
    pub x: u8,
    pub y: Option<u8>,
}

/// Variants without content.
#[payload]
#[derive(Arbitrary, TS, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// The first variant.
    Red,
    Green,
    #[serde(rename = "b l u e")]
    Blue,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Shouted {
    OneTwo,
    Three,
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum Single {
    Only,
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { x: u8, y: Option<u8> },
    Holding(Point),
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ExternalCamel {
    OneTwo,
    ThreeFour { five_six: u8 },
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "type")]
pub enum Internal {
    Unit,
    Struct { x: u8 },
    Holding(Point),
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum InternalCamel {
    OneTwo {
        three_four: u8,
    },
    #[serde(rename_all = "camelCase")]
    FiveSix {
        seven_eight: u8,
    },
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "t", content = "c")]
pub enum Adjacent {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { x: u8 },
    Optional(Option<u8>),
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(untagged)]
pub enum Untagged {
    Number(u32),
    Text(String),
    Point(Point),
    List(Vec<u8>),
    Nothing,
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum WithSkipped {
    Shown,
    #[serde(skip)]
    #[allow(dead_code)]
    Hidden,
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum OneWay {
    Always,
    #[serde(skip_deserializing)]
    OnlySent,
    #[serde(skip_serializing)]
    OnlyAccepted,
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum RenamedVariant {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    Variant,
    Other,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "op")]
pub enum DefaultedVariant {
    Set {
        #[serde(default)]
        value: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum Expression {
    Number(#[arbitrary(with = crate::plain::finite)] f64),
    Negated(Box<Expression>),
    Sum(Vec<Expression>),
    Product {
        left: Box<Expression>,
        right: Box<Expression>,
    },
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct WithFlattenedEnum {
    pub id: u8,
    #[serde(flatten)]
    pub what: Internal,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct WithFlattenedAdjacent {
    pub id: u8,
    #[serde(flatten)]
    pub what: Adjacent,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct WithFlattenedExternal {
    pub id: u8,
    #[serde(flatten)]
    pub what: Shapes,
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum Shapes {
    Circle { radius: u8 },
    Square(u8),
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum Generic<T> {
    Some(T),
    Nothing,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Holder {
    pub colour: Colour,
    pub maybe: Option<Colour>,
    pub external: External,
    pub untagged: Vec<Untagged>,
    pub by_colour: BTreeMap<Colour, u8>,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(into = "String", try_from = "String")]
#[derive(Clone)]
pub enum AsText {
    One,
    Two,
}

impl From<AsText> for String {
    fn from(text: AsText) -> Self {
        match text {
            AsText::One => "one".into(),
            AsText::Two => "two".into(),
        }
    }
}

impl TryFrom<String> for AsText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "one" => Ok(Self::One),
            "two" => Ok(Self::Two),
            _ => Err(format!("`{text}` is neither")),
        }
    }
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(rename_all = "lowercase")]
pub enum Fields {
    /// A variant with docs.
    Documented {
        /// A field with docs.
        field: u8,
    },
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum WithSkippedFields {
    Newtype(#[serde(skip)] u8),
    Tuple(u8, #[serde(skip)] u8, u8),
    Pair(#[serde(skip)] u8, u8),
    Struct {
        #[serde(skip)]
        hidden: u8,
        shown: u8,
    },
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "type")]
pub enum InternalWithSkippedFields {
    Newtype(#[serde(skip)] u8),
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "t", content = "c")]
pub enum AdjacentWithSkippedFields {
    Newtype(#[serde(skip)] u8),
    Tuple(#[serde(skip)] u8, u8),
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(untagged)]
pub enum UntaggedWithSkippedFields {
    Number(u8),
    Newtype(#[serde(skip)] String),
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum VariantWithDefault {
    Tuple(u8, #[serde(default)] u8),
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "t", content = "c")]
pub enum AdjacentWithDefault {
    Tuple(u8, #[serde(default)] u8),
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum WithOther {
    Known,
    #[serde(other)]
    Other,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "type")]
pub enum TaggedWithOther {
    Known {
        x: u8,
    },
    #[serde(other)]
    Other,
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum WithUntaggedVariant {
    Tagged(u8),
    #[serde(untagged)]
    Untagged(String),
}

#[payload]
#[derive(Arbitrary, TS)]
pub enum WithAlias {
    #[serde(alias = "old")]
    New,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "type")]
pub enum TaggedNewtypeOfUnit {
    Unit(super::structs::Unit),
    Point(Point),
    Map(BTreeMap<String, u8>),
    Shape(InternalCamel),
}

#[payload]
pub enum Never {}

#[payload]
pub struct WithNever {
    pub never: Option<Box<Never>>,
}

#[payload]
#[derive(Arbitrary)]
pub enum ConvertingVariant {
    #[serde(with = "super::structs::hex")]
    #[payload(wire = "String")]
    Hex(u32),
}

/// A type that can be the key of a map.
#[payload]
#[derive(Arbitrary, Clone, PartialEq, Eq, PartialOrd, Ord, TS)]
pub struct Key(pub String);

#[payload]
#[derive(Arbitrary, Clone, PartialEq, Eq, PartialOrd, Ord, TS)]
#[serde(rename_all = "kebab-case")]
pub enum KeyName {
    FirstName,
    #[serde(rename = "last name", alias = "surname")]
    LastName,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(
    tag = "t",
    content = "c",
    rename_all(serialize = "camelCase"),
    rename_all_fields(deserialize = "UPPERCASE")
)]
pub enum SplitEverywhere {
    OneTwo {
        three_four: u8,
        #[serde(default)]
        five: Option<u8>,
    },
    Unit(super::structs::Unit),
    Empty {},
    Nothing(),
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct WithTwoFlattenedEnums {
    #[serde(flatten)]
    pub first: Internal,
    #[serde(flatten)]
    pub second: Shapes,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub third: Option<Point2>,
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Point2 {
    pub left: u8,
    #[serde(default)]
    pub right: u8,
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(untagged)]
pub enum Overlapping {
    Both { a: u8, b: u8 },
    One { a: u8 },
    Maybe(Option<bool>),
    Pair(u8, u8),
}

#[payload]
#[derive(Arbitrary, TS)]
#[serde(tag = "type")]
pub enum Nesting {
    Leaf {
        value: u8,
    },
    Branch {
        children: Vec<Nesting>,
        name: Option<Key>,
    },
    Inner(Adjacent),
}

#[payload]
#[derive(Arbitrary, TS)]
pub struct Sized<T, const N: usize> {
    pub items: Vec<T>,
}

fn point() -> Point {
    Point { x: 1, y: None }
}

crate::specimens_of! { Enums "/enums"
    colour: Colour = [Colour::Red, Colour::Green, Colour::Blue] accepts ["\"b l u e\""] refuses ["\"Blue\"", "1", "null"];
    shouted: Shouted = [Shouted::OneTwo, Shouted::Three] accepts ["\"THREE\""] refuses ["\"OneTwo\""];
    single: Single = [Single::Only] accepts ["\"Only\""] refuses ["\"Other\""];
    external: External = [External::Unit, External::Newtype(1), External::Tuple(1, "x".into()),
        External::Struct { x: 1, y: None }, External::Holding(point())]
        accepts ["{\"Struct\":{\"x\":1}}", "{\"Holding\":{\"x\":1,\"y\":2}}"]
        refuses ["\"Newtype\"", "{\"Tuple\":[1]}", "{\"Other\":1}", "{\"Struct\":{}}", "{}"];
    external_camel: ExternalCamel = [ExternalCamel::OneTwo, ExternalCamel::ThreeFour { five_six: 1 }]
        accepts ["{\"threeFour\":{\"fiveSix\":1}}"] refuses ["{\"threeFour\":{\"five_six\":1}}"];
    internal: Internal = [Internal::Unit, Internal::Struct { x: 1 }, Internal::Holding(point())]
        accepts ["{\"type\":\"Holding\",\"x\":1}"] refuses ["{\"x\":1}", "{\"type\":\"Struct\"}", "\"Unit\""];
    internal_camel: InternalCamel = [InternalCamel::OneTwo { three_four: 1 }, InternalCamel::FiveSix { seven_eight: 1 }]
        accepts ["{\"kind\":\"fiveSix\",\"sevenEight\":1}"] refuses ["{\"kind\":\"oneTwo\",\"threeFour\":1}"];
    adjacent: Adjacent = [Adjacent::Unit, Adjacent::Newtype(1), Adjacent::Tuple(1, "x".into()), Adjacent::Struct { x: 1 },
        Adjacent::Optional(None)]
        accepts ["{\"t\":\"Unit\"}", "{\"t\":\"Struct\",\"c\":{\"x\":1}}"]
        refuses ["{\"t\":\"Newtype\"}", "{\"c\":1}", "{\"t\":\"Tuple\",\"c\":[1]}"];
    untagged: Untagged = [Untagged::Number(1), Untagged::Text("x".into()), Untagged::Point(point()), Untagged::List(vec![1]),
        Untagged::Nothing] accepts ["{\"x\":1}", "null"] refuses ["true", "{\"y\":1}", "[\"x\"]"];
    with_skipped: WithSkipped = [WithSkipped::Shown] accepts ["\"Shown\""] refuses ["\"Hidden\""];
    one_way: OneWay = [OneWay::Always, OneWay::OnlySent] accepts ["\"OnlyAccepted\""] refuses ["\"OnlySent\""];
    renamed_variant: RenamedVariant = [RenamedVariant::Variant, RenamedVariant::Other] accepts ["\"in\""] refuses ["\"out\""];
    defaulted_variant: DefaultedVariant = [DefaultedVariant::Set { value: 1, note: None }, DefaultedVariant::Set { value: 1, note: Some("x".into()) }]
        accepts ["{\"op\":\"Set\"}", "{\"op\":\"Set\",\"note\":null}"] refuses ["{\"op\":\"Set\",\"value\":null}", "{}"];
    expression: Expression = [Expression::Number(0.5), Expression::Negated(Box::new(Expression::Sum(vec![Expression::Number(1.0)]))),
        Expression::Product { left: Box::new(Expression::Number(1.0)), right: Box::new(Expression::Number(2.0)) }]
        accepts ["{\"Sum\":[]}"] refuses ["{\"Sum\":[1]}", "{\"Product\":{\"left\":{\"Number\":1}}}"];
    with_flattened_enum: WithFlattenedEnum = [WithFlattenedEnum { id: 1, what: Internal::Unit },
        WithFlattenedEnum { id: 1, what: Internal::Struct { x: 1 } }]
        accepts ["{\"id\":1,\"type\":\"Holding\",\"x\":1}"] refuses ["{\"id\":1}", "{\"type\":\"Unit\"}"];
    with_flattened_adjacent: WithFlattenedAdjacent = [WithFlattenedAdjacent { id: 1, what: Adjacent::Newtype(1) },
        WithFlattenedAdjacent { id: 1, what: Adjacent::Unit }]
        accepts ["{\"id\":1,\"t\":\"Unit\"}"] refuses ["{\"id\":1}", "{\"id\":1,\"t\":\"Newtype\"}"];
    with_flattened_external: WithFlattenedExternal = [WithFlattenedExternal { id: 1, what: Shapes::Circle { radius: 1 } },
        WithFlattenedExternal { id: 1, what: Shapes::Square(1) }]
        accepts ["{\"id\":1,\"Square\":2}"] refuses ["{\"id\":1}", "{\"id\":1,\"Circle\":{}}"];
    generic_of_colour: Generic<Colour> = [Generic::Some(Colour::Red), Generic::Nothing] accepts ["\"Nothing\""] refuses ["\"Red\""];
    generic_of_point: Generic<Point> = [Generic::Some(point())] accepts ["{\"Some\":{\"x\":1}}"] refuses ["{\"Some\":1}"];
    holder: Holder = [Holder { colour: Colour::Red, maybe: None, external: External::Unit, untagged: vec![Untagged::Nothing],
        by_colour: BTreeMap::from([(Colour::Blue, 1)]) }]
        accepts ["{\"colour\":\"Red\",\"external\":\"Unit\",\"untagged\":[1,\"x\"],\"by_colour\":{\"Red\":1}}"]
        refuses ["{\"colour\":\"red\",\"external\":\"Unit\",\"untagged\":[],\"by_colour\":{}}",
            "{\"colour\":\"Red\",\"external\":\"Unit\",\"untagged\":[],\"by_colour\":{\"Red\":\"x\"}}"];
    as_text: AsText = [AsText::One, AsText::Two] accepts ["\"one\""] refuses ["1"];
    documented_fields: Fields = [Fields::Documented { field: 1 }] accepts ["{\"documented\":{\"field\":1}}"] refuses ["\"documented\""];
    an_option_of_colour: Option<Colour> = [None, Some(Colour::Red)] accepts ["null"] refuses ["\"None\""];
    a_list_of_external: Vec<External> = [vec![External::Unit]] accepts ["[]"] refuses ["[\"Other\"]"];
    a_map_by_colour: BTreeMap<Colour, u8> = [BTreeMap::from([(Colour::Red, 1)])] accepts ["{}", "{\"b l u e\":1}"]
        refuses ["{\"Red\":\"1\"}", "{\"Black\":1}"];
    a_result_of_enums: Result<Point, Colour> = [Ok(point()), Err(Colour::Red)] accepts ["{\"Err\":\"Red\"}"] refuses ["{\"Err\":\"red\"}"];
    a_pair_of_enums: (Colour, Internal) = [(Colour::Red, Internal::Unit)] accepts ["[\"Green\",{\"type\":\"Unit\"}]"] refuses ["[\"Red\",\"Unit\"]"];
    with_skipped_fields: WithSkippedFields = [WithSkippedFields::Newtype(1), WithSkippedFields::Tuple(1, 2, 3), WithSkippedFields::Pair(1, 2),
        WithSkippedFields::Struct { hidden: 1, shown: 1 }]
        accepts ["\"Newtype\"", "{\"Tuple\":[1,3]}", "{\"Pair\":[1]}"] refuses ["{\"Tuple\":[1,2,3]}", "{\"Newtype\":1}", "{\"Pair\":1}"];
    internal_with_skipped: InternalWithSkippedFields = [InternalWithSkippedFields::Newtype(1)] accepts ["{\"type\":\"Newtype\"}"] refuses ["\"Newtype\""];
    adjacent_with_skipped: AdjacentWithSkippedFields = [AdjacentWithSkippedFields::Newtype(1), AdjacentWithSkippedFields::Tuple(1, 2)]
        accepts ["{\"t\":\"Newtype\",\"c\":null}", "{\"t\":\"Tuple\",\"c\":[1]}"] refuses ["{\"t\":\"Newtype\"}", "{\"t\":\"Newtype\",\"c\":1}", "{\"t\":\"Tuple\",\"c\":1}"];
    untagged_with_skipped: UntaggedWithSkippedFields = [UntaggedWithSkippedFields::Number(1), UntaggedWithSkippedFields::Newtype("x".into())]
        accepts ["null", "1"] refuses ["\"x\""];
    variant_with_default: VariantWithDefault = [VariantWithDefault::Tuple(1, 2)] accepts ["{\"Tuple\":[1]}"] refuses ["{\"Tuple\":[]}"];
    adjacent_with_default: AdjacentWithDefault = [AdjacentWithDefault::Tuple(1, 2)] accepts ["{\"t\":\"Tuple\",\"c\":[1]}"]
        refuses ["{\"t\":\"Tuple\",\"c\":[]}"];
    with_other: WithOther = [WithOther::Known, WithOther::Other] accepts ["\"Known\"", "\"Other\""] refuses ["1"];
    tagged_with_other: TaggedWithOther = [TaggedWithOther::Known { x: 1 }, TaggedWithOther::Other] accepts ["{\"type\":\"Known\",\"x\":1}"]
        refuses ["{\"type\":\"Known\"}"];
    with_untagged_variant: WithUntaggedVariant = [WithUntaggedVariant::Tagged(1), WithUntaggedVariant::Untagged("x".into())]
        accepts ["{\"Tagged\":1}", "\"y\""] refuses ["1", "{\"Untagged\":\"x\"}"];
    with_alias: WithAlias = [WithAlias::New] accepts ["\"New\""] refuses ["\"newer\""];
    tagged_newtypes: TaggedNewtypeOfUnit = [TaggedNewtypeOfUnit::Unit(super::structs::Unit), TaggedNewtypeOfUnit::Point(point()),
        TaggedNewtypeOfUnit::Map(BTreeMap::from([("x".into(), 1)])), TaggedNewtypeOfUnit::Shape(InternalCamel::OneTwo { three_four: 1 })]
        accepts ["{\"type\":\"Unit\"}"] refuses ["{\"type\":\"Point\"}", "{\"type\":\"Other\"}"];
    with_never: WithNever = [WithNever { never: None }] accepts ["{}"] refuses ["{\"never\":1}"] by |_| Ok(WithNever { never: None });
    converting_variant: ConvertingVariant = [ConvertingVariant::Hex(255)] accepts ["{\"Hex\":\"ff\"}"] refuses ["{\"Hex\":255}"];
    by_key: BTreeMap<Key, u8> = [BTreeMap::from([(Key("x".into()), 1)])] accepts ["{}"] refuses ["{\"x\":\"1\"}"];
    by_key_name: BTreeMap<KeyName, u8> = [BTreeMap::from([(KeyName::FirstName, 1), (KeyName::LastName, 2)])]
        accepts ["{}", "{\"last name\":1}"] refuses ["{\"LastName\":1}", "{\"first-name\":\"\"}"];
    split_everywhere: SplitEverywhere = [SplitEverywhere::OneTwo { three_four: 1, five: None }, SplitEverywhere::Unit(super::structs::Unit),
        SplitEverywhere::Empty {}, SplitEverywhere::Nothing()]
        accepts ["{\"t\":\"OneTwo\",\"c\":{\"THREE_FOUR\":1}}", "{\"t\":\"Unit\",\"c\":null}", "{\"t\":\"Empty\",\"c\":{}}"]
        refuses ["{\"t\":\"oneTwo\",\"c\":{\"THREE_FOUR\":1}}", "{\"t\":\"OneTwo\",\"c\":{\"three_four\":1}}"];
    two_flattened_enums: WithTwoFlattenedEnums = [
        WithTwoFlattenedEnums { first: Internal::Unit, second: Shapes::Square(1), third: None },
        WithTwoFlattenedEnums { first: Internal::Struct { x: 1 }, second: Shapes::Circle { radius: 1 }, third: Some(Point2 { left: 1, right: 2 }) }]
        accepts ["{\"type\":\"Unit\",\"Square\":1}", "{\"type\":\"Unit\",\"Square\":1,\"left\":1}"]
        refuses ["{\"type\":\"Unit\"}", "{\"Square\":1}"];
    overlapping: Overlapping = [Overlapping::Both { a: 1, b: 2 }, Overlapping::One { a: 1 }, Overlapping::Maybe(None), Overlapping::Pair(1, 2)]
        accepts ["{\"a\":1}", "true", "null", "[1,2]"] refuses ["{\"b\":1}", "[1]", "1"];
    nesting: Nesting = [Nesting::Leaf { value: 1 }, Nesting::Branch { children: vec![Nesting::Leaf { value: 1 }], name: None },
        Nesting::Inner(Adjacent::Newtype(1)), Nesting::Inner(Adjacent::Unit)]
        accepts ["{\"type\":\"Branch\",\"children\":[]}", "{\"type\":\"Inner\",\"t\":\"Unit\"}"]
        refuses ["{\"type\":\"Branch\",\"children\":[{}]}", "{\"type\":\"Inner\"}"];
    sized: Sized<u8, 3> = [Sized { items: vec![1] }] accepts ["{\"items\":[]}"] refuses ["{}"];
    sized_otherwise: Sized<Point, 4> = [Sized { items: vec![point()] }] accepts ["{\"items\":[{\"x\":1}]}"] refuses ["{\"items\":[1]}"];
}
