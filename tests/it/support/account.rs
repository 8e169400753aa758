//! The simulated account of a root, as its file has it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::Root;

impl Root {
    /// What the simulated account of an environment remembers.
    pub(crate) fn account(&self, name: &str) -> Json {
        let bytes = std::fs::read(self.account_file(name)).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Changes the simulated account behind everybody's back.
    pub(crate) fn tamper(&self, name: &str, change: impl FnOnce(&mut Json)) {
        let mut account = self.account(name);
        change(&mut account);
        std::fs::write(self.account_file(name), account.to_string()).unwrap();
    }

    fn account_file(&self, name: &str) -> PathBuf {
        self.rehearsal(name).join("account/account.json")
    }

    /// The simulated account's one bucket.
    pub(crate) fn bucket(&self, name: &str) -> PathBuf {
        let buckets = self.rehearsal(name).join("account/bucket");
        let mut all = std::fs::read_dir(&buckets).unwrap();
        all.next().expect("a bucket").unwrap().path()
    }

    /// A receipt, as it lies in the simulated account's bucket.
    pub(crate) fn receipt(&self, name: &str, run: &str) -> Json {
        let path = self.bucket(name).join("receipts").join(format!("{run}.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// Types of the resources that the simulated account has, with how many there are.
    pub(crate) fn resources(&self, name: &str) -> BTreeMap<String, usize> {
        let account = self.account(name);
        let types = account["resources"].as_object().unwrap();
        let counts = types.iter().map(|(kind, all)| (kind.clone(), all.as_object().unwrap().len()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The attributes of every resource that the simulated account has.
    pub(crate) fn states(&self, name: &str) -> BTreeMap<String, Json> {
        let account = self.account(name);
        let types = account["resources"].as_object().unwrap();
        let all = types.values().flat_map(|all| all.as_object().unwrap());
        all.map(|(key, resource)| (key.clone(), resource["state"].clone())).collect()
    }

    /// Names of the jobs that were ever started in the simulated account.
    pub(crate) fn jobs(&self, name: &str) -> Vec<String> {
        let account = self.account(name);
        let jobs = account["jobs"].as_object().unwrap().values();
        let mut names: Vec<String> =
            jobs.map(|job| job["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}
