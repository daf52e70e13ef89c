//! Parsing of structs with `#[derive(Events)]`.

use syn::{Data, DeriveInput, Fields, Ident, LitStr, Type, ext::IdentExt};

use crate::{
    attr::{self, Item, Value},
    model::{NamespaceStruct, Parameter},
    report::Report,
};

const OPTIONS: &[&str] = &[
    "namespace",
    "server_to_client",
    "client_to_server",
    "inter_server",
    "socket_data",
    "auth",
    "connect_error",
    "bigint",
    "ts_prefix",
    "crate",
];

/// Parses a namespace. Returns `None` if the item is not a struct with named fields or without fields.
pub(crate) fn namespace(item: DeriveInput, report: &mut Report) -> Option<NamespaceStruct> {
    let (attrs, helpers) = attr::split(item.attrs, "events");
    let mut namespace = NamespaceStruct {
        attrs,
        ident: item.ident,
        generics: item.generics,
        krate: attr::default_krate(),
        pattern: String::new(),
        parameters: parameters(item.data, report)?,
        server_to_client: None,
        client_to_server: None,
        inter_server: None,
        socket_data: None,
        auth: None,
        connect_error: None,
        bigint: false,
        ts_prefix: None,
    };
    if !namespace.generics.params.is_empty() {
        let message = "a namespace cannot be generic; use path parameters instead: `#[events(namespace = \"/{name}\")]`";
        report.at(&namespace.generics, message);
    }
    let mut path = None;
    for attribute in helpers {
        for item in attr::parse_attribute(&attribute, report) {
            option(item, &mut namespace, &mut path, report);
        }
    }
    match path {
        Some(path) => check_path(&path, &namespace, report),
        None => {
            let message = "missing namespace path; add `#[events(namespace = \"/…\")]`";
            report.at(&namespace.ident, message);
        }
    }
    Some(namespace)
}

fn option(
    item: Item,
    namespace: &mut NamespaceStruct,
    path: &mut Option<LitStr>,
    report: &mut Report,
) {
    let (key, value) = match item {
        Item::Key(key, value) => (key, value),
        Item::Text(text) => {
            report.at(
                text,
                "expected a named option, such as `namespace = \"/…\"`",
            );
            return;
        }
    };
    let name = key.unraw().to_string();
    match name.as_str() {
        "namespace" => {
            *path = attr::text(&key, value, report);
            namespace.pattern = path.as_ref().map(LitStr::value).unwrap_or_default();
        }
        "bigint" => {
            namespace.bigint = attr::is_string(&key, value, report);
        }
        "ts_prefix" => {
            namespace.ts_prefix = ts_prefix(&key, value, report);
        }
        "crate" => {
            if let Some(krate) = attr::krate(&key, value, report) {
                namespace.krate = krate;
            }
        }
        _ => match type_option(namespace, &name) {
            Some(slot) => *slot = attr::ty(&key, value, report),
            None => attr::unknown(&key, OPTIONS, report),
        },
    }
}

fn type_option<'n>(namespace: &'n mut NamespaceStruct, name: &str) -> Option<&'n mut Option<Type>> {
    match name {
        "server_to_client" => Some(&mut namespace.server_to_client),
        "client_to_server" => Some(&mut namespace.client_to_server),
        "inter_server" => Some(&mut namespace.inter_server),
        "socket_data" => Some(&mut namespace.socket_data),
        "auth" => Some(&mut namespace.auth),
        "connect_error" => Some(&mut namespace.connect_error),
        _ => None,
    }
}

fn ts_prefix(key: &Ident, value: Option<Value>, report: &mut Report) -> Option<String> {
    let text = attr::text(key, value, report)?;
    let prefix = text.value();
    // An empty prefix is valid: the interfaces then have no prefix.
    if !prefix.is_empty() && syn::parse_str::<Ident>(&prefix).is_err() {
        report.at(
            text,
            format_args!("invalid TypeScript prefix `{prefix}`; use only letters, digits and `_`"),
        );
        return None;
    }
    Some(prefix)
}

fn parameters(data: Data, report: &mut Report) -> Option<Vec<Parameter>> {
    let fields = match data {
        Data::Struct(data) => data.fields,
        Data::Enum(data) => {
            report.at(
                data.enum_token,
                "a namespace must be a struct: `pub struct Chat;`",
            );
            return None;
        }
        Data::Union(data) => {
            report.at(
                data.union_token,
                "a namespace must be a struct: `pub struct Chat;`",
            );
            return None;
        }
    };
    match fields {
        Fields::Unit => Some(Vec::new()),
        Fields::Named(fields) => Some(
            fields
                .named
                .into_iter()
                .filter_map(|field| {
                    let ty = field.ty;
                    field.ident.map(|ident| Parameter { ident, ty })
                })
                .collect(),
        ),
        Fields::Unnamed(fields) => {
            let message = "a namespace cannot be a tuple struct; name each field like its path parameter: `pub struct Workspace { pub tenant: String }`";
            report.at(fields, message);
            None
        }
    }
}

/// Compares the path's parameters with the struct's fields.
fn check_path(path: &LitStr, namespace: &NamespaceStruct, report: &mut Report) {
    let text = path.value();
    if !text.starts_with('/') {
        report.at(
            path,
            format_args!("a namespace path must start with a slash: `/{text}`"),
        );
        return;
    }
    let mut names: Vec<&str> = Vec::new();
    for segment in text.split('/').skip(1) {
        match parameter(segment) {
            Ok(Some(name)) if names.contains(&name) => {
                report.at(path, format_args!("duplicate path parameter `{name}`"));
            }
            Ok(Some(name)) => names.push(name),
            Ok(None) if segment.is_empty() && text != "/" => {
                report.at(path, "empty path segment; remove the extra slash");
            }
            Ok(None) => {}
            Err(message) => report.at(path, message),
        }
    }
    let fields = || namespace.parameters.iter().map(|one| &one.ident);
    for name in &names {
        if !fields().any(|field| field.unraw() == name) {
            report.at(
                path,
                format_args!(
                    "path parameter `{name}` has no field; add `pub {name}: String` to the struct"
                ),
            );
        }
    }
    for field in fields() {
        if !names.iter().any(|name| field.unraw() == name) {
            report.at(
                field,
                format_args!(
                    "field `{field}` is not a path parameter; add `/{{{field}}}` to the path"
                ),
            );
        }
    }
}

/// Returns the name of the parameter in a path segment, or `None` for literal text.
fn parameter(segment: &str) -> Result<Option<&str>, String> {
    let inside = segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    if let Some(name) = inside.filter(|name| syn::parse_str::<Ident>(name).is_ok()) {
        return Ok(Some(name));
    }
    if segment.contains(['{', '}']) {
        return Err(format!(
            "a path parameter must be a whole segment: `/{{name}}`, not `/{segment}`"
        ));
    }
    if let Some(reserved) = segment.chars().find(|c| matches!(c, ',' | '?' | '#' | '*')) {
        return Err(format!(
            "`{reserved}` is a reserved character; remove it from the namespace path"
        ));
    }
    Ok(None)
}
