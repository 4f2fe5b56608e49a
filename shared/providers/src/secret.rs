//! A credential in memory: never printed, wiped when dropped.

use std::{collections::BTreeMap, fmt};

use zeroize::Zeroizing;

/// A credential. Its content leaves only through [`Secret::expose`]; `Debug` shows `****`, and there is no
/// `Display` and no `Serialize`.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

/// The credentials of one provider config, by field name (`apiKey`).
pub type Credentials = BTreeMap<String, Secret>;

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, for a request or a comparison.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What answers may show: the first four characters and `****`; of four characters or fewer nothing.
    pub fn masked(&self) -> String {
        match self.0.char_indices().nth(4) {
            Some((end, _)) => format!("{}****", &self.0[..end]),
            None => "****".to_owned(),
        }
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nothing_of_itself() {
        let secret = Secret::new("sk_live_123");
        assert_eq!(format!("{secret:?}"), "****");
        assert_eq!(secret.masked(), "sk_l****");
        assert_eq!(Secret::new("abcd").masked(), "****");
        assert_eq!(Secret::new("ähö€x").masked(), "ähö€****");
        assert_eq!(secret.expose(), "sk_live_123");
    }
}
