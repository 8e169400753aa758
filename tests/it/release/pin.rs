//! A vendor's release from a new kit to a verified tag, and what stops it: images at a real
//! registry, tags in a real repository.

use std::path::Path;

use super::registry::{Door, KIM, Registry};
use super::vendor::{Vendor, git};
use crate::support::{DEMO, Root};

/// A vendor's repository with a new kit, and the registry that holds its images.
struct Shop {
    registry: Registry,
    root: Root,
    app: String,
}

impl Shop {
    fn open(door: Door) -> Self {
        let registry = Registry::start(door);
        let root = Root::demo();
        let app = registry.push("ledger", "v1.0.0", "first");
        registry.push("postgres", "17.6", "client");
        let shop = Self { registry, root, app };
        shop.root.landfall(&["kit", "new", "vendor"]).ends_with(0);
        let kit = shop.path().join("kit.hcl");
        let text = std::fs::read_to_string(&kit).unwrap();
        let repository = shop.registry.repository("ledger");
        std::fs::write(kit, text.replace("registry.ledger.example/ledger", &repository)).unwrap();
        shop
    }

    fn path(&self) -> std::path::PathBuf {
        self.root.path().join("vendor")
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.path(), arguments)
    }

    fn pin(&self) -> crate::support::Said {
        let client = format!("{}:17.6", self.registry.repository("postgres"));
        let pin = ["release", "pin", "v1.0.0", "--kit", "vendor", "--postgres-client", &client];
        self.root.landfall(&pin)
    }

    fn verify(&self) -> crate::support::Said {
        self.root.landfall(&["release", "verify", "v1.0.0", "--kit", "vendor"])
    }

    /// Pinned, committed and tagged.
    fn released(door: Door) -> Self {
        let shop = Self::open(door);
        shop.pin().ends_with(0);
        if !shop.path().join(".git").exists() {
            shop.git(&["init", "--quiet", "--initial-branch", "main"]);
        }
        shop.commit();
        shop.git(&["tag", "--annotate", "--message", "v1.0.0", "v1.0.0"]);
        shop
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Release v1.0.0"]);
    }

    /// An environment of the customer that takes the kit from the vendor's repository.
    fn customer(&self) {
        let url = format!("git::file://{}", self.path().display());
        self.root.edit("environments/demo-aws/environment.hcl", "\"../..\"", &format!("\"{url}\""));
    }
}

#[test]
fn from_a_new_kit_to_a_verified_tag() {
    let shop = Shop::released(Door::Token);
    let commit = shop.git(&["rev-parse", "v1.0.0^{commit}"]);
    shop.verify().ends_with(0).says(&[
        &format!("git tag v1.0.0 is commit {commit}"),
        &shop.app,
        "v1.0.0 holds",
    ]);
    let arguments = ["release", "show", "v1.0.0", "--kit", "vendor"];
    shop.root.landfall(&arguments).ends_with(0).says(&[&commit, &shop.app, "linux/arm64 sha256:"]);
    shop.root.landfall(&["kit", "lint", "--kit", "vendor"]).ends_with(0);

    // Pinning again changes no byte; what is rendered comes from the kit's own files.
    let lock = std::fs::read_to_string(shop.path().join("kit.lock")).unwrap();
    shop.pin().ends_with(0).never_says(&["vendor-modified", "wrote 1"]);
    assert_eq!(std::fs::read_to_string(shop.path().join("kit.lock")).unwrap(), lock);
    assert!(shop.path().join("templates/aws/foundation/main.tf.tera").is_file());
    assert_eq!(shop.git(&["status", "--porcelain"]), "");
    shop.customer();
    shop.root.landfall(&["render", DEMO]).ends_with(0);
    let render = shop.root.path().join("environments/demo-aws/terraform/services/terraform.tfvars");
    assert!(std::fs::read_to_string(render).unwrap().contains(&shop.app));
    // The registry was asked before anything happened.
    shop.root.landfall(&["rehearse", DEMO]).ends_with(0).says(&["2 images reachable"]);
}

