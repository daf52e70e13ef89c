//! The page: its structure and the identifiers that links refer to.

use std::collections::{BTreeMap, BTreeSet};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use schemars::Schema as JsonSchema;
use serde_json::{Value, json};
use sio_types_schema::{
    Acknowledgement, ArgumentSchema, EventSchema, EventSetSchema, NamespaceSchema, Schema,
};

use super::example::{Budget, Examples};
use super::info::Info;
use super::snippets::{self, literal, schema_of};
use super::text::{code, prose};
use crate::error::Error;
use crate::typescript::Direction;
use crate::typescript::reference::{Reference, Role};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPTS: [&str; 3] = [
    include_str!("assets/page.js"),
    include_str!("assets/client.js"),
    include_str!("assets/console.js"),
];

const ROLES: [Role; 3] = [
    Role::ServerToClient,
    Role::ClientToServer,
    Role::BetweenServers,
];

pub(super) struct Page<'a> {
    schema: &'a Schema,
    info: &'a Info,
    reference: Reference<'a>,
    types: BTreeMap<String, String>,
    /// Events that use a type in their arguments or acknowledgement, by the name of its definition.
    users: BTreeMap<&'a str, Vec<User>>,
    budget: Budget,
}

/// Identifier and name of an event.
type User = (String, String);

impl<'a> Page<'a> {
    pub(super) fn new(schema: &'a Schema, info: &'a Info) -> Result<Self, Error> {
        let reference = Reference::new(schema)?;
        let types = reference.types();
        Ok(Self {
            schema,
            info,
            reference,
            types,
            users: users(schema),
            budget: Budget::default(),
        })
    }

