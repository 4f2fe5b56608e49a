//! Passwords: Argon2id with the parameters that OWASP names first for it (19 MiB, 2 passes, 1 lane).
//! Source: <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::{Error, Result};

/// The shortest password, in characters.
const SHORTEST: usize = 8;

/// The longest, in bytes: hashing takes its time with each.
const LONGEST: usize = 256;

/// The hash of nothing, with today's parameters: verified where there is no account, so that the time it takes says
/// nothing about that.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YWFhYWFhYWFhYWFhYWFhYQ$YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI";

/// Whether this may be a password. 422 `password_weak`.
pub fn check(password: &str, pointer: &str) -> Result<()> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        let detail = format!("Expected at least {SHORTEST} characters and at most {LONGEST} bytes.");
        return Err(Error::invalid(pointer, "password_weak", detail));
    }
    Ok(())
}

/// The hash of a password, in PHC form, with a salt of its own.
pub async fn hash(password: String) -> Result<String> {
    apart(move || {
        let hash = Argon2::default().hash_password(password.as_bytes()).map_err(Error::internal)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether it is the password of `hash`; without a hash it takes as long and is not.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    apart(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let hash = PasswordHash::new(&hash).map_err(Error::internal)?;
        // What could never have become a password is not hashed: its length is no secret.
        let fits = password.len() <= LONGEST;
        let password = if fits { password.as_bytes() } else { b"" };
        Ok(Argon2::default().verify_password(password, &hash).is_ok() && known && fits)
    })
    .await
}

/// Off the async threads: it is tens of milliseconds of pure work.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hash = hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse".into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        assert!(!verify(String::new(), None).await.unwrap());
        assert!(!verify("anything".into(), None).await.unwrap());
    }

    #[test]
    fn short_and_endless_ones_are_refused() {
        assert!(check("1234567", "/password").is_err());
        assert!(check(&"x".repeat(257), "/password").is_err());
        assert!(check("äöüäöüäö", "/password").is_ok());
    }
}