/// A vendor's change of a module is taken, told, and undone by `--refresh`; what would run a
/// program is not taken.
#[test]
fn a_vendors_own_modules() {
    let shop = Shop::open(Door::Open);
    shop.pin().ends_with(0);
    let module = shop.path().join("modules/aws/cluster/main.tf");
    let standard = std::fs::read_to_string(&module).unwrap();
    std::fs::write(&module, format!("# ours\n{standard}")).unwrap();
    shop.pin().ends_with(0).says(&["vendor-modified: modules/aws/cluster/main.tf"]);
    shop.root.edit("environments/demo-aws/environment.hcl", "\"../..\"", "\"../../vendor\"");
    let plan = ["plan", DEMO, "--engine", "simulated"];
    shop.root.landfall(&plan).ends_with(0).says(&[
        "1 file of",
        "vendor-modified",
        "cluster/main.tf",
    ]);
    let bad = format!("{standard}\ndata \"external\" \"x\" {{\n  program = [\"sh\"]\n}}\n");
    std::fs::write(&module, &bad).unwrap();
    let lock = std::fs::read_to_string(shop.path().join("kit.lock")).unwrap();
    shop.pin().ends_with(2).says(&["modules/aws/cluster/main.tf", "data source external"]);
    assert_eq!(std::fs::read_to_string(shop.path().join("kit.lock")).unwrap(), lock);
    // Whoever gets such a kit all the same refuses it, whatever its lock says.
    shop.root.edit("environments/demo-aws/environment.hcl", "\"v1.0.0\"", "\"dev\"");
    shop.root.landfall(&plan).ends_with(2).says(&["data source external reaches out"]);

    let client = format!("{}:17.6", shop.registry.repository("postgres"));
    let pin = ["release", "pin", "v1.0.0", "--kit", "vendor", "--postgres-client", &client];
    shop.root.landfall(&[&pin[..], &["--refresh"]].concat()).ends_with(0).never_says(&["vendor-"]);
    assert_eq!(std::fs::read_to_string(&module).unwrap(), standard);
    shop.root
        .landfall(&["release", "pin", "v2.0.0", "--kit", "vendor"])
        .ends_with(2)
        .says(&["the kit is v1.0.0, not v2.0.0"]);
}

/// G3: a moved image tag, with both digests, for the vendor and for the customer.
#[test]
fn a_moved_image_tag_is_refused_with_both_digests() {
    let shop = Shop::released(Door::Open);
    shop.customer();
    let now = shop.registry.push("ledger", "v1.0.0", "second");
    assert_ne!(now, shop.app);
    let both = [shop.app.as_str(), now.as_str()];
    shop.verify().ends_with(2).says(&both).says(&["is now"]);
    let rehearse = shop.root.landfall(&["rehearse", DEMO]).ends_with(2);
    rehearse.says(&both).says(&["the image tag", "moved", "(G3)"]).stops_at("preflight");
}

/// G3: a moved git tag shows in the vendor's own check as soon as its content moved.
#[test]
fn a_tag_on_other_bytes_is_refused_with_both_hashes() {
    let shop = Shop::released(Door::Open);
    let kit = std::fs::read_to_string(shop.path().join("kit.hcl")).unwrap();
    std::fs::write(shop.path().join("kit.hcl"), kit.replace("\"Ledger\"", "\"Legder\"")).unwrap();
    shop.commit();
    shop.git(&["tag", "--force", "v1.0.0"]);
    shop.verify().ends_with(2).says(&["kit.lock says tree sha256:", "the files are sha256:"]);
    shop.customer();
    shop.root.landfall(&["render", DEMO]).ends_with(2).says(&["kit.lock says sha256:"]);
}

#[test]
fn images_that_are_missing_or_wrong_are_told() {
    let shop = Shop::released(Door::Open);
    shop.customer();
    shop.registry.remove("ledger", &shop.app);
    shop.root
        .landfall(&["rehearse", DEMO])
        .ends_with(1)
        .says(&[&shop.app, "is not at its registry", "nothing was touched"])
        .stops_at("preflight");
    let shop = Shop::released(Door::Open);
    shop.customer();
    shop.registry.corrupt("ledger", &shop.app);
    shop.root
        .landfall(&["rehearse", DEMO])
        .ends_with(2)
        .says(&["gave other bytes", &shop.app])
        .stops_at("preflight");

    let shop = Shop::open(Door::Open);
    for reference in ["v1.0.0", &shop.app] {
        shop.registry.remove("ledger", reference);
    }
    shop.pin().ends_with(1).says(&["ledger:v1.0.0 is not at its registry", "nothing was written"]);
    assert!(!shop.path().join("kit.lock").exists());
}

