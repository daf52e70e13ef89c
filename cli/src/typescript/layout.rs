//! Layout of types, as Prettier does it.

use super::doc::Doc;
use super::names::is_keyword;
use super::syntax::{Element, Field, Object, Parameter, Type, is_identifier, key};

impl Type {
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

    /// Returns `true` if Prettier keeps the type on the line of the surrounding code.
    fn hugs(&self) -> bool {
        match self {
            Self::Name(_) | Self::Definition(_) | Self::Binary | Self::Object(_) => true,
            Self::Union(members) => hugs_as_union(members),
            _ => false,
        }
    }
}

impl Object {
    /// Returns `true` if the object has no members.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.index.is_none()
    }

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

    /// Returns `export interface Name { … }`, with one member per line.
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

/// Returns `export type Name = …;`.
pub(super) fn alias(name: &str, ty: &Type) -> String {
    let head = Doc::text(format!("export type {name} = "));
    let body = Doc::Concat(vec![head, ty.doc(), Doc::text(";"), Doc::HardLine]);
    body.print()
}

/// Returns `true` if a union is an object or a named type that may be `null`.
fn hugs_as_union(members: &[Type]) -> bool {
    let mut others = members.iter().filter(|ty| **ty != Type::name("null"));
    let hugs = match others.next() {
        Some(Type::Object(_) | Type::Generic(..) | Type::Definition(_) | Type::Binary) => true,
        Some(Type::Name(name)) => is_identifier(name) && !is_keyword(name),
        _ => false,
    };
    hugs && others.next().is_none()
}

/// Context of a union, which determines its indentation.
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
