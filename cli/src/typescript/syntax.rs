//! TypeScript types, and how Prettier prints them.

use super::doc::Doc;
use super::names::is_keyword;

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// A built-in or final name.
    Name(String),
    /// A reference to a definition, whose name depends on the direction.
    Definition(String),
    /// Binary data, whose name depends on the direction.
    Binary,
    Array(Box<Type>),
    /// Elements, each with a name or without.
    Tuple(Vec<Element>),
    Object(Object),
    Generic(String, Vec<Type>),
    Union(Vec<Type>),
    /// A function that returns nothing.
    Function(Vec<Parameter>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Object {
    pub(super) fields: Vec<Field>,
    /// What other keys hold.
    pub(super) index: Option<Box<Type>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) optional: bool,
    pub(super) ty: Type,
    pub(super) docs: Docs,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    pub(super) name: Option<String>,
    pub(super) optional: bool,
    pub(super) ty: Type,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    /// With `?` where it is optional and `...` where it is the rest.
    pub(super) name: String,
    pub(super) ty: Type,
}

/// A documentation comment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Docs {
    pub(super) text: String,
    /// The note of a deprecation, empty where it has none.
    pub(super) deprecated: Option<String>,
}

impl Type {
    pub(super) fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    /// The union of types: flat, without duplicates, `null` at the end.
    pub(super) fn union(types: impl IntoIterator<Item = Type>) -> Self {
        let mut flat: Vec<Type> = Vec::new();
        for ty in types {
            let members = match ty {
                Self::Union(members) => members,
                other => vec![other],
            };
            for member in members {
                if member != Self::name("never") && !flat.contains(&member) {
                    flat.push(member);
                }
            }
        }
        let unknown = Self::name("unknown");
        if flat.contains(&unknown) {
            return unknown;
        }
        flat.sort_by_key(|ty| *ty == Self::name("null"));
        match flat.len() {
            0 => Self::name("never"),
            1 => flat.remove(0),
            _ => Self::Union(flat),
        }
    }

    /// Replaces every type within this one, innermost first.
    pub(super) fn map(self, replace: &impl Fn(Type) -> Type) -> Self {
        let all = |types: Vec<Type>| types.into_iter().map(|ty| ty.map(replace)).collect();
        replace(match self {
            Self::Name(_) | Self::Definition(_) | Self::Binary => self,
            Self::Array(element) => Self::Array(Box::new(element.map(replace))),
            Self::Generic(name, arguments) => Self::Generic(name, all(arguments)),
            Self::Union(members) => Self::Union(all(members)),
            Self::Tuple(mut elements) => {
                for element in &mut elements {
                    element.ty = element.ty.clone().map(replace);
                }
                Self::Tuple(elements)
            }
            Self::Function(mut parameters) => {
                for parameter in &mut parameters {
                    parameter.ty = parameter.ty.clone().map(replace);
                }
                Self::Function(parameters)
            }
            Self::Object(mut object) => {
                for field in &mut object.fields {
                    field.ty = field.ty.clone().map(replace);
                }
                object.index = object.index.map(|ty| Box::new(ty.map(replace)));
                Self::Object(object)
            }
        })
    }

    pub(super) fn doc(&self) -> Doc {
        match self {
            Self::Name(name) | Self::Definition(name) => Doc::text(name),
            Self::Binary => Doc::text("Binary"),
            Self::Array(element) => match **element {
                Self::Union(_) | Self::Function(_) | Self::Object(_) => {
                    generic("Array", std::slice::from_ref(element))
                }
                _ => Doc::Concat(vec![element.doc(), Doc::text("[]")]),
            },
            Self::Tuple(elements) => tuple(elements),
            Self::Object(object) => object.doc(),
            Self::Generic(name, arguments) => generic(name, arguments),
            Self::Union(members) => union(members, Place::Indented),
            Self::Function(parameters) => function(parameters),
        }
    }

    /// Whether Prettier keeps the type on the line of what surrounds it.
    fn hugs(&self) -> bool {
        match self {
            Self::Name(_) | Self::Definition(_) | Self::Binary | Self::Object(_) => true,
            Self::Union(members) => hugs_as_union(members),
            _ => false,
        }
    }
}

