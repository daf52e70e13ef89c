//! Tests of the chat from the point of view of its clients: two servers in this process, without a port, a page or
//! Redis.

use std::{error::Error, time::Duration};

use axum::Router;
use sio_types::{
    Namespace, SocketIo,
    testing::{Client, ConnectFailure, Disconnected, Hub, expect_event},
};
use uuid::Uuid;

use crate::{
    app::App,
    build, directory,
    events::{
        Credentials, Role, SignInError, User, UserId,
        admin::{Admin, BanError, Happening, ServerToClientEvent as AdminEvent},
        chat::{
            Chat, Draft, JoinError, PostError, RoomId, RoomSummary,
            ServerToClientEvent as ChatEvent,
        },
        cluster::Change,
        notifications::Notifications,
        workspace::Workspace,
    },
    tokens::Tokens,
};

type Outcome = Result<(), Box<dyn Error>>;

/// Two servers of one chat.
struct Servers {
    hub: Hub,
    one: Server,
    two: Server,
}

struct Server {
    router: Router,
    app: App,
}

impl Servers {
    fn start() -> Result<Self, Box<dyn Error>> {
        let hub = Hub::new();
        let server = |name| {
            // A server that is cut off is only waited for briefly.
            let cluster = hub.cluster().request_timeout(Duration::from_millis(100));
            let cluster = cluster.heartbeat(Duration::from_millis(50), Duration::from_secs(5));
            let (router, app) = build(SocketIo::builder().cluster(cluster), tokens(), name)?;
            Ok::<_, Box<dyn Error>>(Server { router, app })
        };
        let (one, two) = (server("one")?, server("two")?);
        Ok(Self { hub, one, two })
    }
}

impl Server {
    async fn connect<N>(
        &self,
        namespace: N,
        person: &str,
    ) -> Result<Client<N>, ConnectFailure<SignInError>>
    where
        N: Namespace<Auth = Credentials, ConnectErrorData = SignInError>,
    {
        let person = directory::by_id(person).expect("somebody of the directory");
        let token = self.app.tokens.issue(person);
        Client::connect(&self.router, namespace, Credentials { token }).await
    }
}

/// Returns the error with which the server rejects a client.
fn refusal<N: Namespace>(
    connected: Result<Client<N>, ConnectFailure<SignInError>>,
) -> Option<SignInError> {
    connected.err()?.refusal()?.data().cloned()
}

fn tokens() -> Tokens {
    Tokens::new("for tests only".to_owned(), Duration::from_secs(60))
}

fn user(person: &str) -> User {
    let person = directory::by_id(person).expect("somebody of the directory");
    person.user()
}

fn lobby() -> RoomId {
    RoomId("lobby".to_owned())
}

fn draft(text: &str) -> Draft {
    Draft {
        id: Uuid::new_v4(),
        text: text.to_owned(),
        image: None,
    }
}

#[tokio::test]
async fn people_are_let_in_where_they_belong() -> Outcome {
    let Servers { one, .. } = Servers::start()?;
    let grace = one.connect(Chat, "grace").await?;
    assert_eq!(grace.emit().me().await?, user("grace"));

    let token = "grace.9999999999999.00".to_owned();
    let forged = Client::connect(&one.router, Chat, Credentials { token }).await;
    assert_eq!(refusal(forged), Some(SignInError::UnknownToken));

    let role = Role::Member;
    let admin = one.connect(Admin, "grace").await;
    assert_eq!(
        refusal(admin),
        Some(SignInError::AdministratorsOnly { role })
    );

    let tenant = "acme".to_owned();
    let acme = Workspace {
        tenant: tenant.clone(),
    };
    one.connect(acme.clone(), "barbara").await?;
    let stranger = one.connect(acme, "edsger").await;
    assert_eq!(
        refusal(stranger),
        Some(SignInError::NoSuchWorkspace { tenant })
    );
    Ok(())
}

