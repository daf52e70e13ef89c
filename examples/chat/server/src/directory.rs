//! Who there is, and what lets them in: in a real application a database and an identity provider.

use sio_types::prelude::*;

use crate::events::{Credentials, Role, SignInError, SocketData, User, UserId};

struct Entry {
    token: &'static str,
    id: &'static str,
    name: &'static str,
    role: Role,
    tenants: &'static [&'static str],
}

impl Entry {
    fn user(&self) -> User {
        User {
            id: UserId(self.id.to_owned()),
            name: self.name.to_owned(),
            role: self.role,
        }
    }
}

const ENTRIES: [Entry; 3] = [
    Entry {
        token: "ada-token",
        id: "ada",
        name: "Ada",
        role: Role::Administrator,
        tenants: &["acme", "globex"],
    },
    Entry {
        token: "grace-token",
        id: "grace",
        name: "Grace",
        role: Role::Member,
        tenants: &["acme", "globex"],
    },
    Entry {
        token: "edsger-token",
        id: "edsger",
        name: "Edsger",
        role: Role::Member,
        tenants: &["globex"],
    },
];

/// Everybody who may sign in.
pub(crate) fn users() -> impl Iterator<Item = User> {
    ENTRIES.iter().map(Entry::user)
}

/// Lets anybody in who has a token.
pub(crate) fn sign_in(credentials: &Credentials) -> Result<SocketData, ConnectError<SignInError>> {
    let user = entry(credentials)?.user();
    Ok(SocketData { user })
}

/// Lets administrators in.
pub(crate) fn sign_in_administrator(
    credentials: &Credentials,
) -> Result<SocketData, ConnectError<SignInError>> {
    let data = sign_in(credentials)?;
    match data.user.role {
        Role::Administrator => Ok(data),
        role @ Role::Member => Err(ConnectError::new("this is for administrators")
            .with_data(SignInError::AdministratorsOnly { role })),
    }
}

/// Lets a tenant's people in.
pub(crate) fn sign_in_tenant(
    credentials: &Credentials,
    tenant: &str,
) -> Result<SocketData, ConnectError<SignInError>> {
    let entry = entry(credentials)?;
    if !entry.tenants.contains(&tenant) {
        let tenant = tenant.to_owned();
        return Err(ConnectError::new("there is no such workspace")
            .with_data(SignInError::NoSuchWorkspace { tenant }));
    }
    let user = entry.user();
    Ok(SocketData { user })
}

fn entry(credentials: &Credentials) -> Result<&'static Entry, ConnectError<SignInError>> {
    ENTRIES
        .iter()
        .find(|entry| entry.token == credentials.token)
        .ok_or_else(|| {
            ConnectError::new("nobody has this token").with_data(SignInError::UnknownToken)
        })
}
