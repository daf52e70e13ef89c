//! Recognizes the expressions that are sockets, and their namespaces: by initializer, by type, or by name.

use std::collections::BTreeMap;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, BindingPattern, CallExpression, ChainElement, Declaration, Expression,
    FormalParameter, ImportSpecifier, PropertyDefinition, Statement, TSLiteral, TSType,
    TSTypeAnnotation, TSTypeName, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::SourceType;

use super::events::Events;
use super::files::Source;

/// A socket, with the path of its namespace if it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Socket(pub(super) Option<String>);

impl Socket {
    /// Combines two sockets of one name: the namespace stays known if both have the same one.
    fn or(self, other: Self) -> Self {
        if self == other { self } else { Self(None) }
    }
}

/// Members that return the socket they belong to, or the socket with other settings.
const CHAIN: [&str; 13] = [
    "compress", "connect", "current", "emit", "off", "offAny", "on", "onAny", "once", "open",
    "send", "timeout", "volatile",
];

/// A hook of `createSocketHooks`, with the socket that a call of it uses.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hook {
    pub(super) name: String,
    pub(super) socket: Socket,
}

/// Sockets and hooks that files export, by name.
#[derive(Debug, Default)]
pub(super) struct Exports {
    sockets: BTreeMap<String, Socket>,
    hooks: BTreeMap<String, Hook>,
}

impl Exports {
    pub(super) fn read(&mut self, source: &Source, events: &Events<'_>) {
        let Ok(kind) = SourceType::from_path(&source.path) else {
            return;
        };
        let allocator = Allocator::default();
        let program = Parser::new(&allocator, &source.text, kind).parse().program;
        let none = Self::default();
        let known = Sockets::new(events, &none);
        for statement in &program.body {
            let Statement::ExportNamedDeclaration(export) = statement else {
                continue;
            };
            let Some(Declaration::VariableDeclaration(declaration)) = &export.declaration else {
                continue;
            };
            for declarator in &declaration.declarations {
                if let Some((name, socket)) = known.declared(declarator) {
                    let seen = self.sockets.remove(&name);
                    let socket = seen.map_or(socket.clone(), |seen| seen.or(socket));
                    self.sockets.insert(name, socket);
                }
                self.hooks.extend(known.destructured_hooks(declarator));
            }
        }
    }
}

/// Sockets of one file.
pub(super) struct Sockets<'e> {
    events: &'e Events<'e>,
    exports: &'e Exports,
    /// Variables, parameters and properties by name. Scopes are not distinguished: if sockets of two namespaces share a
    /// name, it is enough that one of the namespaces has the event.
    names: BTreeMap<String, Socket>,
    /// Hooks that are called by their own name.
    hooks: BTreeMap<String, Hook>,
}

impl<'a> Visit<'a> for Sockets<'_> {
    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let Some((name, socket)) = self.declared(it) {
            self.add(name, socket);
        }
        if let Some((name, socket)) = self.destructured_socket(it) {
            self.add(name, socket);
        }
        let hooks: Vec<_> = self.destructured_hooks(it).collect();
        self.hooks.extend(hooks);
        walk::walk_variable_declarator(self, it);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if let BindingPattern::BindingIdentifier(name) = &it.pattern
            && let Some(socket) = self.of_annotation(it.type_annotation.as_deref())
        {
            self.add(name.name.to_string(), socket);
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        let value = || it.value.as_ref().and_then(|value| self.made(value));
        let socket = self
            .of_annotation(it.type_annotation.as_deref())
            .or_else(value);
        if let (Some(name), Some(socket)) = (it.key.name(), socket) {
            self.add(name.into_owned(), socket);
        }
        walk::walk_property_definition(self, it);
    }

    fn visit_import_specifier(&mut self, it: &ImportSpecifier<'a>) {
        if let Some(socket) = self.exports.sockets.get(&*it.imported.name()) {
            self.add(it.local.name.to_string(), socket.clone());
        }
        if let Some(hook) = self.exports.hooks.get(&*it.imported.name()) {
            self.hooks.insert(it.local.name.to_string(), hook.clone());
        }
    }
}

impl<'e> Sockets<'e> {
    pub(super) fn new(events: &'e Events<'e>, exports: &'e Exports) -> Self {
        Self {
            events,
            exports,
            names: BTreeMap::new(),
            hooks: BTreeMap::new(),
        }
    }

    fn add(&mut self, name: String, socket: Socket) {
        let seen = self.names.remove(&name);
        let socket = seen.map_or(socket.clone(), |seen| seen.or(socket));
        self.names.insert(name, socket);
    }

