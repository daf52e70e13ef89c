//! Addresses of the Redis servers, and the choice of the server for the next connection.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use redis::{
    Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion,
    RedisError, TlsMode,
    aio::MultiplexedConnection,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use tokio::sync::Mutex;
use url::Url;

use super::driver::{TIMEOUT, listeners};

/// The servers in a URL.
pub(crate) enum Servers {
    One(Box<Client>),
    /// The master that the sentinels report.
    Sentinel(Box<Mutex<SentinelClient>>),
    Cluster(Box<ClusterNodes>),
}

/// A Redis Cluster. Its nodes forward published messages to each other, so a connection to any node is enough.
pub(crate) struct ClusterNodes {
    url: Url,
    nodes: Vec<Client>,
    next: AtomicUsize,
    /// Connections by address, for requests to all nodes.
    connections: Mutex<HashMap<String, MultiplexedConnection>>,
}

impl Servers {
    pub(crate) fn from_url(url: &str) -> Result<Self, RedisError> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        if scheme.starts_with("rediss") {
            choose_cryptography();
        }
        let Some((plain, kind)) = scheme.split_once('-') else {
            return Ok(Self::One(Box::new(client(url.into_connection_info()?)?)));
        };
        let url = Url::parse(&format!("{plain}://{rest}"));
        let url = url.map_err(|_| problem("malformed URL"))?;
        if kind == "sentinel" {
            sentinel(&url)
        } else {
            cluster(url)
        }
    }

    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Returns the server for the next connection.
    pub(crate) async fn next(&self) -> Result<Client, RedisError> {
        match self {
            Self::One(client) => Ok((**client).clone()),
            Self::Sentinel(sentinel) => sentinel.lock().await.async_get_client().await,
            Self::Cluster(cluster) => {
                let next = cluster.next.fetch_add(1, Ordering::Relaxed);
                Ok(cluster.nodes[next % cluster.nodes.len()].clone())
            }
        }
    }
}

impl ClusterNodes {
    /// Returns the number of connections that subscribe to a channel, on all nodes: each node counts only its own.
    pub(crate) async fn listeners(
        &self,
        connection: &mut MultiplexedConnection,
        channel: &str,
    ) -> Result<u16, RedisError> {
        let mut command = redis::cmd("CLUSTER");
        let nodes: String = command.arg("NODES").query_async(connection).await?;
        let counts = alive(&nodes).map(|address| self.listeners_of(address, channel));
        // A node that is gone has no subscribers.
        let counts = join_all(counts).await.into_iter().flatten();
        Ok(counts.sum())
    }

    async fn listeners_of(&self, address: &str, channel: &str) -> Result<u16, RedisError> {
        let known = self.connections.lock().await.get(address).cloned();
        let mut connection = match known {
            Some(connection) => connection,
            None => {
                let config = redis::AsyncConnectionConfig::new()
                    .set_connection_timeout(Some(TIMEOUT))
                    .set_response_timeout(Some(TIMEOUT));
                let client = client(node(&self.url, address)?)?;
                client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await?
            }
        };
        let count = listeners(&mut connection, "NUMSUB", channel).await;
        let mut connections = self.connections.lock().await;
        match &count {
            Ok(_) => connections.insert(address.to_owned(), connection),
            Err(_) => connections.remove(address),
        };
        count
    }
}

/// Returns the addresses of the nodes that are not marked as failed in the output of
/// [`CLUSTER NODES`](https://redis.io/docs/latest/commands/cluster-nodes/).
fn alive(nodes: &str) -> impl Iterator<Item = &str> {
    nodes.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (address, flags) = (fields.next()?, fields.next()?);
        let is_gone = |flag: &str| matches!(flag, "fail" | "handshake" | "noaddr");
        let (address, _) = address.split_once('@')?;
        (!flags.split(',').any(is_gone)).then_some(address)
    })
}

/// Installs a cryptography provider for TLS, unless the application has installed one.
fn choose_cryptography() {
    use rustls::crypto::{CryptoProvider, ring};
    if CryptoProvider::get_default().is_none() {
        // Another thread may have installed one in the meantime.
        let _ = ring::default_provider().install_default();
    }
}

/// Creates a client that uses RESP3, which delivers messages on the connection that also sends commands.
fn client(info: ConnectionInfo) -> Result<Client, RedisError> {
    let settings = info.redis_settings().clone();
    Client::open(info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3)))
}

/// Returns the server at the start of a URL, and those in its `node=host:port` parameters.
fn nodes(url: &Url) -> Result<Vec<ConnectionInfo>, RedisError> {
    let mut first = url.clone();
    first.set_query(None);
    let others = url.query_pairs().filter(|(name, _)| name == "node");
    let others = others.map(|(_, address)| node(&first, &address));
    std::iter::once(first.clone().into_connection_info())
        .chain(others)
        .collect()
}

/// Returns the connection settings of a URL with another address, `host:port`.
fn node(url: &Url, address: &str) -> Result<ConnectionInfo, RedisError> {
    let (host, port) = address.rsplit_once(':').unwrap_or((address, "6379"));
    let mut url = url.clone();
    url.set_query(None);
    let port = port.parse().ok();
    if port.is_none() || url.set_host(Some(host)).is_err() || url.set_port(port).is_err() {
        return Err(problem("invalid parameter `node`, expected `host:port`"));
    }
    url.into_connection_info()
}

fn sentinel(url: &Url) -> Result<Servers, RedisError> {
    let nodes = nodes(url)?;
    let parameter = |wanted: &str| {
        let mut all = url.query_pairs();
        all.find_map(|(name, value)| (name == wanted).then_some(value))
    };
    let service = parameter("sentinelServiceName")
        .ok_or_else(|| problem("missing parameter `sentinelServiceName`"))?;
    let settings = nodes[0].redis_settings();
    let sentinels = nodes.iter().map(|node| node.addr().clone());
    let mut builder = SentinelClientBuilder::new(sentinels, service, SentinelServerType::Master)?
        .set_client_to_redis_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_db(settings.db());
    if matches!(nodes[0].addr(), ConnectionAddr::TcpTls { .. }) {
        builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
    }
    if let Some(user) = settings.username() {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = settings.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if let Some(user) = parameter("sentinelUsername") {
        builder = builder.set_client_to_sentinel_username(user);
    }
    if let Some(password) = parameter("sentinelPassword") {
        builder = builder.set_client_to_sentinel_password(password);
    }
    Ok(Servers::Sentinel(Box::new(Mutex::new(builder.build()?))))
}

fn cluster(url: Url) -> Result<Servers, RedisError> {
    let nodes = nodes(&url)?.into_iter().map(client);
    Ok(Servers::Cluster(Box::new(ClusterNodes {
        nodes: nodes.collect::<Result<_, _>>()?,
        url,
        // A random start, so that servers that start together do not all connect to one node.
        next: AtomicUsize::new(RandomState::new().hash_one(()) as usize),
        connections: Mutex::default(),
    })))
}

fn problem(what: &'static str) -> RedisError {
    (ErrorKind::InvalidClientConfig, what).into()
}
