//! Connections per address.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Counts the connections of each address.
pub(crate) struct AddressPermits {
    /// Maximum number of connections per address.
    limit: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// Counts one connection, until it is released or dropped.
pub(crate) struct AddressPermit {
    address_permits: Arc<AddressPermits>,
    address: IpAddr,
    is_given_back: AtomicBool,
}

impl AddressPermits {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            taken: Mutex::default(),
        })
    }

    /// Counts a connection; returns `None` if the address has reached its limit.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Box<AddressPermit>> {
        let mut taken = self.taken();
        let count = taken.get(&address).copied().unwrap_or(0);
        if count >= self.limit {
            return None;
        }
        taken.insert(address, count + 1);
        Some(Box::new(AddressPermit {
            address_permits: self.clone(),
            address,
            is_given_back: AtomicBool::new(false),
        }))
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AddressPermit {
    /// Releases the permit when the connection has closed, although something may still hold the connection's state.
    pub(crate) fn release(&self) {
        if self.is_given_back.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Entry::Occupied(mut taken) = self.address_permits.taken().entry(self.address) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_per_address_and_released() {
        let address_permits = AddressPermits::new(2);
        let address = |last| IpAddr::from([192, 0, 2, last]);
        let first = address_permits.take(address(1)).expect("there is one");
        let second = address_permits.take(address(1)).expect("there is one");
        assert!(address_permits.take(address(1)).is_none());
        let other = address_permits.take(address(2)).expect("there is one");
        first.release();
        first.release();
        let third = address_permits
            .take(address(1))
            .expect("there is one again");
        assert!(address_permits.take(address(1)).is_none());
        drop((first, second, third, other));
        assert!(address_permits.taken().is_empty());
    }
}
