//! MongoDB: change streams that go on where they were broken off, and a collection for what is sent.
//!
//! The driver has been compiled, and not been run against a server by our tests, for Debian has none.

use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use mongodb::{
    Client, Collection, IndexModel,
    bson::{DateTime, Document, doc, to_document},
    change_stream::event::{ChangeStreamEvent, ResumeToken},
    error::Error,
    options::{ClientOptions, ConnectionString, IndexOptions},
};
use socketioxide_core::Uid;
use socketioxide_mongodb::drivers::{Driver, Item, ItemHeader};
use tokio::sync::mpsc;

use super::{Backoff, Health};

/// How many documents may wait to be taken.
const BUFFER: usize = 1024;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is asked whether it is alive.
const PULSE: Duration = Duration::from_secs(1);

/// How long a message stays in the collection.
const LIFETIME: Duration = Duration::from_secs(60);

/// The database that a URL without one means.
const DATABASE: &str = "sio-types";

/// A collection of messages; clones share it.
#[derive(Clone)]
pub(crate) struct MongoDriver {
    collection: Arc<OnceLock<Collection<Item>>>,
    health: Arc<Health>,
}

/// Reads a URL.
pub(crate) fn parse(url: &str) -> Result<ConnectionString, Error> {
    ConnectionString::parse(url)
}

impl MongoDriver {
    /// Starts to connect, and to watch over the connection until the driver is dropped.
    pub(crate) fn start(url: ConnectionString, collection: String, health: Arc<Health>) -> Self {
        let this = Self {
            collection: Arc::default(),
            health,
        };
        let weak = Arc::downgrade(&this.health);
        tokio::spawn(watch_over(url, collection, this.collection.clone(), weak));
        this
    }

    /// Sends to all who listen to a channel of the bus.
    pub(crate) async fn publish(&self, origin: Uid, channel: String, data: Vec<u8>) {
        let item = Item {
            header: ItemHeader::Req { target: None },
            ns: channel,
            origin,
            data,
        };
        self.insert(&item).await;
    }

    /// Listens to channels of the bus.
    pub(crate) fn listen(&self, channels: &[String]) -> mpsc::Receiver<Item> {
        self.follow(vec![
            doc! { "$match": { "fullDocument.ns": { "$in": channels } } },
        ])
    }

    /// Closes the connections.
    pub(crate) async fn end(&self) {
        if let Some(collection) = self.collection.get() {
            collection.client().clone().shutdown().immediate(true).await;
        }
    }

    /// What is lost to the other servers is no error: this server's own sockets are to have it.
    async fn insert(&self, item: &Item) {
        const WHAT: &str = "a message to other servers";
        // Without a connection the attempt would take as long as the database may.
        let Some(collection) = self.collection.get().filter(|_| self.health.is_connected()) else {
            return self.health.lose(WHAT, &"not connected");
        };
        let mut document = match to_document(item) {
            Ok(document) => document,
            Err(error) => return self.health.lose(WHAT, &error),
        };
        // By which the database removes it later.
        document.insert("createdAt", DateTime::now());
        let collection = collection.clone_with_type::<Document>();
        if let Err(error) = collection.insert_one(document).await {
            self.health.lose(WHAT, &error);
        }
    }

    fn follow(&self, pipeline: Vec<Document>) -> mpsc::Receiver<Item> {
        let (sender, receiver) = mpsc::channel(BUFFER);
        let collection = self.collection.clone();
        tokio::spawn(follow(collection, self.health.clone(), pipeline, sender));
        receiver
    }
}

impl Driver for MongoDriver {
    type Error = Error;
    type EvStream = BoxStream<'static, Result<Item, Error>>;

    async fn watch(&self, server: Uid, namespace: &str) -> Result<Self::EvStream, Error> {
        let items = self.follow(vec![doc! { "$match": {
            "fullDocument.origin": { "$ne": server.as_str() },
            "fullDocument.ns": namespace,
            "$or": [
                { "fullDocument.target": server.as_str() },
                { "fullDocument.target": { "$exists": false } },
            ],
        } }]);
        let items = stream::unfold(items, async |mut items| {
            let next = items.recv().await?;
            Some((Ok(next), items))
        });
        Ok(items.boxed())
    }