    pub(super) fn print(&self) -> Result<String, Error> {
        let namespaces = self.schema.namespaces.iter();
        let namespaces: Vec<_> = namespaces
            .map(|namespace| self.namespace(namespace))
            .collect::<Result<_, Error>>()?;
        let page = html! {
            (DOCTYPE)
            html lang="en" data-live=[self.info.live] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="generator" content=(concat!("sio-types ", env!("CARGO_PKG_VERSION")));
                    meta name="color-scheme" content="light dark";
                    title { (self.info.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#content" { "Skip to the events" }
                    (self.header())
                    (self.navigation())
                    main #content {
                        @for namespace in &namespaces { (namespace) }
                        (self.all_types())
                        p #nothing hidden { "No matches." }
                    }
                    (self.console())
                    script type="application/json" id="schema" { (PreEscaped(self.data())) }
                    @for script in SCRIPTS { script { (PreEscaped(script)) } }
                }
            }
        };
        Ok(page.into_string() + "\n")
    }

    fn header(&self) -> Markup {
        html! {
            header {
                button #menu type="button" aria-controls="navigation" aria-expanded="false" { "Events" }
                h1 { (self.info.title) }
                input #search type="search" placeholder="Search  ( / )" aria-label="Search events and types";
                button #theme type="button" aria-label="Switch between light and dark" { "◐" }
            }
        }
    }

    fn navigation(&self) -> Markup {
        html! {
            nav #navigation aria-label="Events" {
                @for namespace in &self.schema.namespaces {
                    h2 { a href=(format!("#{}", namespace_id(namespace))) { (namespace.path) } }
                    @for role in ROLES {
                        @let set = set(namespace, role);
                        @if !set.events.is_empty() {
                            h3 { (heading(role)) }
                            ul {
                                @for event in &set.events {
                                    li { a href=(format!("#{}", event_id(namespace, role, event))) { (event.name) } }
                                }
                            }
                        }
                    }
                }
                @if !self.types.is_empty() {
                    h2 { a href="#types" { "Types" } }
                    ul {
                        @for name in self.types.keys() {
                            li { a href=(format!("#type-{name}")) { (name) } }
                        }
                    }
                }
            }
        }
    }

    fn namespace(&self, namespace: &NamespaceSchema) -> Result<Markup, Error> {
        let mut sets = Vec::new();
        for role in ROLES {
            let set = set(namespace, role);
            if !set.events.is_empty() {
                sets.push(self.set(namespace, set, role)?);
            }
        }
        let facts = [
            (
                "Auth",
                namespace.auth.as_ref(),
                Direction::Accepted,
                "sent by a client when it connects",
            ),
            (
                "Connect error",
                namespace.connect_error.as_ref(),
                Direction::Sent,
                "data of a rejected connection",
            ),
            (
                "Socket data",
                namespace.socket_data.as_ref(),
                Direction::Sent,
                "stored by the server for each socket",
            ),
        ];
        let mut rows = Vec::new();
        for (name, payload, direction, what) in facts {
            if let Some(payload) = payload {
                rows.push((name, self.reference.payload(payload, direction)?, what));
            }
        }
        Ok(html! {
            article id=(namespace_id(namespace)) {
                h2 { code { (namespace.path) } " " small { (namespace.name) } }
                (prose(&namespace.docs))
                @if !rows.is_empty() || !namespace.parameters.is_empty() {
                    dl {
                        @for parameter in &namespace.parameters {
                            dt { "Parameter" }
                            dd { code { "{" (parameter.name) "}" } " part of the path" }
                        }
                        @for (name, ty, what) in &rows {
                            dt { (name) }
                            dd { code { (code(ty, &self.types)) } " " (what) }
                        }
                    }
                }
                @for set in &sets { (set) }
            }
        })
    }

    fn set(
        &self,
        namespace: &NamespaceSchema,
        set: &EventSetSchema,
        role: Role,
    ) -> Result<Markup, Error> {
        let events: Vec<_> = set
            .events
            .iter()
            .map(|event| self.event(namespace, event, role))
            .collect::<Result<_, Error>>()?;
        Ok(html! {
            section.set {
                h3 { (heading(role)) }
                (prose(&set.docs))
                @for event in &events { (event) }
            }
        })
    }

    fn event(
        &self,
        namespace: &NamespaceSchema,
        event: &EventSchema,
        role: Role,
    ) -> Result<Markup, Error> {
        let id = event_id(namespace, role, event);
        let arguments = event.arguments.iter();
        let arguments: Vec<_> = arguments
            .map(|argument| self.example(argument, role.arguments()))
            .collect();
        let answer = self.answer(event);
        let signature = self.reference.event(event, role)?;
        let badge = match &event.acknowledgement {
            None => None,
            Some(Acknowledgement::Fallible { .. }) => Some("may fail"),
            Some(_) => Some("acknowledged"),
        };
        let mut packet = vec![Value::String(event.name.clone())];
        packet.extend(arguments.iter().cloned());
        let packet = literal(&Value::Array(packet), 0);
        let search = format!(
            "{} {} {} {signature}",
            namespace.path, event.name, event.docs
        );
        Ok(html! {
            section.event.entry id=(id) data-search=(search.to_lowercase()) {
                h4 {
                    a href=(format!("#{id}")) { (event.name) }
                    @if let Some(badge) = badge { span.badge { (badge) } }
                    @if event.deprecated.is_some() { span.badge.old { "deprecated" } }
                }
                @if let Some(note) = &event.deprecated { @if !note.is_empty() { p.old { (note) } } }
                (prose(&event.docs))
                pre.signature { code { (code(&signature, &self.types)) } }
                (samples(&id, &[
                    ("TypeScript", snippets::typescript(event, role, &arguments, answer.as_ref())),
                    ("Rust", snippets::rust(namespace, event, role)),
                    ("Example", packet),
                ]))
                @if role != Role::BetweenServers {
                    button.try type="button" data-namespace=(namespace.path) data-role=(role_key(role)) data-event=(event.name) {
                        @if role == Role::ClientToServer { "Try it" } @else { "Listen" }
                    }
                }
            }
        })
    }

    fn all_types(&self) -> Markup {
        let origins = self.reference.origins();
        html! {
            @if !self.types.is_empty() {
                article #types {
                    h2 { "Types" }
                    @for (name, declaration) in &self.types {
                        @let id = format!("type-{name}");
                        section.type.entry id=(id) data-search=(format!("{name} {declaration}").to_lowercase()) {
                            h4 { a href=(format!("#{id}")) { (name) } }
                            pre.signature { code { (code(declaration.trim_end(), &self.types)) } }
                            @if let Some((definition, direction)) = origins.get(name) {
                                @if let Some(used) = self.users.get(definition) {
                                    p.users {
                                        "Used by "
                                        @for (index, (id, name)) in used.iter().enumerate() {
                                            @if index > 0 { ", " }
                                            a href=(format!("#{id}")) { (name) }
                                        }
                                    }
                                }
                                (samples(&id, &[("Example", literal(&self.example_of(definition, *direction), 0))]))
                            }
                        }
                    }
                }
            }
        }
    }

    fn console(&self) -> Markup {
        html! {
            dialog #console aria-label="Event console" {
                form #connection {
                    label { "Server" input #server name="server" type="url" required value=(self.info.server); }
                    div #parameters {}
                    div #auth {}
                    button type="submit" { "Connect" }
                    output #state { "not connected" }
                    button #close type="button" aria-label="Close" { "×" }
                }
                form #message hidden {
                    h2 #name {}
                    div #arguments {}
                    button type="submit" { "Send" }
                }
                h2 { "Event log" }
                ol #log role="log" {}
            }
        }
    }

    /// Returns the schema for the console, escaped so that it cannot close the script element.
    fn data(&self) -> String {
        json!(self.schema).to_string().replace('<', "\\u003c")
    }

    fn example(&self, argument: &ArgumentSchema, direction: Direction) -> Value {
        let schema = schema_of(&argument.payload, direction);
        schema.map_or(Value::Null, |schema| {
            self.examples(direction).of(schema, &argument.name)
        })
    }

    /// Returns an example of the acknowledgement that a client may send; `None` if the event has no value to
    /// acknowledge with.
    fn answer(&self, event: &EventSchema) -> Option<Value> {
        let of = |data| {
            let schema = schema_of(data, Direction::Accepted)?;
            Some(self.examples(Direction::Accepted).of(schema, ""))
        };
        match event.acknowledgement.as_ref()? {
            Acknowledgement::Value { data, .. } => of(data),
            Acknowledgement::Fallible { data, .. } => {
                Some(json!({ "status": "ok", "data": of(data)? }))
            }
            _ => None,
        }
    }

    fn example_of(&self, definition: &str, direction: Direction) -> Value {
        let definitions = &self.schema.definitions;
        let schema = match direction {
            Direction::Sent => definitions.sent.get(definition),
            Direction::Accepted => definitions.accepted.get(definition),
        };
        schema.map_or(Value::Null, |schema| {
            self.examples(direction).of(schema.as_value(), "")
        })
    }

    fn examples(&self, direction: Direction) -> Examples<'_> {
        let definitions = &self.schema.definitions;
        let definitions = match direction {
            Direction::Sent => &definitions.sent,
            Direction::Accepted => &definitions.accepted,
        };
        Examples::new(definitions, &self.budget)
    }
}

