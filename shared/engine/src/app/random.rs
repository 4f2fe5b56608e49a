//! Randomness, from the operating system, and bits that only look like it.

use sha2::{Digest, Sha256};

/// The operating system's randomness, behind a value so that its one source is visible.
#[derive(Debug, Clone, Copy, Default)]
pub struct Random;

impl Random {
    /// 128 random bits.
    pub fn bits(self) -> u128 {
        u128::from_le_bytes(self.bytes())
    }

    /// Random bytes, good enough for keys and tokens.
    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        bytes
    }
}

/// 128 bits that are the same for the same text: for the ids of what may be made twice.
pub fn same_bits(text: &str) -> u128 {
    u128::from_be_bytes(*Sha256::digest(text.as_bytes()).first_chunk::<16>().expect("a digest has 32 bytes"))
}
