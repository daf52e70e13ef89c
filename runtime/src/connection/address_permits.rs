//! How many connections each address has.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The connections of each address.
pub(crate) struct Seats {
    /// How many one address may have.
    limit: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that counts, until it is given back or dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
    is_given_back: AtomicBool,
}

impl Seats {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            taken: Mutex::default(),
        })
    }

    /// Counts a connection; `None` if the address has as many as it may.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Box<Seat>> {
        let mut taken = self.taken();
        let count = taken.get(&address).copied().unwrap_or(0);
        if count >= self.limit {
            return None;
        }
        taken.insert(address, count + 1);
        Some(Box::new(Seat {
            seats: self.clone(),
            address,
            is_given_back: AtomicBool::new(false),
        }))
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// The connection is gone, although something of it may be kept.
    pub(crate) fn give_back(&self) {
        if self.is_given_back.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Entry::Occupied(mut taken) = self.seats.taken().entry(self.address) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_and_nothing_is_left_of_those_who_go() {
        let seats = Seats::new(2);
        let address = |last| IpAddr::from([192, 0, 2, last]);
        let first = seats.take(address(1)).expect("there is one");
        let second = seats.take(address(1)).expect("there is one");
        assert!(seats.take(address(1)).is_none());
        let other = seats.take(address(2)).expect("there is one");
        first.give_back();
        first.give_back();
        let third = seats.take(address(1)).expect("there is one again");
        assert!(seats.take(address(1)).is_none());
        drop((first, second, third, other));
        assert!(seats.taken().is_empty());
    }
}