impl Object {
    fn members(&self) -> Vec<Doc> {
        let index = self
            .index
            .iter()
            .map(|ty| Doc::Concat(vec![Doc::text("[key: string]: "), ty.doc()]));
        self.fields.iter().map(Field::doc).chain(index).collect()
    }

    fn doc(&self) -> Doc {
        let members = self.members();
        if members.is_empty() {
            return Doc::text("{}");
        }
        let separator = Doc::Concat(vec![Doc::text(";"), Doc::Line]);
        Doc::Concat(vec![
            Doc::text("{"),
            Doc::Concat(vec![Doc::Line, Doc::join(members, &separator)]).indent(),
            Doc::if_break(Doc::text(";")),
            Doc::Line,
            Doc::text("}"),
        ])
        .group()
    }

    /// `export interface Name { … }`, a member a line.
    pub(super) fn interface(&self, name: &str) -> String {
        let members = self.members();
        if members.is_empty() {
            return format!("export interface {name} {{}}\n");
        }
        let separator = Doc::Concat(vec![Doc::text(";"), Doc::HardLine]);
        let body = Doc::Concat(vec![
            Doc::text(format!("export interface {name} {{")),
            Doc::Concat(vec![Doc::HardLine, Doc::join(members, &separator)]).indent(),
            Doc::text(";"),
            Doc::HardLine,
            Doc::text("}"),
            Doc::HardLine,
        ]);
        body.print()
    }
}

impl Field {
    fn doc(&self) -> Doc {
        let mut docs = Vec::new();
        for line in self.docs.lines() {
            docs.push(Doc::Text(line));
            docs.push(Doc::HardLine);
        }
        let mark = if self.optional { "?" } else { "" };
        docs.push(Doc::text(format!("{}{mark}: ", key(&self.name))));
        docs.push(self.ty.doc());
        Doc::Concat(docs)
    }
}

impl Docs {
    /// The comment's lines, none where there is nothing to say.
    pub(super) fn lines(&self) -> Vec<String> {
        // A comment must not end where the text says so.
        let text = self.text.replace("*/", "*\\/");
        let mut lines: Vec<_> = text
            .trim()
            .lines()
            .map(|l| l.trim_end().to_owned())
            .collect();
        if let Some(note) = &self.deprecated {
            let note = note.replace("*/", "*\\/").replace('\n', " ");
            lines.push(format!("@deprecated {note}").trim_end().to_owned());
        }
        match &*lines {
            [] => Vec::new(),
            [line] => vec![format!("/** {} */", line.trim())],
            _ => {
                let middle = lines
                    .iter()
                    .map(|line| format!(" * {line}").trim_end().to_owned());
                let first = std::iter::once("/**".to_owned());
                first.chain(middle).chain([" */".to_owned()]).collect()
            }
        }
    }
}

/// `export type Name = …;`
pub(super) fn alias(name: &str, ty: &Type) -> String {
    let head = Doc::text(format!("export type {name} = "));
    let body = Doc::Concat(vec![head, ty.doc(), Doc::text(";"), Doc::HardLine]);
    body.print()
}

/// Whether a union is an object or a named type that may be `null`.
fn hugs_as_union(members: &[Type]) -> bool {
    let mut others = members.iter().filter(|ty| **ty != Type::name("null"));
    let hugs = match others.next() {
        Some(Type::Object(_) | Type::Generic(..) | Type::Definition(_) | Type::Binary) => true,
        Some(Type::Name(name)) => is_identifier(name) && !is_keyword(name),
        _ => false,
    };
    hugs && others.next().is_none()
}

/// What a union stands in, which decides on its indentation.
#[derive(PartialEq)]
enum Place {
    Indented,
    Argument,
    Tuple,
}

