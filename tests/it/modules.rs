//! `terraform validate` and `terraform test` of every Google Cloud module. The provider's schema
//! is the real one: from a mirror that has the provider, else served by the simulated provider.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use landfall::simulate::Simulator;

use crate::render::support::{Answer, repository};

/// Where the schema comes from.
enum Provider {
    /// A terraform CLI configuration that names the mirror.
    Real(PathBuf),
    Simulated(Simulator),
}

impl Provider {
    fn find(folder: &Path) -> Self {
        let mirror = std::env::var_os("LANDFALL_PROVIDER_MIRROR").map(PathBuf::from);
        let has = |mirror: &PathBuf| mirror.join("registry.terraform.io/hashicorp/google").is_dir();
        if let Some(mirror) = mirror.filter(has) {
            eprintln!("modules/gcp: the released provider, from {}", mirror.display());
            let file = folder.join("terraform.tfrc");
            let text = format!(
                "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
                mirror.display()
            );
            std::fs::write(&file, text).unwrap();
            return Self::Real(file);
        }
        eprintln!("modules/gcp: the schema of provider 7.45.0, served by the simulated provider");
        Self::Simulated(crate::simulate::google_provider())
    }

    fn terraform(&self, folder: &Path, arguments: &[&str]) -> Answer {
        let mut command = Command::new("terraform");
        command.args(arguments).arg("-no-color").current_dir(folder);
        command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        match self {
            Self::Real(file) => command.env("TF_CLI_CONFIG_FILE", file),
            Self::Simulated(simulator) => command
                .env("TF_CLI_CONFIG_FILE", "/dev/null")
                .env("TF_REATTACH_PROVIDERS", simulator.reattach()),
        };
        Answer::of(&mut command)
    }

    fn check(&self, module: &Path) -> Result<String, String> {
        for arguments in [&["init", "-backend=false", "-input=false"][..], &["validate"], &["test"]]
        {
            let answer = self.terraform(module, arguments);
            if answer.code != Some(0) {
                let shown = module.display();
                return Err(format!("{shown}: {arguments:?}\n{}{}", answer.out, answer.err));
            }
            if arguments == ["test"] {
                let verdict = answer.out.lines().rfind(|line| line.starts_with("Success!"));
                return verdict.map(str::to_owned).ok_or_else(|| "no verdict".to_owned());
            }
        }
        unreachable!("the last command returns")
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = {
            let entry = entry.unwrap();
            (entry.path(), entry.file_name())
        };
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(path, to.join(name)).unwrap();
        }
    }
}

#[test]
fn every_google_cloud_module_is_valid_and_passes_its_tests() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::find(folder.path());
    copy(&repository().join("modules/gcp"), &folder.path().join("gcp"));
    let modules = std::fs::read_dir(folder.path().join("gcp")).unwrap();
    let mut modules: Vec<PathBuf> = modules.map(|it| it.unwrap().path()).collect();
    modules.sort();
    assert!(modules.len() >= 11, "{modules:?}");
    let (queue, faults) = (Mutex::new(modules), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(module) = queue.lock().unwrap().pop() else { break };
                    let name = module.file_name().unwrap().to_str().unwrap().to_owned();
                    match provider.check(&module) {
                        Ok(verdict) => eprintln!("ok      gcp/{name:<20} {verdict}"),
                        Err(fault) => faults.lock().unwrap().push(fault),
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));

    // The check can fail: an argument that the provider does not have.
    let secrets = folder.path().join("gcp/secrets");
    let wrong = "resource \"google_secret_manager_secret\" \"wrong\" {\n  nonsense = true\n}\n";
    std::fs::write(secrets.join("wrong.tf"), wrong).unwrap();
    let fault = provider.check(&secrets).unwrap_err();
    assert!(fault.contains("nonsense"), "{fault}");
}
