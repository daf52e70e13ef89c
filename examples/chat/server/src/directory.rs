//! Directory of people. A real application has a database and an identity provider instead.

use crate::events::{Role, User, UserId};

/// A person whom the server knows.
pub(crate) struct Person {
    /// Key that this person signs in with, like a password.
    key: &'static str,
    id: &'static str,
    name: &'static str,
    role: Role,
    tenants: &'static [&'static str],
}

impl Person {
    pub(crate) fn user(&self) -> User {
        User {
            id: UserId(self.id.to_owned()),
            name: self.name.to_owned(),
            role: self.role,
        }
    }

    pub(crate) fn is_of(&self, tenant: &str) -> bool {
        self.tenants.contains(&tenant)
    }
}

const PEOPLE: [Person; 4] = [
    Person {
        key: "ada-key",
        id: "ada",
        name: "Ada",
        role: Role::Administrator,
        tenants: &["acme", "globex"],
    },
    Person {
        key: "grace-key",
        id: "grace",
        name: "Grace",
        role: Role::Member,
        tenants: &["acme", "globex"],
    },
    Person {
        key: "edsger-key",
        id: "edsger",
        name: "Edsger",
        role: Role::Member,
        tenants: &["globex"],
    },
    Person {
        key: "barbara-key",
        id: "barbara",
        name: "Barbara",
        role: Role::Member,
        tenants: &["acme"],
    },
];

/// Returns all people.
pub(crate) fn people() -> impl Iterator<Item = &'static Person> {
    PEOPLE.iter()
}

pub(crate) fn by_key(key: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.key == key)
}

pub(crate) fn by_id(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}
