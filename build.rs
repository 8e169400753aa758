//! Rebuilds when a template or module is added: they are embedded as whole folders.

fn main() {
    for folder in ["templates", "modules"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