    async fn emit(&self, item: &Item) -> Result<(), Error> {
        self.insert(item).await;
        Ok(())
    }
}

/// Connects, and says again and again whether the database answers.
async fn watch_over(
    url: ConnectionString,
    name: String,
    collection: Arc<OnceLock<Collection<Item>>>,
    health: Weak<Health>,
) {
    let mut backoff = Backoff::default();
    loop {
        let problem = match connect(&url, &name).await {
            Ok((client, connected)) => {
                backoff = Backoff::default();
                let _ = collection.set(connected);
                match pulse(&client, &health).await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        let Some(health) = health.upgrade() else {
            return;
        };
        health.disconnected(&problem);
        if health.ended.is_set() {
            return;
        }
        drop(health);
        backoff.wait().await;
    }
}

async fn connect(url: &ConnectionString, name: &str) -> Result<(Client, Collection<Item>), Error> {
    let mut options = ClientOptions::parse(url.clone()).await?;
    options.server_selection_timeout = Some(PATIENCE);
    options.connect_timeout = Some(PATIENCE);
    let client = Client::with_options(options)?;
    let database = client
        .default_database()
        .unwrap_or_else(|| client.database(DATABASE));
    let collection = database.collection(name);
    let expiry = IndexOptions::builder().expire_after(LIFETIME).build();
    let expiry = IndexModel::builder()
        .keys(doc! { "createdAt": 1 })
        .options(expiry)
        .build();
    collection.create_index(expiry).await?;
    Ok((client, collection))
}

/// Asks the database until it does not answer, which is an error, or the driver is gone.
async fn pulse(client: &Client, health: &Weak<Health>) -> Result<(), Error> {
    loop {
        client
            .database("admin")
            .run_command(doc! { "ping": 1 })
            .await?;
        match health.upgrade() {
            Some(health) => health.connected(),
            None => return Ok(()),
        }
        tokio::time::sleep(PULSE).await;
    }
}

/// Hands on what is inserted, until nobody takes it. After an outage it begins with what was missed.
async fn follow(
    collection: Arc<OnceLock<Collection<Item>>>,
    health: Arc<Health>,
    mut pipeline: Vec<Document>,
    items: mpsc::Sender<Item>,
) {
    pipeline.insert(0, doc! { "$match": { "operationType": "insert" } });
    let mut backoff = Backoff::default();
    let mut token = None;
    while !items.is_closed() && !health.ended.is_set() {
        health.wait().await;
        if let Some(collection) = collection.get()
            && let Err(error) = hand_on(collection, &pipeline, &mut token, &items).await
        {
            tracing::debug!(%error, "the messages of other servers broke off");
            if error.contains_label("NonResumableChangeStreamError") {
                token = None;
            }
        }
        backoff.wait().await;
    }
}

/// Returns when nobody takes the items, or the stream has come to its end.
async fn hand_on(
    collection: &Collection<Item>,
    pipeline: &[Document],
    token: &mut Option<ResumeToken>,
    items: &mpsc::Sender<Item>,
) -> Result<(), Error> {
    let watch = collection.watch().pipeline(pipeline.to_vec());
    // A token is of use once: what is sent after it comes with another.
    let mut stream = match token.take() {
        Some(token) => watch.resume_after(token).await?,
        None => watch.await?,
    };
    loop {
        let next: Option<Result<ChangeStreamEvent<Item>, Error>> = tokio::select! {
            next = stream.next() => next,
            () = items.closed() => return Ok(()),
        };
        let Some(event) = next.transpose()? else {
            return Ok(());
        };
        *token = stream.resume_token();
        if let Some(item) = event.full_document
            && items.send(item).await.is_err()
        {
            return Ok(());
        }
    }
}
