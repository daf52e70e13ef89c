//! Memory of the running test.

/// Returns the resident memory of this process in bytes; `None` on systems other than Linux.
pub fn resident() -> Option<usize> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes = kilobytes.and_then(|text| text.parse::<usize>().ok());
    Some(kilobytes.expect("the kernel writes a number") * 1024)
}
