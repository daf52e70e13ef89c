//! The log of the process.

use std::{
    fmt,
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

use tracing_subscriber::fmt::MakeWriter;

/// The lines that `sio_types` has logged since [`Logs::capture`].
#[derive(Clone, Debug, Default)]
pub struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Captures the log of all threads of the process, from now on.
    pub fn capture() -> Self {
        let logs = Self::share();
        logs.0.lock().expect("no panic holds it").clear();
        logs
    }

    /// Captures the log together with other tests of the process, so it also contains their lines.
    pub fn share() -> Self {
        static LOGS: OnceLock<Logs> = OnceLock::new();
        let logs = LOGS.get_or_init(|| {
            let logs = Logs::default();
            tracing_subscriber::fmt()
                .with_writer(logs.clone())
                .with_ansi(false)
                .with_env_filter("sio_types=debug")
                .init();
            logs
        });
        logs.clone()
    }

    /// Returns `true` if the log contains a text.
    pub fn contain(&self, text: &str) -> bool {
        self.to_string().contains(text)
    }
}

impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.lock().expect("no panic holds it");
        f.write_str(&String::from_utf8_lossy(&bytes))
    }
}

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic holds it").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
