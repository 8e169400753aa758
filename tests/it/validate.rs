//! Every rendered layer of every fixture under the real AWS provider: `terraform init` with the
//! rendered lock as it is, and `terraform validate`. No account, no network.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::render::support::{Answer, fixtures, terraform};

/// The provider needs 700 MB of memory for each process.
const AT_ONCE: usize = 2;

#[test]
fn every_layer_is_valid_for_the_real_provider() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());

    let roots = fixtures();
    let mut layers = Vec::new();
    for root in &roots {
        root.render();
        for layer in ["foundation", "jobs", "services"] {
            layers.push(root.own(&format!("terraform/{layer}")));
        }
    }
    assert!(layers.len() >= 15, "only {} layers", layers.len());
    let queue = Mutex::new(layers);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(layer) = queue.lock().unwrap().pop() else { break };
                    if let Err(fault) = validate(&layer, &configuration) {
                        faults.lock().unwrap().push(fault);
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));

    // The check can fail: an argument that this version of the provider does not have.
    let layer = roots[0].own("terraform/jobs");
    let wrong = "resource \"aws_sns_topic\" \"wrong\" {\n  nonsense = true\n}\n";
    std::fs::write(layer.join("wrong.tf"), wrong).unwrap();
    let fault = validate(&layer, &configuration).unwrap_err();
    assert!(fault.contains("nonsense"), "{fault}");
}

fn validate(layer: &Path, configuration: &Path) -> Result<(), String> {
    let run = |arguments: &[&str]| {
        let mut command = terraform(layer);
        command.env("TF_CLI_CONFIG_FILE", configuration).args(arguments).arg("-no-color");
        let answer = Answer::of(&mut command);
        if answer.code == Some(0) {
            return Ok(answer);
        }
        let shown = layer.display();
        Err(format!("{shown}: terraform {}\n{}{}", arguments[0], answer.out, answer.err))
    };
    // Read-only: the hashes from kit.lock must be enough, for this platform at least.
    run(&["init", "-backend=false", "-input=false", "-lockfile=readonly"])?;
    let answer = run(&["validate"])?;
    if answer.out.contains("Warning") {
        return Err(format!("{}: terraform validate\n{}", layer.display(), answer.out));
    }
    Ok(())
}

/// A CLI configuration that takes providers from the mirror alone.
pub(crate) fn configuration(folder: &Path) -> PathBuf {
    let file = folder.join("terraform.tfrc");
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
        mirror().to_str().unwrap()
    );
    std::fs::write(&file, text).unwrap();
    file
}

/// A folder with an unpacked `registry.terraform.io`: the variable, else a short search.
fn mirror() -> PathBuf {
    let variable = std::env::var_os("LANDFALL_PROVIDER_MIRROR").map(PathBuf::from);
    let found = variable.or_else(|| search(Path::new("/"), 2)).filter(|folder| is_mirror(folder));
    found.expect(
        "there is no unpacked AWS provider. Run scripts/test, which looks for one or fetches it, \
         or name a folder with registry.terraform.io/hashicorp/aws: LANDFALL_PROVIDER_MIRROR=DIR",
    )
}

fn is_mirror(folder: &Path) -> bool {
    folder.join("registry.terraform.io/hashicorp/aws").is_dir()
}

fn search(folder: &Path, depth: usize) -> Option<PathBuf> {
    if is_mirror(folder) {
        return Some(folder.to_owned());
    }
    let entries = std::fs::read_dir(folder).ok().filter(|_| depth > 0)?;
    let folders = entries.flatten().filter(|entry| {
        let system = ["proc", "sys", "dev"].iter().any(|name| entry.file_name() == *name);
        !system && entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    folders.map(|entry| entry.path()).find_map(|path| search(&path, depth - 1))
}