    fn declared(&self, it: &VariableDeclarator<'_>) -> Option<(String, Socket)> {
        let BindingPattern::BindingIdentifier(name) = &it.id else {
            return None;
        };
        let made = || it.init.as_ref().and_then(|value| self.made(value));
        let socket = self
            .of_annotation(it.type_annotation.as_deref())
            .or_else(made)?;
        Some((name.name.to_string(), socket))
    }

    /// Reads `const { useSocketEvent } = createSocketHooks(manager, "/chat")`.
    fn destructured_hooks(
        &self,
        it: &VariableDeclarator<'_>,
    ) -> impl Iterator<Item = (String, Hook)> + use<> {
        let made = it.init.as_ref().and_then(|value| self.made(value));
        let names = made.map(|socket| {
            let properties = destructured(&it.id).into_iter();
            let hooks = properties.filter(|(name, _)| name.starts_with("use"));
            hooks.map(move |(name, local)| {
                let socket = socket.clone();
                (local, Hook { name, socket })
            })
        });
        names.into_iter().flatten()
    }

    /// Reads `const { socket } = Chat.useSocket()`.
    fn destructured_socket(&self, it: &VariableDeclarator<'_>) -> Option<(String, Socket)> {
        let Expression::CallExpression(call) = inner(it.init.as_ref()?) else {
            return None;
        };
        let socket = self.state(call)?;
        let properties = destructured(&it.id).into_iter();
        let (_, local) = properties.into_iter().find(|(name, _)| name == "socket")?;
        Some((local, socket))
    }

    /// Returns the socket of the namespace whose state a call returns.
    fn state(&self, call: &CallExpression<'_>) -> Option<Socket> {
        let Hook { name, socket } = self.hook(call)?;
        matches!(&*name, "useSocket" | "useNamespace").then_some(socket)
    }

    /// Returns the hook that is called.
    pub(super) fn hook(&self, call: &CallExpression<'_>) -> Option<Hook> {
        match inner(&call.callee) {
            Expression::Identifier(it) => self.hooks.get(it.name.as_str()).cloned(),
            Expression::StaticMemberExpression(it) if it.property.name.starts_with("use") => {
                let name = it.property.name.to_string();
                let socket = self.of(&it.object)?;
                Some(Hook { name, socket })
            }
            _ => None,
        }
    }

