//! Uses of events in a file.

use std::collections::BTreeMap;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    BindingPattern, CallExpression, Expression, ObjectPropertyKind, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::{GetSpan as _, SourceType};

use super::events::Events;
use super::files::Source;
use super::finding::Finding;
use super::sockets::{Exports, Hook, Socket, Sockets, inner, text_of};
use crate::terminal::Level;

/// A use of an event.
#[derive(Debug, PartialEq)]
pub(super) struct Use {
    pub(super) action: Action,
    pub(super) socket: Socket,
    /// Name of the event; empty if all events are meant.
    pub(super) event: String,
    pub(super) place: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Action {
    Send,
    Listen,
    /// An event is named without being listened to, as when a listener is removed.
    Name,
    /// All incoming events are listened to.
    ListenToAll,
}

fn action(method: &str) -> Option<Action> {
    match method {
        "emit" | "emitWithAck" => Some(Action::Send),
        "on" | "once" | "addListener" => Some(Action::Listen),
        "off" | "removeListener" | "listeners" | "hasListeners" => Some(Action::Name),
        "onAny" | "prependAny" => Some(Action::ListenToAll),
        _ => None,
    }
}

/// Returns what a generated hook does with the event in its first argument.
fn hook_action(hook: &str) -> Option<Action> {
    match hook {
        "useEmitWithAck" => Some(Action::Send),
        "useSocketEvent" | "useLastEvent" => Some(Action::Listen),
        _ => None,
    }
}

/// Returns what `useRoom` does with the event of this name.
fn room_action(role: &str) -> Option<Action> {
    match role {
        "join" | "leave" => Some(Action::Send),
        "entered" | "left" => Some(Action::Listen),
        _ => None,
    }
}

/// Returns the uses in a file, and the places that cannot be interpreted.
pub(super) fn of(
    source: &Source,
    exports: &Exports,
    events: &Events<'_>,
) -> (Vec<Use>, Vec<Finding>) {
    let Ok(kind) = SourceType::from_path(&source.path) else {
        return Default::default();
    };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &source.text, kind).parse();
    let mut sockets = Sockets::new(events, exports);
    sockets.visit_program(&parsed.program);
    let mut reader = Reader {
        source,
        sockets,
        constants: BTreeMap::new(),
        objects: BTreeMap::new(),
        uses: Vec::new(),
        unread: Vec::new(),
    };
    if let Some(error) = parsed.diagnostics.first() {
        let start = error
            .labels
            .first()
            .map_or(0, |label| label.offset() as usize);
        reader.warn(
            "syntax",
            format!("cannot parse the file: {}", error.message),
            None,
            start,
        );
    }
    reader.visit_program(&parsed.program);
    (reader.uses, reader.unread)
}

struct Reader<'e> {
    source: &'e Source,
    sockets: Sockets<'e>,
    /// Values of `const NAME = "text"`, in any scope.
    constants: BTreeMap<String, String>,
    /// Values of `const NAME = { key: "text" }`, in any scope.
    objects: BTreeMap<String, Vec<(String, String)>>,
    uses: Vec<Use>,
    unread: Vec<Finding>,
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let BindingPattern::BindingIdentifier(name) = &it.id
            && let Some(text) = it.init.as_ref().and_then(text_of)
        {
            self.constants.insert(name.name.to_string(), text);
        }
        if let BindingPattern::BindingIdentifier(name) = &it.id
            && let Some(texts) = it.init.as_ref().and_then(texts_of)
        {
            self.objects.insert(name.name.to_string(), texts);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        // The callee comes first, as it does in the file.
        walk::walk_call_expression(self, it);
        if let Expression::StaticMemberExpression(callee) = inner(&it.callee)
            && let Some(action) = action(&callee.property.name)
            && let Some(socket) = self.sockets.of(&callee.object)
        {
            self.add(action, socket, it, callee.property.span.start as usize);
        }
        if let Some(hook) = self.sockets.hook(it) {
            self.hook(&hook, it);
        }
        self.generated_function(it);
    }
}

