//! Retries: how long to wait before a round, and how much work a chunk is.

use std::time::Duration;

/// How often the engine itself tries a recipient again after a passing failure.
pub const ROUNDS: u32 = 3;

/// The wait before the first repeat, without jitter.
const FIRST: Duration = Duration::from_secs(8);

/// Each repeat waits this many times longer.
const FACTOR: u32 = 4;

/// The longest wait: SQS takes `DelaySeconds` up to 900.
const LONGEST: Duration = Duration::from_mins(15);

/// How long to wait before repeat `retry` (1 is the first): exponential, from half of 8 s, 32 s, 128 s … to all of it,
/// spread by `bits` (64 random bits), so that what failed together does not come back together. At most 900 s.
pub fn backoff(retry: u32, bits: u64) -> Duration {
    let whole = FIRST.saturating_mul(FACTOR.saturating_pow(retry.saturating_sub(1))).min(LONGEST);
    let half = whole / 2;
    let spread = (half.as_millis() * u128::from(bits)) >> 64;
    half + Duration::from_millis(spread as u64)
}

/// The most recipients in a chunk of a provider that takes one per call.
const MOST_SINGLE: u64 = 100;

/// The most recipients in a chunk of a provider that takes many per call.
const MOST_BATCH: u64 = 500;

/// How many recipients a chunk has: about ten seconds of work at `rate_per_minute`, at least 1, at most 100, or 500
/// where the provider takes many per call (`batch`: recipients per call); then whole batches, if one fits.
pub fn chunk_size(rate_per_minute: u64, batch: u32) -> u32 {
    let ten_seconds = rate_per_minute / 6;
    if batch <= 1 {
        return ten_seconds.clamp(1, MOST_SINGLE) as u32;
    }
    let size = ten_seconds.clamp(1, MOST_BATCH);
    let batch = u64::from(batch);
    let size = if size >= batch { size - size % batch } else { size };
    size as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_grow() {
        assert_eq!(backoff(1, 0), Duration::from_secs(4));
        assert_eq!(backoff(1, u64::MAX).as_secs(), 7);
        assert_eq!(backoff(2, 0), Duration::from_secs(16));
        assert_eq!(backoff(3, 0), Duration::from_secs(64));
        assert_eq!(backoff(u32::MAX, 0), Duration::from_secs(450));
        assert_eq!(backoff(0, 0), backoff(1, 0));
    }

    #[test]
    fn chunks_are_ten_seconds_of_work() {
        assert_eq!(chunk_size(60, 1), 10);
        assert_eq!(chunk_size(1, 1), 1);
        assert_eq!(chunk_size(60_000_000, 1), 100);
        assert_eq!(chunk_size(60_000_000, 100), 500);
        assert_eq!(chunk_size(60_000_000, 300), 300);
        assert_eq!(chunk_size(60_000_000, 4_000), 500);
        assert_eq!(chunk_size(1_500, 100), 200);
        assert_eq!(chunk_size(60, 100), 10);
        assert_eq!(chunk_size(0, 0), 1);
    }

    proptest! {
        #[test]
        fn waits_stay_in_their_half(retry in 0_u32..20, bits in any::<u64>()) {
            let (least, wait) = (backoff(retry, 0), backoff(retry, bits));
            prop_assert!(least <= wait && wait < least * 2 && wait <= LONGEST);
        }

        #[test]
        fn chunks_stay_in_their_limits(rate in 0_u64..100_000_000, batch in 0_u32..10_000) {
            let size = chunk_size(rate, batch);
            let most = if batch <= 1 { MOST_SINGLE } else { MOST_BATCH } as u32;
            prop_assert!((1..=most).contains(&size));
        }
    }
}