#[tokio::test]
async fn a_room_is_the_same_on_both_servers() -> Outcome {
    let Servers { hub, one, two } = Servers::start()?;
    let ada = one.connect(Chat, "ada").await?;
    let grace = two.connect(Chat, "grace").await?;
    let outsider = two.connect(Chat, "edsger").await?;
    let invalid = ada.emit().join(RoomId("No!".to_owned())).await?;
    assert_eq!(invalid.err(), Some(JoinError::InvalidName { longest: 32 }));

    let joined = ada.emit().join(lobby()).await?.expect("there is room");
    assert_eq!(joined.members, [user("ada")]);
    let joined = grace.emit().join(lobby()).await?.expect("there is room");
    assert_eq!(joined.members, [user("ada"), user("grace")]);
    let update = |members| RoomSummary {
        room: lobby(),
        members,
    };
    ada.expect().room_update(update(1)).await?;
    ada.expect().entered(lobby(), user("grace")).await?;
    ada.expect().room_update(update(2)).await?;

    let early = outsider.emit().post(lobby(), draft("hello")).await?;
    assert_eq!(early.err(), Some(PostError::NotInRoom));
    let posted = grace.emit().post(lobby(), draft("hello")).await?;
    ada.expect().message(posted.expect("she is in it")).await?;
    grace.emit().typing(lobby(), true).await?;
    ada.expect().typing(lobby(), user("grace"), true).await?;

    // Clients outside the room receive nothing.
    hub.settled().await?;
    let heard = outsider.received().await?;
    assert!(
        heard
            .iter()
            .all(|event| matches!(event, ChatEvent::RoomUpdate { .. }))
    );

    drop(grace);
    ada.expect().left(lobby(), user("grace")).await?;
    ada.expect().room_update(update(1)).await?;
    let joined = outsider.emit().join(lobby()).await?.expect("there is room");
    assert_eq!(
        joined.history.len(),
        1,
        "the other server was told of the message"
    );
    Ok(())
}

#[tokio::test]
async fn a_socket_id_is_not_the_name_of_a_room() -> Outcome {
    let Servers { hub, one, two } = Servers::start()?;
    let ada = one.connect(Chat, "ada").await?;
    let edsger = two.connect(Chat, "edsger").await?;
    let (own, hers) = (edsger.id().to_string(), ada.id().to_string());
    let rooms = two.app.store.rooms();

    // Every socket is a member of the room of its own id.
    for name in [&own, &hers, &format!("room:{own}")] {
        let room = RoomId(name.clone());
        let posted = edsger.emit().post(room.clone(), draft("hello")).await?;
        assert_eq!(posted.err(), Some(PostError::NotInRoom), "{name}");
        edsger.emit().typing(room.clone(), true).await?;
        edsger.emit().leave(room).await?;
    }
    assert_eq!(
        two.app.store.rooms(),
        rooms,
        "a message opened a room without a name"
    );

    // One socket id in several thousand is also a valid room name. It refers to another room than that of the socket.
    edsger.emit().join(RoomId(hers.clone())).await?.ok();
    edsger
        .emit()
        .join(RoomId(format!("room:{hers}")))
        .await?
        .ok();
    hub.settled().await?;
    let with_her = two.app.io.of(Chat).room(hers).members().await?;
    assert_eq!(with_her.len(), 1, "another socket is in the room of an id");
    let with_him = two.app.io.of(Chat).room(own).members().await?;
    assert_eq!(with_him.len(), 1, "the socket left the room of its own id");
    Ok(())
}