    /// Returns the socket of an expression, or `None` if the expression is not a socket.
    pub(super) fn of(&self, expression: &Expression<'_>) -> Option<Socket> {
        match inner(expression) {
            Expression::Identifier(it) => self.of_name(&it.name),
            Expression::StaticMemberExpression(it) => self.of_member(&it.property.name, &it.object),
            Expression::PrivateFieldExpression(it) => self.of_name(&it.field.name),
            Expression::CallExpression(it) => self.of_call(it),
            Expression::ChainExpression(it) => match &it.expression {
                ChainElement::CallExpression(it) => self.of_call(it),
                ChainElement::StaticMemberExpression(it) => {
                    self.of_member(&it.property.name, &it.object)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn of_member(&self, name: &str, object: &Expression<'_>) -> Option<Socket> {
        if CHAIN.contains(&name) {
            return self.of(object);
        }
        // The result of `useSocket()` has a field `socket`.
        let own = (name == "socket").then(|| self.of(object)).flatten();
        own.or_else(|| self.of_name(name))
    }

    fn of_name(&self, name: &str) -> Option<Socket> {
        let known = self.names.get(name).cloned();
        let by_name = || {
            name.to_lowercase()
                .ends_with("socket")
                .then(Socket::default)
        };
        known.or_else(by_name)
    }

    fn of_call(&self, call: &CallExpression<'_>) -> Option<Socket> {
        if let Some(socket) = self.made_by(call) {
            return Some(socket);
        }
        match inner(&call.callee) {
            Expression::StaticMemberExpression(it)
                if CHAIN.contains(&it.property.name.as_str()) =>
            {
                self.of(&it.object)
            }
            _ => None,
        }
    }

    /// Returns the socket that a variable is initialized with; its name is not considered.
    fn made(&self, expression: &Expression<'_>) -> Option<Socket> {
        match inner(expression) {
            Expression::CallExpression(call) => self
                .made_by(call)
                .or_else(|| self.of_call(call))
                .or_else(|| self.state(call)),
            Expression::Identifier(it) => self.names.get(it.name.as_str()).cloned(),
            _ => None,
        }
    }

    /// Recognizes `connect(manager, "/chat")`, `createSocketHooks(manager, "/chat")`, `io("/chat")`,
    /// `manager.socket("/chat")` and `useRef<ChatSocket>()`.
    fn made_by(&self, call: &CallExpression<'_>) -> Option<Socket> {
        let path = |index: usize| call.arguments.get(index).and_then(text_of_argument);
        match inner(&call.callee) {
            Expression::Identifier(callee) => match callee.name.as_str() {
                "connect" | "createSocketHooks" => path(1).map(|path| Socket(Some(path))),
                "io" => Some(Socket(Some(path_of_url(&path(0).unwrap_or_default())))),
                _ => {
                    let types = call.type_arguments.as_ref()?;
                    types.params.iter().find_map(|ty| self.of_type(ty))
                }
            },
            Expression::StaticMemberExpression(callee) if callee.property.name == "socket" => {
                path(0).map(|path| Socket(Some(path)))
            }
            _ => None,
        }
    }

    fn of_annotation(&self, annotation: Option<&TSTypeAnnotation<'_>>) -> Option<Socket> {
        self.of_type(&annotation?.type_annotation)
    }

    fn of_type(&self, ty: &TSType<'_>) -> Option<Socket> {
        match ty {
            TSType::TSUnionType(union) => union.types.iter().find_map(|ty| self.of_type(ty)),
            TSType::TSParenthesizedType(it) => self.of_type(&it.type_annotation),
            TSType::TSTypeReference(reference) => {
                let name = name_of_type(&reference.type_name)?;
                let arguments = reference.type_arguments.as_ref();
                let first = arguments.and_then(|arguments| arguments.params.first());
                let named = self.events.path_of_type(name);
                match (name, first) {
                    ("NamespaceSocket" | "SocketHooks", Some(TSType::TSLiteralType(path))) => {
                        match &path.literal {
                            TSLiteral::StringLiteral(path) => {
                                Some(Socket(Some(path.value.to_string())))
                            }
                            _ => None,
                        }
                    }
                    ("Socket" | "TypedSocket", Some(TSType::TSTypeReference(events))) => {
                        let events = name_of_type(&events.type_name)?;
                        Some(Socket(self.events.path_of_type(events)))
                    }
                    ("Socket", _) => Some(Socket(None)),
                    ("RefObject" | "MutableRefObject" | "Ref" | "Readonly", Some(inner)) => {
                        self.of_type(inner)
                    }
                    _ => named.map(|path| Socket(Some(path))),
                }
            }
            _ => None,
        }
    }
}

fn name_of_type<'a>(name: &'a TSTypeName<'_>) -> Option<&'a str> {
    match name {
        TSTypeName::IdentifierReference(it) => Some(it.name.as_str()),
        TSTypeName::QualifiedName(it) => Some(it.right.name.as_str()),
        TSTypeName::ThisExpression(_) => None,
    }
}

/// Returns the names of a pattern: those in the object, and those that they are bound to.
fn destructured(pattern: &BindingPattern<'_>) -> Vec<(String, String)> {
    let BindingPattern::ObjectPattern(pattern) = pattern else {
        return Vec::new();
    };
    let properties = pattern.properties.iter().filter_map(|property| {
        let name = property.key.name()?.into_owned();
        match &property.value {
            BindingPattern::BindingIdentifier(local) => Some((name, local.name.to_string())),
            _ => None,
        }
    });
    properties.collect()
}

/// Returns the expression without parentheses, `await` and constructs that only affect types.
pub(super) fn inner<'e, 'a>(expression: &'e Expression<'a>) -> &'e Expression<'a> {
    match expression {
        Expression::ParenthesizedExpression(it) => inner(&it.expression),
        Expression::TSAsExpression(it) => inner(&it.expression),
        Expression::TSSatisfiesExpression(it) => inner(&it.expression),
        Expression::TSNonNullExpression(it) => inner(&it.expression),
        Expression::AwaitExpression(it) => inner(&it.argument),
        other => other,
    }
}

/// Returns the value of a literal string.
pub(super) fn text_of(expression: &Expression<'_>) -> Option<String> {
    match inner(expression) {
        Expression::StringLiteral(it) => Some(it.value.to_string()),
        Expression::TemplateLiteral(it) if it.expressions.is_empty() => {
            let text = it.quasis.first()?.value.cooked?;
            Some(text.to_string())
        }
        _ => None,
    }
}

fn text_of_argument(argument: &Argument<'_>) -> Option<String> {
    argument.as_expression().and_then(text_of)
}

/// Returns the namespace of a URL: `io("http://host/chat?x=1")` connects to the namespace `/chat`.
fn path_of_url(url: &str) -> String {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |start| &rest[start..]),
        None => url,
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    format!("/{}", path.trim_start_matches('/'))
}
