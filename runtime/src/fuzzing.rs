//! Entry points of the fuzz targets in the repository's `fuzz/` directory; not part of the public interface.
//!
//! Inputs that found a bug stay in the corpus of their target, and the tests here replay them.

pub use crate::{
    connection::fuzzing::frames, contract::path::fuzzing::path, wire::fuzzing::arguments,
};

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Replays the corpus of one target, on a stack of the size that tokio gives a worker thread.
    fn replay(target: &str, run: fn(&[u8])) {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
        let files = fs::read_dir(corpus.join(target)).expect("the target has a corpus");
        let inputs: Vec<_> = files
            .map(|file| file.expect("it is ours").path())
            .map(|file| fs::read(file).expect("it is ours"))
            .collect();
        assert!(!inputs.is_empty(), "nothing is kept for {target}");
        let worker = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
        let replayed = worker.spawn(move || inputs.iter().for_each(|input| run(input)));
        let replayed = replayed.expect("a thread").join();
        replayed.expect("every input is handled");
    }

    #[test]
    fn arguments_do_not_panic() {
        replay("arguments", arguments);
    }

    #[test]
    fn paths_do_not_panic() {
        replay("path", path);
    }

    #[test]
    fn frames_do_not_panic() {
        replay("frames", frames);
    }
}
