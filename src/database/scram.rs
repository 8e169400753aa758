//! SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677) in the form that PostgreSQL keeps in
//! `pg_authid.rolpassword`: `SCRAM-SHA-256$4096:salt$stored-key:server-key`, parts in base64.
//!
//! With a verifier PostgreSQL can check a password that it has never seen, so no clear password is
//! ever in SQL, where `log_statement` would write it down.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};
use zeroize::Zeroizing;

use crate::database::generate::random;
use crate::failure::Result;
use crate::secret::Secret;

/// What PostgreSQL itself uses (`scram_iterations`, 4096 since version 10).
const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).unwrap();
const SALT_BYTES: usize = 16;

/// The verifier of a password, with a fresh salt: two calls never give the same one.
///
/// The password must be ASCII, as generated ones are: for other text PostgreSQL clients apply
/// `SASLprep` first, which this does not.
pub fn verifier(password: &Secret) -> Result<Secret> {
    let mut salt = [0_u8; SALT_BYTES];
    random(&mut salt)?;
    Ok(verifier_with_salt(password, &salt))
}

/// The content of a verifiers container: a JSON object, login → verifier.
pub fn verifiers<'a>(passwords: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Result<Secret> {
    let mut by_login = BTreeMap::new();
    for (login, password) in passwords {
        by_login.insert(login, verifier(password)?);
    }
    let object: serde_json::Map<_, _> = by_login
        .into_iter()
        .map(|(login, verifier)| (login.to_owned(), verifier.expose().into()))
        .collect();
    Ok(Secret::new(serde_json::Value::Object(object).to_string()))
}

fn verifier_with_salt(password: &Secret, salt: &[u8]) -> Secret {
    let mut salted = Zeroizing::new([0_u8; digest::SHA256_OUTPUT_LEN]);
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ITERATIONS,
        salt,
        password.expose().as_bytes(),
        salted.as_mut(),
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, salted.as_ref());
    let client_key = hmac::sign(&key, b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
    let server_key = hmac::sign(&key, b"Server Key");
    Secret::new(format!(
        "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
        STANDARD.encode(salt),
        STANDARD.encode(stored_key),
        STANDARD.encode(server_key),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;

    /// The exchange of RFC 7677 section 3: user `user`, password `pencil`.
    const SALT: &str = "W22ZaJ0SNY7soEsUEjb6gQ==";
    const CLIENT_PROOF: &str = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const SERVER_SIGNATURE: &str = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    const AUTH_MESSAGE: &str = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
        c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    fn keys_of(verifier: &Secret) -> (Vec<u8>, Vec<u8>) {
        let keys = verifier.expose().rsplit_once('$').unwrap().1;
        let (stored, server) = keys.split_once(':').unwrap();
        (STANDARD.decode(stored).unwrap(), STANDARD.decode(server).unwrap())
    }

    #[test]
    fn verifies_the_exchange_of_rfc_7677() {
        let salt = STANDARD.decode(SALT).unwrap();
        let verifier = verifier_with_salt(&Secret::new("pencil".to_owned()), &salt);
        assert!(verifier.expose().starts_with(&format!("SCRAM-SHA-256$4096:{SALT}$")));
        let (stored_key, server_key) = keys_of(&verifier);

        let sign = |key: &[u8]| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), AUTH_MESSAGE.as_bytes())
        };
        assert_eq!(STANDARD.encode(sign(&server_key)), SERVER_SIGNATURE);
        let client_key: Vec<u8> = STANDARD
            .decode(CLIENT_PROOF)
            .unwrap()
            .iter()
            .zip(sign(&stored_key).as_ref())
            .map(|(proof, signature)| proof ^ signature)
            .collect();
        assert_eq!(digest::digest(&digest::SHA256, &client_key).as_ref(), stored_key);
    }

    #[test]
    fn salts_anew_every_time() {
        let password = Secret::new("pencil".to_owned());
        let first = verifier(&password).unwrap();
        let second = verifier(&password).unwrap();
        assert_ne!(first.expose(), second.expose());
    }

    #[test]
    fn writes_verifiers_as_a_json_object() {
        let password = Secret::new("pencil".to_owned());
        let json = verifiers([("main_web", &password), ("main_worker", &password)]).unwrap();
        let object: BTreeMap<String, String> = serde_json::from_str(json.expose()).unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), ["main_web", "main_worker"]);
        assert!(object.values().all(|verifier| verifier.starts_with("SCRAM-SHA-256$4096:")));
        assert!(!json.expose().contains("pencil"));
    }
}
