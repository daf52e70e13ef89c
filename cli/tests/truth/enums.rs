//! Enums, in every representation of serde's.

use std::collections::BTreeMap;

use sio_types::payload;

#[payload]
#[derive(Clone, Default)]
pub struct Point {
    pub x: u8,
    pub y: Option<u8>,
}

/// Variants without content.
#[payload]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// The first.
    Red,
    Green,
    #[serde(rename = "b l u e")]
    Blue,
}

#[payload]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Shouted {
    OneTwo,
    Three,
}

#[payload]
pub enum Single {
    Only,
}

#[payload]
pub enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { x: u8, y: Option<u8> },
    Holding(Point),
}

#[payload]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ExternalCamel {
    OneTwo,
    ThreeFour { five_six: u8 },
}

#[payload]
#[serde(tag = "type")]
pub enum Internal {
    Unit,
    Struct { x: u8 },
    Holding(Point),
}

#[payload]
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
#[serde(tag = "t", content = "c")]
pub enum Adjacent {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { x: u8 },
    Optional(Option<u8>),
}

#[payload]
#[serde(untagged)]
pub enum Untagged {
    Number(u32),
    Text(String),
    Point(Point),
    List(Vec<u8>),
    Nothing,
}

#[payload]
pub enum WithSkipped {
    Shown,
    #[serde(skip)]
    #[allow(dead_code)]
    Hidden,
}

#[payload]
pub enum OneWay {
    Always,
    #[serde(skip_deserializing)]
    OnlySent,
    #[serde(skip_serializing)]
    OnlyAccepted,
}

#[payload]
pub enum RenamedVariant {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    Variant,
    Other,
}

#[payload]
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
pub enum Expression {
    Number(f64),
    Negated(Box<Expression>),
    Sum(Vec<Expression>),
    Product {
        left: Box<Expression>,
        right: Box<Expression>,
    },
}

#[payload]
pub struct WithFlattenedEnum {
    pub id: u8,
    #[serde(flatten)]
    pub what: Internal,
}

#[payload]
pub struct WithFlattenedAdjacent {
    pub id: u8,
    #[serde(flatten)]
    pub what: Adjacent,
}

#[payload]
pub struct WithFlattenedExternal {
    pub id: u8,
    #[serde(flatten)]
    pub what: Shapes,
}

#[payload]
pub enum Shapes {
    Circle { radius: u8 },
    Square(u8),
}

#[payload]
pub enum Generic<T> {
    Some(T),
    Nothing,
}

#[payload]
pub struct Holder {
    pub colour: Colour,
    pub maybe: Option<Colour>,
    pub external: External,
    pub untagged: Vec<Untagged>,
    pub by_colour: BTreeMap<Colour, u8>,
}

#[payload]
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
#[serde(rename_all = "lowercase")]
pub enum Fields {
    /// A variant with docs.
    Documented {
        /// A field with docs.
        field: u8,
    },
}

fn point() -> Point {
    Point { x: 1, y: None }
}

crate::specimens! { Enums "/enums"
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
    a_map_by_colour: BTreeMap<Colour, u8> = [BTreeMap::from([(Colour::Red, 1)])] accepts ["{}"] refuses ["{\"Red\":\"1\"}"];
    a_result_of_enums: Result<Point, Colour> = [Ok(point()), Err(Colour::Red)] accepts ["{\"Err\":\"Red\"}"] refuses ["{\"Err\":\"red\"}"];
    a_pair_of_enums: (Colour, Internal) = [(Colour::Red, Internal::Unit)] accepts ["[\"Green\",{\"type\":\"Unit\"}]"] refuses ["[\"Red\",\"Unit\"]"];
}
