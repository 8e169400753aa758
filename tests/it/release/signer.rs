//! Who must have signed a release: real keys, real signatures, a real repository.

use std::process::Command;

use super::vendor::Vendor;
use crate::support::{DEMO, Root};

const ENVIRONMENT: &str = "environments/demo-aws/environment.hcl";

/// Makes an SSH key and gives the path of it and its fingerprint as `ssh-keygen` prints it.
fn key(root: &Root, name: &str) -> (String, String) {
    let path = root.kept("keys").join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let output = Command::new("ssh-keygen").args(arguments).output();
        let output = output.expect("ssh-keygen is installed");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", &path]);
    let printed = run(&["-l", "-f", &path]);
    (path, printed.split_whitespace().nth(1).unwrap().to_owned())
}

fn sign(vendor: &Vendor, key: &str, tag: &str, arguments: &[&str]) {
    let signing = format!("user.signingkey={key}");
    let fixed = ["-c", &signing, "tag", "--sign", "--force", "--message", "signed", tag];
    vendor.git(&[&fixed[..], arguments].concat());
}

#[test]
fn only_the_named_signer_is_taken() {
    let root = Root::demo();
    let (vendors, fingerprint) = key(&root, "vendor");
    let (others, other_fingerprint) = key(&root, "other");
    let vendor = Vendor::demo();
    root.edit(ENVIRONMENT, "\"../..\"", &format!("\"git::{}\"", vendor.url()));
    root.edit(ENVIRONMENT, "  kit ", &format!("  signer = \"{fingerprint}\"\n  kit "));
    let render = || root.landfall(&["render", DEMO]);

    render().ends_with(2).says(&["the tag v1.0.0 is not signed", "wants the signature of sha256:"]);
    vendor.git(&["tag", "--annotate", "--force", "--message", "plain", "v1.0.0", "v1.0.0^{}"]);
    render().ends_with(2).says(&["the tag v1.0.0 is not signed"]);
    sign(&vendor, &others, "v1.0.0", &["v1.0.0^{}"]);
    render().ends_with(2).says(&["was signed by another key, sha256:"]);
    sign(&vendor, &vendors, "v1.0.0", &["v1.0.0^{}"]);
    render().ends_with(0);

    // The vendor's signature of another tag under this name.
    let good = vendor.git(&["rev-parse", "v1.0.0"]);
    sign(&vendor, &vendors, "v0.9.0", &["v1.0.0^{}"]);
    vendor.git(&["update-ref", "refs/tags/v1.0.0", "refs/tags/v0.9.0"]);
    render().ends_with(2).says(&["the signature under v1.0.0 is of another tag"]);

    // A good signature over other words.
    let signed = vendor.git(&["cat-file", "tag", &good]).replace("\n\nsigned", "\n\nsinged");
    vendor.write("forged", &format!("{signed}\n"));
    let forged = vendor.git(&["hash-object", "-t", "tag", "-w", "forged"]);
    vendor.git(&["update-ref", "refs/tags/v1.0.0", &forged]);
    render().ends_with(2).says(&["the tag's signature is not valid"]);

    // Without the repository the kept tag proves the same.
    vendor.git(&["update-ref", "refs/tags/v1.0.0", &good]);
    let commit = vendor.git(&["rev-parse", "v1.0.0^{commit}"]);
    vendor.hide();
    let lock = format!("{{\"release\": {{\"tag\": \"v1.0.0\", \"commit\": \"{commit}\"}}}}");
    std::fs::write(root.path().join("environments/demo-aws/landfall.lock"), lock).unwrap();
    let kept = root.path().join(".landfall/kits/tags");
    for entry in std::fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        if !path.ends_with(&good) {
            std::fs::remove_file(path).unwrap();
        }
    }
    render().ends_with(0).says(&["taken from the cache"]);
    root.edit(ENVIRONMENT, &fingerprint, &other_fingerprint);
    render().ends_with(2).says(&["was signed by another key"]);
    root.edit(ENVIRONMENT, &other_fingerprint, "sha256:9f2c");
    render().ends_with(2).says(&["whole fingerprint"]);
}

#[test]
fn a_folder_has_no_signer() {
    let root = Root::demo();
    let signer = format!("  signer = \"sha256:{}\"\n  kit ", "a".repeat(64));
    root.edit(ENVIRONMENT, "  kit ", &signer);
    root.landfall(&["render", DEMO]).ends_with(2).says(&["the kit is a folder"]);
}