impl Reader<'_> {
    /// Handles `Chat.useSocketEvent("message", …)`.
    fn hook(&mut self, hook: &Hook, call: &CallExpression<'_>) {
        let start = call.span.start as usize;
        if let Some(action) = hook_action(&hook.name) {
            self.add(action, hook.socket.clone(), call, start);
        }
        if hook.name != "useRoom" {
            return;
        }
        let options = call.arguments.get(1).and_then(|it| it.as_expression());
        for (role, event) in options.map_or_else(Vec::new, |it| self.texts(it)) {
            if let Some(action) = room_action(&role) {
                self.uses.push(Use {
                    action,
                    socket: hook.socket.clone(),
                    event,
                    place: self.place(start),
                });
            }
        }
    }

    /// Handles `register(socket, handlers)` and `onAny(socket, listener)`.
    fn generated_function(&mut self, call: &CallExpression<'_>) {
        let Expression::Identifier(callee) = inner(&call.callee) else {
            return;
        };
        let argument = |index: usize| call.arguments.get(index).and_then(|it| it.as_expression());
        let Some(socket) = argument(0).and_then(|it| self.sockets.of(it)) else {
            return;
        };
        let place = self.place(call.span.start as usize);
        let all = Use {
            action: Action::ListenToAll,
            socket: socket.clone(),
            event: String::new(),
            place: place.clone(),
        };
        match (callee.name.as_str(), argument(1).map(inner)) {
            ("register", Some(Expression::ObjectExpression(handlers))) => {
                let names = handlers.properties.iter().filter_map(key_of);
                self.uses.extend(names.map(|event| Use {
                    action: Action::Listen,
                    socket: socket.clone(),
                    event,
                    place: place.clone(),
                }));
            }
            ("register" | "onAny", Some(_)) => self.uses.push(all),
            _ => {}
        }
    }

    fn texts(&self, expression: &Expression<'_>) -> Vec<(String, String)> {
        let constant = || match inner(expression) {
            Expression::Identifier(it) => self.objects.get(it.name.as_str()).cloned(),
            _ => None,
        };
        texts_of(expression).or_else(constant).unwrap_or_default()
    }

    fn add(&mut self, action: Action, socket: Socket, call: &CallExpression<'_>, start: usize) {
        let first = call
            .arguments
            .first()
            .and_then(|argument| argument.as_expression());
        let event = match (action, first) {
            (Action::ListenToAll, _) => Some(String::new()),
            // `off()` removes all listeners.
            (_, None) => return,
            (_, Some(name)) => self.text(name),
        };
        match event {
            Some(event) => {
                let place = self.place(start);
                self.uses.push(Use {
                    action,
                    socket,
                    event,
                    place,
                });
            }
            None => {
                let start = first.map_or(start, |name| name.span().start as usize);
                let what = "cannot determine the name of the event";
                let help = "use a string literal or a constant";
                self.warn("unknown", what.to_owned(), Some(help), start);
            }
        }
    }

    fn text(&self, expression: &Expression<'_>) -> Option<String> {
        let constant = || match inner(expression) {
            Expression::Identifier(it) => self.constants.get(it.name.as_str()).cloned(),
            _ => None,
        };
        text_of(expression).or_else(constant)
    }

    fn warn(&mut self, code: &'static str, what: String, help: Option<&str>, start: usize) {
        let place = self.place(start);
        self.unread.push(Finding {
            level: Level::Warning,
            code,
            what,
            place,
            help: help.map(str::to_owned),
        });
    }

    fn place(&self, offset: usize) -> String {
        let before = self.source.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |it| it.chars().count())
            + 1;
        format!("{}:{line}:{column}", self.source.path.display())
    }
}

/// Returns the string properties of an object, with their names.
fn texts_of(expression: &Expression<'_>) -> Option<Vec<(String, String)>> {
    let Expression::ObjectExpression(object) = inner(expression) else {
        return None;
    };
    let texts = object.properties.iter().filter_map(|property| {
        let ObjectPropertyKind::ObjectProperty(it) = property else {
            return None;
        };
        Some((key_of(property)?, text_of(&it.value)?))
    });
    Some(texts.collect())
}

fn key_of(property: &ObjectPropertyKind<'_>) -> Option<String> {
    match property {
        ObjectPropertyKind::ObjectProperty(it) => Some(it.key.name()?.into_owned()),
        ObjectPropertyKind::SpreadProperty(_) => None,
    }
}
