//! Faults, and the guarantees that hold despite them: the clients of a server receive its events immediately, each once
//! and in order; other clients receive them at most once and in order; everything recovers automatically.

use std::{
    io::{BufRead, Write},
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use sio_types_test_support::{
    command::signal,
    network::Network,
    raw_client::{POLLING, encode_request, try_request},
};
use tokio::net::TcpStream;

use super::*;

/// Maximum time for some texts that do not wait for the engine. If each waited, they would take at least 40 seconds.
const AT_ONCE: Duration = Duration::from_secs(20);

/// Two servers with a client each, and numbered texts that the first server broadcasts.
struct Stage {
    a: server::Server,
    b: server::Server,
    clients: NodeClients,
    sent: AtomicU32,
}

impl Stage {
    async fn new(urls: [&str; 2], prefix: &str) -> Self {
        let a = start("a", cluster(urls[0], prefix).await, Parser::Common).await;
        let b = start("b", cluster(urls[1], prefix).await, Parser::Common).await;
        let clients = NodeClients::start([a.address, b.address]).await;
        let sent = AtomicU32::new(0);
        let stage = Self {
            a,
            b,
            clients,
            sent,
        };
        stage.is_whole().await;
        stage
    }

    /// Sends some texts, which the server's own client receives immediately.
    async fn tell(&self, count: u32) -> Duration {
        let began = Instant::now();
        let mut text = String::new();
        for _ in 0..count {
            text = format!("text {}", self.sent.fetch_add(1, Ordering::Relaxed));
            let sent = self.a.io.of(App).emit().text(&text).await;
            sent.expect("local delivery does not need the engine");
        }
        until("the server's own client hears it", async || {
            self.clients.received(&text)[0]
        })
        .await;
        began.elapsed()
    }

    /// Waits until events reach the other server and each server knows both.
    async fn is_whole(&self) -> Duration {
        let began = Instant::now();
        until("events reach the other server", async || {
            self.tell(1).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let last = self.sent.load(Ordering::Relaxed) - 1;
            self.clients.received(&format!("text {last}"))[1]
        })
        .await;
        for server in [&self.a, &self.b] {
            until("the servers know each other", async || {
                server.io.of(App).count().await == Ok(2)
            })
            .await;
        }
        began.elapsed()
    }

    /// Waits until a server notices that it is alone, and returns the time since `began`.
    async fn is_noticed(&self, server: &server::Server, began: Instant) -> Duration {
        until("the outage is noticed", async || {
            !server.io.cluster().is_connected()
        })
        .await;
        began.elapsed()
    }

    /// Returns the numbers that a client has received.
    fn numbers(&self, client: &str) -> Vec<u32> {
        self.clients.numbers(&format!("{client} text "))
    }

    /// Asserts the guarantees that always hold.
    fn is_kept(&self) {
        let sent: Vec<_> = (0..self.sent.load(Ordering::Relaxed)).collect();
        assert_eq!(self.numbers("a"), sent, "a server's own clients hear all");
        is_in_order(&self.numbers("b"));
    }
}

impl NodeClients {
    /// Returns the numbers that follow `beginning`, in the order of their lines.
    fn numbers(&self, beginning: &str) -> Vec<u32> {
        let lines = self.lines.lock().expect("no panic");
        let numbers = lines.iter().filter_map(|line| line.strip_prefix(beginning));
        numbers.filter_map(|number| number.parse().ok()).collect()
    }
}

fn is_in_order(numbers: &[u32]) {
    let late = numbers.windows(2).find(|pair| pair[0] >= pair[1]);
    assert_eq!(late, None, "at most once, and in order: {numbers:?}");
}

/// Proves that a cluster survives an engine that answers nothing while its connections stay open.
pub(crate) async fn prove_freeze(engine: impl Freeze) {
    let url = engine.url();
    let stage = Stage::new([&url, &url], "freeze").await;

    // A short freeze: messages that wait for the engine arrive.
    let before = stage.sent.load(Ordering::Relaxed);
    engine.freeze();
    stage.tell(100).await;
    engine.thaw();
    stage.is_whole().await;
    let all: Vec<_> = (before..before + 100).collect();
    let heard = stage.numbers("b");
    assert!(all.iter().all(|number| heard.contains(number)));
    assert_eq!(stage.a.io.cluster().dropped_messages(), 0);

    // A long freeze: nothing waits for the engine, before the server notices the outage and after.
    let began = Instant::now();
    engine.freeze();
    let unnoticed = stage.tell(100).await;
    assert!(unnoticed < AT_ONCE, "{unnoticed:?}");
    let noticed = stage.is_noticed(&stage.a, began).await;
    stage.is_noticed(&stage.b, began).await;
    let alone = stage.tell(100).await;
    assert!(alone < AT_ONCE, "{alone:?}");
    assert!(stage.a.io.cluster().dropped_messages() >= 100);
    assert_eq!(stage.a.io.of(App).count().await, Ok(1));
    engine.thaw();
    let recovered = stage.is_whole().await;
    println!(
        "100 texts in {unnoticed:?}; noticed after {noticed:?}; 100 more in {alone:?}; back {recovered:?} after the thaw"
    );
    stage.is_kept();
}

/// Cuts the network between one server and the engine, or drops all data silently.
pub(crate) async fn prove_network(engine: impl Engine) {
    let url = engine.url();
    let network = Network::to(&url).await;
    let stage = Stage::new([network.url(), &url], "network").await;
    for silently in [false, true] {
        let began = Instant::now();
        match silently {
            true => network.silence(),
            false => network.cut(),
        }
        let unnoticed = stage.tell(20).await;
        let noticed = stage.is_noticed(&stage.a, began).await;
        assert!(
            stage.b.io.cluster().is_connected(),
            "the other is not cut off"
        );
        let lost = format!("text {}", stage.sent.load(Ordering::Relaxed));
        let alone = stage.tell(20).await;
        assert!(unnoticed + alone < AT_ONCE, "{unnoticed:?}, {alone:?}");
        network.heal();
        let recovered = stage.is_whole().await;
        assert!(
            !stage.clients.received(&lost)[1],
            "what is lost does not come late"
        );
        println!(
            "{}: noticed after {noticed:?}; back {recovered:?} after it was healed",
            if silently { "silence" } else { "cut" }
        );
    }
    stage.is_kept();
}

/// A server in its own process, which is killed when this is dropped.
pub(crate) struct Process {
    pub(crate) process: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts the server on a port, or on a free one if `port` is 0, with a limit of open files.
    pub(crate) async fn start(url: &str, port: u16, files: u32) -> Self {
        let mut command = Command::new("sh");
        let script = r#"ulimit -n "$0" && exec "$@""#;
        command.args(["-c", script, &files.to_string()]);
        command.arg(std::env::current_exe().expect("this test"));
        let mut process = command
            .args(["--ignored", "--exact", "--nocapture", "server_process"])
            .env("CLUSTER_URL", url)
            .env("PORT", port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdout = process.stdout.take().expect("piped");
        let address = tokio::task::spawn_blocking(move || {
            let mut lines = std::io::BufReader::new(stdout)
                .lines()
                .map_while(Result::ok);
            let address = lines.find_map(|line| Some(line.strip_prefix("serving on ")?.to_owned()));
            // Reads the remaining output too, or the server would block on it.
            std::thread::spawn(move || lines.for_each(drop));
            address.expect("it serves").parse().expect("an address")
        });
        let address = tokio::time::timeout(TIMEOUT, address);
        let address = address.await.expect("the server starts");
        let address = address.expect("it is read");
        Self { process, address }
    }

    fn open_files(&self) -> usize {
        let files = format!("/proc/{}/fd", self.process.id());
        std::fs::read_dir(files).expect("Linux").count()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Lets clients of two servers talk while one of the servers is terminated or killed, and restarted.
pub(crate) async fn prove_restarts(engine: impl Engine) {
    let url = &engine.url();
    let a = start("a", cluster(url, "killed").await, Parser::Common).await;
    let mut b = Process::start(url, 0, 1024).await;
    let mut talk = node::node("traffic.mjs");
    talk.env(
        "SERVERS",
        format!("http://{} http://{}", a.address, b.address),
    );
    talk.stdin(Stdio::piped());
    let mut clients = NodeClients::of(talk, Duration::from_secs(20)).await;
    let hears = |clients: &NodeClients, what: &str| clients.numbers(what).len();
    for (round, name) in ["-TERM", "-KILL"].into_iter().enumerate() {
        let before = hears(&clients, "listener hears b ");
        until("both servers' clients are heard", async || {
            hears(&clients, "listener hears b ") > before + 20
        })
        .await;
        signal(name, &[b.process.id()]);
        let ended = Instant::now();
        b.process.wait().expect("it ends");
        let address = b.address;
        b = Process::start(url, address.port(), 1024).await;
        until("the client of the other server is back", async || {
            let lines = clients.lines.lock().expect("no panic");
            lines.iter().filter(|line| *line == "b connects").count() == round + 2
        })
        .await;
        let heard = hears(&clients, "b hears a ");
        until("it hears the others again", async || {
            hears(&clients, "b hears a ") > heard + 20
        })
        .await;
        println!("{name}: back {:?} after the signal", ended.elapsed());
    }
    let stdin = clients.process.stdin.as_mut().expect("piped");
    stdin.write_all(b"stop\n").expect("it reads");
    until("all is said", async || {
        let lines = clients.lines.lock().expect("no panic");
        lines.contains(&"done".to_owned())
    })
    .await;

    let said = clients.numbers("a said ");
    let unsure = clients.numbers("a may have said ");
    assert!(unsure.is_empty(), "its server was there all the time");
    assert_eq!(said, (0..said.len() as u32).collect::<Vec<_>>());
    assert_eq!(
        clients.numbers("listener hears a "),
        said,
        "the same server's clients hear all"
    );
    is_in_order(&clients.numbers("b hears a "));
    is_in_order(&clients.numbers("listener hears b "));
    // Texts that were being sent to a server when it ended may be lost. All others arrive.
    let heard = clients.numbers("listener hears b ");
    let said = clients.numbers("b said ");
    let lost: Vec<_> = said
        .iter()
        .filter(|number| !heard.contains(number))
        .collect();
    println!(
        "{} said on the other server, of which {lost:?} were lost",
        said.len()
    );
    assert!(lost.len() <= 4, "{lost:?}");
}

/// Opens more connections than a server may have open files.
pub(crate) async fn prove_exhaustion(mut engine: impl Engine) {
    let url = &engine.url();
    let a = start("a", cluster(url, "killed").await, Parser::Common).await;
    let b = Process::start(url, 0, 64).await;
    let clients = NodeClients::start([a.address, b.address]).await;
    let open_files = b.open_files();

    let mut crowd = Vec::new();
    for _ in 0..150 {
        crowd.push(
            TcpStream::connect(b.address)
                .await
                .expect("the system takes it"),
        );
    }
    until("there are no more files", async || b.open_files() >= 63).await;
    // Existing clients are still served, and they receive events of other servers.
    let told = async |text: &str| {
        tell_all(&a.io, &clients, text).await;
        until("the client of the other server hears it", async || {
            clients.received(text)[1]
        })
        .await;
    };
    told("without files").await;
    // The connection to the engine needs a file, too. Without one, the server continues alone.
    engine.kill();
    engine.restart().await;
    until("the others are whole", async || {
        a.io.cluster().is_connected()
    })
    .await;
    let answers = async || {
        let request = encode_request("GET", &format!("/socket.io/?{POLLING}"), &[], "");
        let answer = try_request(b.address, &request);
        let answer = tokio::time::timeout(Duration::from_secs(1), answer).await;
        (answer.ok()?.ok()?.status == 200).then_some(())
    };
    assert_eq!(answers().await, None, "no other client is accepted");

    drop(crowd);
    let began = Instant::now();
    until("it serves again", async || answers().await.is_some()).await;
    let served = began.elapsed();
    until("the servers know each other", async || {
        a.io.of(App).count().await == Ok(2)
    })
    .await;
    told("with files").await;
    println!(
        "serves again after {served:?}, whole after {:?}",
        began.elapsed()
    );
    until("no file is left open", async || {
        b.open_files() <= open_files + 4
    })
    .await;
}
