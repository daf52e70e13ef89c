//! Snapshots of generated code, and names.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{expand, names::Case, suggestions};

/// Formats an expansion like rustfmt.
fn pretty(expansion: TokenStream) -> String {
    match syn::parse2(expansion) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("the expansion is not valid Rust: {error}"),
    }
}

#[test]
fn event_trait() {
    let item = quote! {
        /// Events from clients to the server.
        pub trait ToServer {
            /// Says hello.
            fn hello();
            #[event("room:join")]
            fn join(room: RoomId) -> Result<Joined, JoinError>;
            #[deprecated(note = "use `join`")]
            #[event(concurrent, rate = "5/s burst 20")]
            fn search(query: String, limit: Option<u32>, tags: Vec<Tag>) -> Vec<Found>;
            #[cfg(feature = "admin")]
            #[event(rate = "1/min")]
            fn r#type(value: u8) -> ();
        }
    };
    insta::assert_snapshot!(pretty(expand::events(quote!(prefix = "x:"), item)));
}

#[test]
fn payload_with_large_integers() {
    let item = quote! {
        /// Large.
        #[serde(rename_all = "camelCase")]
        pub struct Large {
            #[payload(bigint = "string")]
            pub number: u64,
            #[payload(bigint = "string")]
            pub maybe: Option<i128>,
            pub small: u8,
        }
    };
    insta::assert_snapshot!(pretty(expand::payload(TokenStream::new(), item)));
}

#[test]
fn static_namespace() {
    let item = quote! {
        /// Conversations of the users.
        #[events(
            namespace = "/chat",
            server_to_client = ToClient,
            client_to_server = events::ToServer,
            auth = Token,
            socket_data = User,
            connect_error = Refused,
            ts_prefix = "Talk",
        )]
        pub struct Chat;
    };
    insta::assert_snapshot!(pretty(expand::namespace(item)));
}

#[test]
fn dynamic_namespace() {
    let item = quote! {
        #[events(namespace = "/tenant/{name}/{number}", crate = "::other")]
        struct Tenant { name: String, number: u32 }
    };
    insta::assert_snapshot!(pretty(expand::namespace(item)));
}

#[test]
fn wire_names_follow_serde() {
    let names = Case::ALL.map(|(name, case)| format!("{name}: {}", case.apply("room_joined_2")));
    assert_eq!(
        names,
        [
            "lowercase: room_joined_2",
            "UPPERCASE: ROOM_JOINED_2",
            "PascalCase: RoomJoined2",
            "camelCase: roomJoined2",
            "snake_case: room_joined_2",
            "SCREAMING_SNAKE_CASE: ROOM_JOINED_2",
            "kebab-case: room-joined-2",
            "SCREAMING-KEBAB-CASE: ROOM-JOINED-2",
        ]
    );
}

#[test]
fn suggests_the_nearest_name() {
    let known = ["rename_all", "prefix", "crate"];
    assert_eq!(
        suggestions::did_you_mean("renam_all", known),
        "; did you mean `rename_all`?"
    );
    assert_eq!(suggestions::did_you_mean("zzz", known), "");
    assert_eq!(
        suggestions::list(known),
        "one of `rename_all`, `prefix`, `crate`"
    );
}
