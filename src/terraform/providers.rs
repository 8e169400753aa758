//! `terraform providers lock`: the hashes of providers for one platform, from their registry or a
//! mirror on disk.

use std::ffi::OsString;
use std::path::Path;

use super::binary::Terraform;
use super::command::Command;
use crate::failure::Result;

impl Terraform {
    /// Adds the hashes for a platform (`darwin_arm64`) of every provider that the configuration in
    /// the folder requires to its `.terraform.lock.hcl`.
    pub async fn lock_providers(
        &self,
        folder: &Path,
        platform: &str,
        mirror: Option<&Path>,
    ) -> Result<()> {
        let mut arguments: Vec<OsString> = vec!["providers".into(), "lock".into()];
        arguments.push(format!("-platform={platform}").into());
        if let Some(mirror) = mirror {
            let mut argument = OsString::from("-fs-mirror=");
            argument.push(mirror);
            arguments.push(argument);
        }
        let purpose = format!("find the hashes of providers for {platform}");
        Command::new(self, folder, purpose, arguments).capture().await.map(drop)
    }
}