fn union(members: &[Type], place: Place) -> Doc {
    if hugs_as_union(members) {
        return Doc::join(members.iter().map(Type::doc), &Doc::text(" | "));
    }
    let separator = Doc::Concat(vec![Doc::Line, Doc::text("| ")]);
    let members = members.iter().map(|member| member.doc().indent());
    let start = Doc::if_break(Doc::text("| "));
    let code = Doc::Concat(vec![start, Doc::join(members, &separator)]).group();
    match place {
        Place::Indented => Doc::Concat(vec![Doc::SoftLine, code]).indent().group(),
        Place::Argument => code,
        Place::Tuple => {
            let open = Doc::if_break(Doc::Concat(vec![Doc::text("("), Doc::SoftLine]));
            let inner = Doc::Concat(vec![open, code]).indent();
            Doc::Concat(vec![inner, Doc::SoftLine, Doc::if_break(Doc::text(")"))]).group()
        }
    }
}

fn generic(name: &str, arguments: &[Type]) -> Doc {
    let docs = arguments.iter().map(|argument| match argument {
        Type::Union(members) => union(members, Place::Argument),
        other => other.doc(),
    });
    let name = Doc::text(format!("{name}<"));
    if let [argument] = arguments
        && argument.hugs()
    {
        return Doc::Concat(vec![name, Doc::Concat(docs.collect()), Doc::text(">")]);
    }
    let separator = Doc::Concat(vec![Doc::text(","), Doc::Line]);
    let inner = Doc::Concat(vec![Doc::SoftLine, Doc::join(docs, &separator)]).indent();
    Doc::Concat(vec![name, inner, Doc::SoftLine, Doc::text(">")]).group()
}

fn tuple(elements: &[Element]) -> Doc {
    let docs = elements.iter().map(|element| {
        let mark = if element.optional { "?" } else { "" };
        match (&element.name, &element.ty) {
            (Some(name), ty) => Doc::Concat(vec![Doc::text(format!("{name}{mark}: ")), ty.doc()]),
            (None, Type::Union(members)) if element.optional => Doc::Concat(vec![
                Doc::text("("),
                union(members, Place::Argument),
                Doc::text(")?"),
            ]),
            (None, Type::Union(members)) if elements.len() > 1 => union(members, Place::Tuple),
            (None, Type::Union(members)) => union(members, Place::Argument),
            (None, ty) => Doc::Concat(vec![ty.doc(), Doc::text(mark)]),
        }
    });
    list("[", docs, "]", true)
}

fn function(parameters: &[Parameter]) -> Doc {
    let doc = |parameter: &Parameter| {
        let name = Doc::text(format!("{}: ", parameter.name));
        Doc::Concat(vec![name, parameter.ty.doc()])
    };
    let list = match parameters {
        [] => Doc::text("()"),
        [only] if matches!(only.ty, Type::Object(_)) && !only.name.starts_with("...") => {
            Doc::Concat(vec![Doc::text("("), doc(only), Doc::text(")")])
        }
        _ => {
            let rest = parameters
                .iter()
                .any(|parameter| parameter.name.starts_with("..."));
            list("(", parameters.iter().map(doc), ")", !rest)
        }
    };
    Doc::Concat(vec![list, Doc::text(" => void")]).group()
}

fn list(open: &str, items: impl Iterator<Item = Doc>, close: &str, comma: bool) -> Doc {
    let separator = Doc::Concat(vec![Doc::text(","), Doc::Line]);
    let comma = if comma {
        Doc::if_break(Doc::text(","))
    } else {
        Doc::Concat(Vec::new())
    };
    Doc::Concat(vec![
        Doc::text(open),
        Doc::Concat(vec![Doc::SoftLine, Doc::join(items, &separator)]).indent(),
        comma,
        Doc::SoftLine,
        Doc::text(close),
    ])
    .group()
}

/// A property name, in quotes where it needs them.
pub(super) fn key(name: &str) -> String {
    if is_identifier(name) {
        name.to_owned()
    } else {
        string(name)
    }
}

pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

/// A string literal in the quotes that need fewer escapes.
pub(super) fn string(text: &str) -> String {
    let count = |quote: char| text.chars().filter(|c| *c == quote).count();
    let quote = if count('"') > count('\'') { '\'' } else { '"' };
    let mut literal = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '\\' => literal.push_str("\\\\"),
            c if c == quote => literal.extend(['\\', c]),
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => {
                literal.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}