/// Docker's own credentials are used and never shown.
#[test]
fn credentials_come_from_dockers_configuration() {
    use base64::Engine as _;
    for door in [Door::Basic, Door::PrivateToken] {
        let shop = Shop::open(door);
        shop.pin().ends_with(1).says(&["asked without credentials", "docker login 127.0.0.1:"]);
        let host = shop.registry.repository("x").replace("/x", "");
        let login = |password: &str| {
            let pair = format!("{}:{password}", KIM.0);
            let auth = base64::engine::general_purpose::STANDARD.encode(pair);
            let text = format!("{{\"auths\": {{\"{host}\": {{\"auth\": \"{auth}\"}}}}}}");
            let folder = shop.root.everything().join("home/.docker");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("config.json"), text).unwrap();
        };
        login("canary-wrong-1c2d");
        shop.pin().ends_with(1).says(&["it was asked as kim"]).never_says(&["canary"]);
        login(KIM.1);
        shop.pin().ends_with(0).never_says(&["canary"]);
        assert!(shop.registry.asked().iter().any(|line| line == "GET /v2/ledger/manifests/v1.0.0"));
    }
    let helper = Shop::open(Door::Basic);
    let bin = helper.root.kept("bin");
    let host = helper.registry.repository("x").replace("/x", "");
    script(
        &bin.join("docker-credential-test"),
        &format!(
            "#!/bin/sh\nread -r host || true\n[ \"$1 $host\" = 'get {host}' ] || exit 1\n\
             echo '{{\"Username\": \"{}\", \"Secret\": \"{}\"}}'\n",
            KIM.0, KIM.1
        ),
    );
    let folder = helper.root.everything().join("home/.docker");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("{{\"credHelpers\": {{\"{host}\": \"test\"}}}}");
    std::fs::write(folder.join("config.json"), text).unwrap();
    let mut root = helper;
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    root.root.set("PATH", &path);
    root.pin().ends_with(0).never_says(&["canary"]);
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// An image for one platform has no index: its configuration says for which.
#[test]
fn an_image_without_an_index() {
    let shop = Shop::open(Door::Open);
    let digest = shop.registry.push_image("ledger", "v1.0.0", "arm64", "one platform");
    shop.pin().ends_with(0).says(&["is for linux/arm64 only"]);
    let lock = std::fs::read_to_string(shop.path().join("kit.lock")).unwrap();
    assert!(lock.contains(&format!("\"linux/arm64\" = \"{digest}\"")), "{lock}");
}

/// `init` from a vendor's repository at a tag.
#[test]
fn init_takes_a_kit_from_git() {
    let vendor = Vendor::demo();
    let root = Root::demo();
    std::fs::write(
        root.path().join("answers.hcl"),
        "account_id = \"111122223333\"\nregion = \"eu-west-1\"\nclass = \"preview\"\n\
         contact = \"ops@acme.example\"\nhost = \"acme.example\"\ncertificate = \"none\"\n\
         input_sender = \"a@acme.example\"\n",
    )
    .unwrap();
    let init =
        |kit: &str| root.landfall(&["init", "acme", "--kit", kit, "--answers", "answers.hcl"]);
    init(&vendor.url()).ends_with(2).says(&["needs a tag", "its tags: v1.0.0"]);
    init(&format!("{}@v9", vendor.url())).ends_with(2).says(&["the kit has no tag v9"]);
    init(&format!("{}@v1.0.0", vendor.url())).ends_with(0).says(&["next  landfall rehearse acme"]);
    let text =
        std::fs::read_to_string(root.path().join("environments/acme/environment.hcl")).unwrap();
    assert!(text.contains(&format!("kit     = \"git::{}\"", vendor.url())), "{text}");
    assert!(text.contains("release = \"v1.0.0\""), "{text}");
    root.landfall(&["render", "acme"]).ends_with(0);
}
