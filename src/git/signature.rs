//! Who signed an annotated tag, by its SSH signature.
//!
//! `ssh-keygen` verifies: the signature is over the tag as git keeps it, which names the commit, and
//! the commit names every byte of the kit. Which key that is, is all that is proved here; whether
//! it is the right one, is decided by who wrote its fingerprint into `environment.hcl`.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::failure::{Failure, Result};
use crate::fs;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const PGP: &str = "-----BEGIN PGP SIGNATURE-----";

/// What an annotated tag says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// The object that it names.
    pub object: &'a str,
    /// Its own name.
    pub tag: &'a str,
}

/// Reads the head of an annotated tag; `None` if it is not one.
pub fn annotation(bytes: &[u8]) -> Option<Annotation<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let head = text.split("\n\n").next()?;
    let line = |key: &str| head.lines().find_map(|line| line.strip_prefix(key));
    Some(Annotation { object: line("object ")?, tag: line("tag ")? })
}

/// The fingerprint of the key whose signature an annotated tag bears, verified: `sha256:` and 64
/// hexadecimal digits. `None` if it bears none.
pub fn signer(annotated: &Path) -> Result<Option<String>> {
    let bytes = fs::read(annotated)?;
    let text = String::from_utf8_lossy(&bytes);
    let Some(at) = text.find(BEGIN) else {
        if text.contains(PGP) {
            return Err(Failure::input("the tag bears an OpenPGP signature")
                .because("only SSH signatures are verified")
                .next("as the vendor: sign with `gpg.format=ssh`"));
        }
        return Ok(None);
    };
    // A lossy text is longer than its bytes; what is not UTF-8 is not what was signed.
    let signed = bytes.get(..at).filter(|signed| *signed == text[..at].as_bytes());
    let signed = signed.ok_or_else(|| Failure::input("the signed tag is not UTF-8"))?;
    let file = annotated.with_extension(format!("{}.sig", crate::run::new_run_id()));
    fs::write_private(&file, text[at..].as_bytes())?;
    let said = verify(&file, signed);
    fs::remove_file(&file)?;
    let said = said?;
    said.split_whitespace().find_map(fingerprint).map(Some).ok_or_else(|| {
        Failure::failed("ssh-keygen does not say who signed the tag").because(said.trim())
    })
}

/// Holds signed bytes against a signature and gives what `ssh-keygen` says of the key.
fn verify(signature: &Path, signed: &[u8]) -> Result<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "git's own signatures are verified by ssh-keygen"
    )]
    let mut command = std::process::Command::new("ssh-keygen");
    command.args(["-Y", "check-novalidate", "-n", "git", "-s"]).arg(signature);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut run = || -> std::io::Result<std::process::Output> {
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(signed)?;
        }
        child.wait_with_output()
    };
    let output = run().map_err(|error| {
        Failure::failed("cannot start ssh-keygen, which verifies signatures")
            .caused_by(error)
            .next("install OpenSSH")
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Failure::input("the tag's signature is not valid")
        .because(String::from_utf8_lossy(&said).trim())
        .next("do not use it: ask the vendor"))
}

/// A fingerprint in either way of writing, as `sha256:` and 64 hexadecimal digits: OpenSSH writes
/// `SHA256:` and base64.
pub fn fingerprint(text: &str) -> Option<String> {
    use std::fmt::Write as _;
    if let Some(hex) = text.strip_prefix("sha256:") {
        let whole = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        return whole.then(|| text.to_ascii_lowercase());
    }
    let base64 = text.strip_prefix("SHA256:")?.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(base64).ok().filter(|bytes| bytes.len() == 32)?;
    Some(bytes.iter().fold("sha256:".to_owned(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_in_both_ways_of_writing() {
        let base64 = "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let hex = "sha256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        assert_eq!(fingerprint(base64).as_deref(), Some(hex));
        assert_eq!(fingerprint(hex).as_deref(), Some(hex));
        for text in ["", "sha256:9f2c", "SHA256:AAEC", "MD5:00", "Good"] {
            assert_eq!(fingerprint(text), None, "{text}");
        }
    }

    #[test]
    fn the_head_of_a_tag() {
        let text = b"object c1\ntype commit\ntag v1.0.0\ntagger x\n\nobject c2\ntag v2\n";
        assert_eq!(annotation(text), Some(Annotation { object: "c1", tag: "v1.0.0" }));
        assert_eq!(annotation(b"tree x\n"), None);
    }
}
