//! Event names on the wire.

use heck::{
    ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase,
};

/// Event names that Socket.IO reserves
/// (<https://socket.io/docs/v4/emit-cheatsheet/#reserved-events>).
pub(crate) const RESERVED: &[&str] = &[
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// A case convention for wire names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    #[default]
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// All cases, with their names in serde's `rename_all`.
    pub(crate) const ALL: [(&str, Self); 8] = [
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (_, case) = Self::ALL.into_iter().find(|(known, _)| *known == name)?;
        Some(case)
    }

    pub(crate) fn apply(self, method: &str) -> String {
        match self {
            Self::Lower => method.to_lowercase(),
            Self::Upper => method.to_uppercase(),
            Self::Pascal => method.to_pascal_case(),
            Self::Camel => method.to_lower_camel_case(),
            Self::Snake => method.to_snake_case(),
            Self::ScreamingSnake => method.to_shouty_snake_case(),
            Self::Kebab => method.to_kebab_case(),
            Self::ScreamingKebab => method.to_shouty_kebab_case(),
        }
    }
}
