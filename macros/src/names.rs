//! Names on the wire.

use heck::{
    ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase,
};

/// Names that Socket.IO keeps for itself
/// (<https://socket.io/docs/v4/emit-cheatsheet/#reserved-events>).
pub(crate) const RESERVED: &[&str] = &[
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// How a wire name is made of a method's name.
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
    /// The cases by serde's names for them.
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

/// ` did you mean …?`, if one of the known names is near.
pub(crate) fn suggestion<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, known)| format!("; did you mean `{known}`?"))
        .unwrap_or_default()
}

/// "`a`, `b` and `c`".
pub(crate) fn list<'k>(names: impl IntoIterator<Item = &'k str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