/// Finds the events that refer to each type.
fn users(schema: &Schema) -> BTreeMap<&str, Vec<User>> {
    let mut users: BTreeMap<&str, Vec<User>> = BTreeMap::new();
    for namespace in &schema.namespaces {
        for role in ROLES {
            for event in &set(namespace, role).events {
                let mut types = BTreeSet::new();
                payloads(event).for_each(|schema| add_types(schema, &mut types));
                for name in types {
                    let user = (event_id(namespace, role, event), event.name.clone());
                    users.entry(name).or_default().push(user);
                }
            }
        }
    }
    users
}

fn payloads(event: &EventSchema) -> impl Iterator<Item = &Value> {
    let mut payloads: Vec<_> = event.arguments.iter().map(|it| &it.payload).collect();
    match &event.acknowledgement {
        Some(Acknowledgement::Value { data, .. }) => payloads.push(data),
        Some(Acknowledgement::Fallible { data, error, .. }) => payloads.extend([data, error]),
        _ => {}
    }
    let schemas = payloads
        .into_iter()
        .flat_map(|it| it.sent.iter().chain(&it.accepted));
    schemas.map(JsonSchema::as_value)
}

fn add_types<'a>(schema: &'a Value, types: &mut BTreeSet<&'a str>) {
    match schema {
        Value::String(text) => {
            let prefixes = ["#/definitions/sent/", "#/definitions/accepted/"];
            types.extend(prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)));
        }
        Value::Array(items) => items.iter().for_each(|item| add_types(item, types)),
        Value::Object(fields) => fields.values().for_each(|value| add_types(value, types)),
        _ => {}
    }
}

/// Renders code to copy, in one language at a time.
fn samples(id: &str, samples: &[(&str, String)]) -> Markup {
    html! {
        div.samples {
            @for (index, (language, text)) in samples.iter().enumerate() {
                details name=(format!("{id}-samples")) open[index == 0 && samples.len() > 1] {
                    summary { (language) }
                    button.copy type="button" { "Copy" }
                    pre { code { (text) } }
                }
            }
        }
    }
}

fn set(namespace: &NamespaceSchema, role: Role) -> &EventSetSchema {
    match role {
        Role::ServerToClient => &namespace.server_to_client,
        Role::ClientToServer => &namespace.client_to_server,
        Role::BetweenServers => &namespace.inter_server,
    }
}

fn heading(role: Role) -> &'static str {
    match role {
        Role::ServerToClient => "Server to client",
        Role::ClientToServer => "Client to server",
        Role::BetweenServers => "Between servers",
    }
}

/// Returns the key of the events in the schema.
fn role_key(role: Role) -> &'static str {
    match role {
        Role::ServerToClient => "serverToClient",
        Role::ClientToServer => "clientToServer",
        Role::BetweenServers => "interServer",
    }
}

fn namespace_id(namespace: &NamespaceSchema) -> String {
    format!("namespace-{}", namespace.name)
}

fn event_id(namespace: &NamespaceSchema, role: Role, event: &EventSchema) -> String {
    format!("{}-{}-{}", namespace.name, role_key(role), event.method)
}