#[tokio::test]
async fn an_invalid_name_stays_invalid_when_there_is_a_room_of_that_name() -> Outcome {
    let Servers { one, .. } = Servers::start()?;
    let ada = one.connect(Chat, "ada").await?;
    for name in ["AAAAAAAAAAAAAAHs", "room:lobby", "Lobby"] {
        let room = RoomId(name.to_owned());
        one.app
            .store
            .apply(&Change::RoomOpened { room: room.clone() });
        let joined = ada.emit().join(room).await?;
        let invalid = JoinError::InvalidName { longest: 32 };
        assert_eq!(joined.err(), Some(invalid), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_socket_id_is_not_the_name_of_a_person() -> Outcome {
    let Servers { one, two, .. } = Servers::start()?;
    let administrator = one.connect(Admin, "ada").await?;
    let grace = two.connect(Notifications, "grace").await?;

    // A socket id is not a user id, and another person's device room does not identify a person.
    for id in [grace.id().to_string(), "user:grace".to_owned()] {
        let banned = administrator.emit().ban(UserId(id.clone())).await?;
        assert_eq!(banned, Err(BanError::UnknownPerson));
        let unbanned = administrator.emit().unban(UserId(id)).await?;
        assert_eq!(unbanned, Err(BanError::UnknownPerson));
    }
    let unknown = grace.emit().mark_read(Uuid::new_v4()).await?;
    assert!(unknown.is_err());
    let rooms = two.app.io.of(Notifications).rooms().await?;
    assert!(rooms.iter().any(|room| room == "user:grace"), "{rooms:?}");
    assert!(one.app.store.history().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_ban_holds_on_both_servers() -> Outcome {
    let Servers { hub, one, two } = Servers::start()?;
    let administrator = one.connect(Admin, "ada").await?;
    let mut grace = two.connect(Chat, "grace").await?;
    let acme = Workspace {
        tenant: "acme".to_owned(),
    };
    let at_work = two.connect(acme, "grace").await?;
    hub.settled().await?;

    let person = |name: &str| UserId(name.to_owned());
    let refused = administrator.emit().ban(person("ada")).await?;
    assert_eq!(refused, Err(BanError::Administrator));
    assert_eq!(administrator.emit().ban(person("grace")).await?, Ok(()));
    assert_eq!(grace.disconnected().await?, Disconnected::ByServer);
    assert_eq!(at_work.disconnected().await?, Disconnected::ByServer);
    expect_event!(administrator, AdminEvent::Alert { alert }
        if matches!(&alert.what, Happening::Banned { person, .. } if *person == user("grace")));

    let again = grace.reconnect().await.expect_err("she is banned");
    let reason = again.refusal().and_then(|refusal| refusal.data());
    assert_eq!(reason, Some(&SignInError::Banned));
    expect_event!(administrator, AdminEvent::Alert { alert }
        if matches!(alert.what, Happening::TurnedAway { .. }));

    assert_eq!(administrator.emit().unban(person("grace")).await?, Ok(()));
    hub.settled().await?;
    grace.reconnect().await?;
    Ok(())
}

#[tokio::test]
async fn a_server_goes_on_alone_and_is_told_what_it_has_missed() -> Outcome {
    let Servers { hub, one, two } = Servers::start()?;
    let ada = one.connect(Chat, "ada").await?;
    let administrator = one.connect(Admin, "ada").await?;
    hub.settled().await?;
    let names = async || -> Result<Vec<String>, Box<dyn Error>> {
        let statistics = administrator.emit().statistics().await?;
        Ok(statistics
            .servers
            .into_iter()
            .map(|server| server.name)
            .collect())
    };
    assert_eq!(names().await?, ["one", "two"]);

    hub.cut(&two.app.io);
    let room = RoomId("offline".to_owned());
    ada.emit().join(room.clone()).await?.expect("there is room");
    ada.emit()
        .post(room.clone(), draft("hello"))
        .await?
        .expect("she is in it");
    assert!(two.app.store.messages(&room).is_empty());

    hub.heal(&two.app.io);
    hub.settled().await?;
    two.app.catch_up().await;
    assert_eq!(two.app.store.messages(&room).len(), 1);
    assert_eq!(names().await?, ["one", "two"]);
    Ok(())
}
