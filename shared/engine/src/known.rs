//! What one instance of a function has read and will find again: facts that never change once they hold, so keeping
//! them needs no expiry and saves reads.

use std::{collections::HashMap, hash::Hash, sync::Mutex};

use domain::id::{MessageId, OrgId, ProviderId};
use zeroize::Zeroizing;

/// How many facts of a kind are kept; then it begins anew.
const MOST: usize = 1_000;

/// Facts by what they are about.
#[derive(Debug)]
pub struct Facts<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Facts<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Facts<K, V> {
    /// What is known of `about`.
    pub fn get(&self, about: &K) -> Option<V> {
        self.0.lock().expect("no panic while it is held").get(about).cloned()
    }

    /// Keeps a fact.
    pub fn put(&self, about: K, fact: V) {
        let mut facts = self.0.lock().expect("no panic while it is held");
        if facts.len() >= MOST {
            facts.clear();
        }
        facts.insert(about, fact);
    }
}

/// The facts that an instance keeps.
#[derive(Default)]
pub struct Known {
    /// Whose a provider config is.
    pub owners: Facts<ProviderId, OrgId>,
    /// An organization's data key.
    pub data_keys: Facts<OrgId, Zeroizing<[u8; 32]>>,
    /// Messages of which opens or clicks were told, and noted so.
    pub engaged: Facts<(OrgId, MessageId), ()>,
    /// How a message is cut into chunks; more chunks may come.
    pub chunks: Facts<(OrgId, MessageId), Chunks>,
}

/// How a message is cut into chunks.
#[derive(Debug, Clone, Copy)]
pub struct Chunks {
    /// How many there are at least.
    pub count: u32,
    /// Whether there may be more.
    pub growing: bool,
    /// The most recipients in one.
    pub size: u32,
}

impl Chunks {
    /// Whether a message with these chunks may have the recipient at (chunk, index).
    pub fn may_have(&self, chunk: u32, index: usize) -> bool {
        index < self.size as usize && (self.growing || chunk < self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_kept_up_to_a_number() {
        let facts: Facts<usize, usize> = Facts::default();
        for number in 0..MOST {
            facts.put(number, number + 1);
        }
        assert_eq!((facts.get(&0), facts.get(&MOST)), (Some(1), None));
        facts.put(MOST, 7);
        assert_eq!((facts.get(&0), facts.get(&MOST)), (None, Some(7)));
    }

    #[test]
    fn a_place_beyond_the_chunks_is_none() {
        let all = Chunks { count: 2, growing: false, size: 50 };
        assert!(all.may_have(1, 49) && !all.may_have(2, 0) && !all.may_have(0, 50));
        assert!(Chunks { growing: true, ..all }.may_have(2, 0));
    }
}
