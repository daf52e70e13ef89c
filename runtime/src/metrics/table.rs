//! Table with an entry for each event of a namespace, found by the address of the event's name.

use std::sync::OnceLock;

/// Number of lists over which the entries are spread.
const LISTS: usize = 32;

/// Table that only grows. Generated code names an event by the same literal every time, so an existing entry is found
/// without reading the name and without a lock.
pub(super) struct Table<T>([Slot<T>; LISTS]);

type Slot<T> = OnceLock<Box<Entry<T>>>;

struct Entry<T> {
    name: &'static str,
    value: T,
    next: Slot<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self([const { OnceLock::new() }; LISTS])
    }
}

impl<T> Table<T> {
    /// Returns the entry of an event, and creates it on first use. A name that is in memory twice has two entries.
    pub(super) fn get(&self, name: &'static str, make: impl Fn() -> T) -> &T {
        let mut place = &self.0[list(name)];
        loop {
            let entry = place.get_or_init(|| {
                Box::new(Entry {
                    name,
                    value: make(),
                    next: OnceLock::new(),
                })
            });
            if std::ptr::eq(entry.name, name) {
                return &entry.value;
            }
            place = &entry.next;
        }
    }

    /// Returns the literal of a name from elsewhere, if there is an entry with it.
    pub(super) fn known(&self, name: &str) -> Option<&'static str> {
        self.0.iter().find_map(|place| {
            let mut entry = place.get();
            while let Some(this) = entry {
                if this.name == name {
                    return Some(this.name);
                }
                entry = this.next.get();
            }
            None
        })
    }
}

fn list(name: &'static str) -> usize {
    let address = name.as_ptr().addr();
    // Literals are next to each other in memory; this spreads neighbours over different lists.
    (address ^ (address >> 5) ^ (address >> 10)) % LISTS
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, thread};

    use super::*;

    #[test]
    fn creates_each_entry_once() {
        let names: Vec<&'static str> = (0..200)
            .map(|number| &*format!("event{number}").leak())
            .collect();
        let (table, made) = (Table::default(), Cell::new(0));
        for _ in 0..3 {
            for (number, name) in names.iter().enumerate() {
                let value = table.get(name, || {
                    made.set(made.get() + 1);
                    number
                });
                assert_eq!(*value, number);
            }
        }
        assert_eq!(made.get(), names.len());
        assert_eq!(table.known(&format!("event{}", 7)), Some("event7"));
        assert_eq!(table.known("event"), None);
    }

    #[test]
    fn distinguishes_name_from_its_prefix() {
        let table = Table::default();
        let name = "joined";
        assert_eq!(*table.get(name, || 1), 1);
        assert_eq!(*table.get(&name[..4], || 2), 2);
    }

    #[test]
    fn threads_share_one_entry() {
        let table = Table::default();
        let addresses: Vec<usize> = thread::scope(|scope| {
            let looking = |_| scope.spawn(|| std::ptr::from_ref(table.get("x", || 1)).addr());
            let threads: Vec<_> = (0..8).map(looking).collect();
            let found = threads.into_iter().map(|thread| thread.join());
            found.collect::<Result<_, _>>().expect("no thread panics")
        });
        assert!(addresses.iter().all(|address| *address == addresses[0]));
    }
}
