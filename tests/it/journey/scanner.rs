//! Looks for a secret in every byte under a folder: as it is, in base64 at any offset, in
//! hexadecimal, and in what is compressed (gzip, and the zip archives that terraform's plans are).

use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::{DeflateDecoder, GzDecoder};

/// A secret in every form that it is looked for.
pub(super) struct Canary {
    forms: Vec<Vec<u8>>,
}

impl Canary {
    pub(super) fn new(secret: &str) -> Self {
        let hexadecimal = hexadecimal(secret);
        let mut forms = vec![secret.into(), hexadecimal.to_uppercase().into(), hexadecimal.into()];
        // What stands before a text in base64 moves it by 0, 1 or 2 bytes; its own first and last
        // letters then also depend on its neighbours.
        for offset in 0..3 {
            let shifted = [&b"\0\0"[..offset], secret.as_bytes()].concat();
            let text = STANDARD_NO_PAD.encode(&shifted);
            let first = (offset * 8).div_ceil(6);
            let last = shifted.len() * 8 / 6;
            forms.push(text.as_bytes()[first..last].to_vec());
        }
        Self { forms }
    }

    /// Whether these bytes hold it.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| find(bytes, form).is_some())
            || unpacked(bytes).iter().any(|inner| self.is_in(inner))
    }

    /// Every file under a folder that holds it, in its name or in its bytes.
    pub(super) fn files(&self, folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let named = self.is_in(entry.file_name().as_encoded_bytes());
            if kind.is_dir() {
                found.extend(self.files(&path));
            }
            if named || kind.is_file() && self.is_in(&std::fs::read(&path).unwrap()) {
                found.push(path);
            }
        }
        found.sort();
        found
    }
}

fn hexadecimal(text: &str) -> String {
    text.bytes().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// What is compressed anywhere in these bytes.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut inner = Vec::new();
    for (at, window) in bytes.windows(4).enumerate() {
        let rest = &bytes[at..];
        let mut text = Vec::new();
        // A stream that is damaged at its end is read as far as it goes.
        match window {
            [0x1f, 0x8b, 8, _] => drop(GzDecoder::new(rest).read_to_end(&mut text)),
            b"PK\x03\x04" if rest.len() > 30 && rest[8] == 8 => {
                let length = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
                let data = rest.get(30 + length(26) + length(28)..).unwrap_or_default();
                drop(DeflateDecoder::new(data).read_to_end(&mut text));
            }
            _ => {}
        }
        if !text.is_empty() {
            inner.push(text);
        }
    }
    inner
}

#[test]
fn the_scanner_finds_what_is_planted() {
    use std::io::Write as _;

    let secret = "canary-of-the-scanner";
    let canary = Canary::new(secret);
    let folder = tempfile::tempdir().unwrap();
    let plant = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    };
    plant("innocent", b"canary-of-the-scanne canary-of-the-Scanner");
    plant("empty", b"");
    let text = format!("{{\"password\": \"{secret}\"}}");
    let mut planted = vec![
        plant("a/raw", text.as_bytes()),
        plant("b/hexadecimal", hexadecimal(&text).as_bytes()),
        plant(&format!("c/{secret}"), b""),
    ];
    for before in ["", "1", "12", "123"] {
        let encoded = STANDARD_NO_PAD.encode(format!("{before}{secret}{before}"));
        planted.push(plant(&format!("d/base64{}", before.len()), encoded.as_bytes()));
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&[text.as_bytes(); 9].concat()).unwrap();
    planted.push(plant("e/gzip", &[b"in front", &gzip.finish().unwrap()[..]].concat()));
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(&[text.as_bytes(); 9].concat()).unwrap();
    let mut archive = b"PK\x03\x04\x14\0\x08\0\x08\0".to_vec();
    archive.extend([0; 16]);
    archive.extend([4, 0, 0, 0]);
    archive.extend(b"plan");
    archive.extend(deflate.finish().unwrap());
    assert!(find(&archive, secret.as_bytes()).is_none(), "it is compressed");
    planted.push(plant("f/zip", &archive));
    assert_eq!(canary.files(folder.path()), planted);
}
