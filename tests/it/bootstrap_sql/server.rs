//! A throw-away PostgreSQL server that looks like Amazon RDS to the bootstrap job: TLS with its own
//! certificate authority, a master without superuser rights, the role `rds_iam`, and statements
//! that define things in its log.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use landfall::database::bootstrap::KEEP_FORMER_LOGINS;
use landfall::database::{bootstrap_script, bootstrap_sql};
use landfall::environment::model::Database;
use landfall::kit::model::CloudName;
use landfall::secret::Secret;
use tempfile::TempDir;

/// The user that runs the server when the test is root, which PostgreSQL refuses.
const NOBODY: u32 = 65534;
pub(super) const MASTER: &str = "landfall_master";
pub(super) const MASTER_PASSWORD: &str = "master-password-canary";

/// A running server; stopped when dropped.
pub(super) struct Server {
    folder: TempDir,
    binaries: PathBuf,
    port: u16,
    pub(super) major: u32,
}

impl Server {
    /// Starts a server of that major version with the state that RDS hands over.
    pub(super) fn start(major: u32) -> Self {
        let folder = tempfile::Builder::new().prefix("landfall-pg").tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder, binaries: find_binaries(major), port, major };
        make_certificates(server.folder.path());
        if is_root() {
            for entry in fs::read_dir(server.folder.path()).unwrap() {
                chown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
            }
            chown(server.folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        server.initialise();
        server.tool(
            "pg_ctl",
            &["-w", "-D", &server.path("data"), "-l", &server.path("log"), "start"],
        );
        server.admin(
            "postgres",
            &format!(
                "CREATE ROLE rds_iam NOLOGIN;
                 CREATE ROLE {MASTER} LOGIN NOSUPERUSER CREATEROLE CREATEDB
                   PASSWORD '{MASTER_PASSWORD}';
                 GRANT rds_iam TO {MASTER} WITH ADMIN OPTION;"
            ),
        );
        // On RDS the master may grant rds_iam without being a member. PostgreSQL 15 knows no such
        // thing outside RDS except for the right to create roles, which the master has.
        if major < 16 {
            server.admin("postgres", &format!("REVOKE rds_iam FROM {MASTER}"));
        }
        server
    }

    fn initialise(&self) {
        let data = self.path("data");
        self.tool(
            "initdb",
            &["-N", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-D", &data],
        );
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{folder}'\n\
             ssl = on\nssl_cert_file = '{folder}/server.pem'\nssl_key_file = '{folder}/server.key'\n\
             fsync = off\nlog_statement = 'ddl'\n",
            self.port,
            folder = self.folder.path().display(),
        );
        fs::write(format!("{data}/postgresql.auto.conf"), settings).unwrap();
        // `trust` for members of rds_iam stands for the token that RDS would check.
        fs::write(
            format!("{data}/pg_hba.conf"),
            "local all postgres trust\n\
             hostssl all +rds_iam 127.0.0.1/32 trust\n\
             hostssl all all 127.0.0.1/32 scram-sha-256\n",
        )
        .unwrap();
    }

    /// Runs the job's very script in an empty environment but for what the task would have.
    pub(super) fn bootstrap(&self, database: &Database, verifiers: Option<&str>) -> Output {
        let mut variables = self.job_environment(database);
        if let Some(verifiers) = verifiers {
            variables.insert("LANDFALL_VERIFIERS", verifiers.to_owned());
        }
        Self::run_job(&variables)
    }

    /// The same while services move from one login to the other.
    pub(super) fn bootstrap_for_both(&self, database: &Database, verifiers: &Secret) -> Output {
        let mut variables = self.job_environment(database);
        variables.insert("LANDFALL_VERIFIERS", verifiers.expose().to_owned());
        variables.insert(KEEP_FORMER_LOGINS, "true".to_owned());
        Self::run_job(&variables)
    }

    /// What the task definition gives to the job.
    pub(super) fn job_environment(&self, database: &Database) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("PGHOST", "localhost".to_owned()),
            ("PGPORT", self.port.to_string()),
            ("PGUSER", MASTER.to_owned()),
            ("PGPASSWORD", MASTER_PASSWORD.to_owned()),
            ("PGDATABASE", database.databases[0].clone()),
            ("LANDFALL_DATABASE_CA", fs::read_to_string(self.path("ca.pem")).unwrap()),
            ("LANDFALL_SQL", bootstrap_sql(database).unwrap()),
        ])
    }

    pub(super) fn run_job(variables: &BTreeMap<&'static str, String>) -> Output {
        Self::run_job_on(CloudName::Aws, variables)
    }

    /// The script of that cloud.
    pub(super) fn run_job_on<K: AsRef<std::ffi::OsStr>>(
        cloud: CloudName,
        variables: &BTreeMap<K, String>,
    ) -> Output {
        Command::new("sh")
            .args(["-ec", &bootstrap_script(cloud)])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs(variables)
            .output()
            .unwrap()
    }

    /// Runs SQL as the superuser and returns the unaligned rows.
    pub(super) fn admin(&self, database: &str, sql: &str) -> String {
        let socket = self.folder.path().to_str().unwrap();
        let mut psql = self.psql(database, sql);
        psql.args(["-h", socket, "-U", "postgres"]);
        answer(psql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Runs SQL as a login over verified TLS: its rows, or the error.
    pub(super) fn login(
        &self,
        user: &str,
        password: &str,
        database: &str,
        sql: &str,
    ) -> Result<String, String> {
        let mut psql = self.psql(database, sql);
        psql.envs(self.login_variables(user, password));
        answer(psql)
    }

    /// The same with options for the session, as `PGOPTIONS` gives them.
    pub(super) fn login_with(
        &self,
        user: &str,
        password: &str,
        database: &str,
        sql: &str,
        options: &str,
    ) -> Result<String, String> {
        let mut psql = self.psql(database, sql);
        psql.envs(self.login_variables(user, password)).env("PGOPTIONS", options);
        answer(psql)
    }

    /// What a client needs to log in over verified TLS.
    pub(super) fn login_variables(&self, user: &str, password: &str) -> [(&str, String); 6] {
        [
            ("PGHOST", "localhost".to_owned()),
            ("PGPORT", self.port.to_string()),
            ("PGUSER", user.to_owned()),
            ("PGPASSWORD", password.to_owned()),
            ("PGSSLMODE", "verify-full".to_owned()),
            ("PGSSLROOTCERT", self.path("ca.pem")),
        ]
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"])
            .args(["-p", &self.port.to_string(), "-d", database, "-c", sql])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        psql
    }

    /// Everything that the server wrote to its log.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs one of the server's programs, as an ordinary user.
    fn tool(&self, name: &str, arguments: &[&str]) {
        let program = self.binaries.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            let user = NOBODY.to_string();
            command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let mut output = fs::File::create(self.folder.path().join("tool.log")).unwrap();
        // Into a file: the server that pg_ctl starts keeps a pipe open for ever.
        let status = command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(output.try_clone().unwrap())
            .stderr(output.try_clone().unwrap())
            .status()
            .unwrap_or_else(|error| panic!("cannot run {name} as an ordinary user: {error}"));
        std::io::Write::flush(&mut output).unwrap();
        let said = fs::read_to_string(self.folder.path().join("tool.log")).unwrap();
        assert!(status.success(), "{name} failed: {said}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if Path::new(&self.path("data/postmaster.pid")).exists() {
            self.tool("pg_ctl", &["-D", &self.path("data"), "-m", "immediate", "stop"]);
        }
    }
}

fn answer(mut psql: Command) -> Result<String, String> {
    let output = psql.output().expect("cannot run psql: apt-get install postgresql-client");
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The folder with `initdb` and `pg_ctl`. Debian's server in its usual place, another one where
/// `scripts/test` puts it.
fn find_binaries(major: u32) -> PathBuf {
    let tools = std::env::var_os("LANDFALL_TOOLS").map(PathBuf::from);
    let cache = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/landfall"));
    let mut places = vec![PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"))];
    for folder in [tools, Some(PathBuf::from("/var/cache/landfall")), cache].into_iter().flatten() {
        places.push(folder.join(format!("postgresql-{major}/bin")));
    }
    places.iter().find(|place| place.join("initdb").exists()).cloned().unwrap_or_else(|| {
        panic!("this test needs PostgreSQL {major}: run scripts/test once, it installs it")
    })
}

/// A certificate authority (`ca.pem`), a stranger's (`other.pem`), and a server certificate for
/// `localhost` only.
fn make_certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(folder)
            .output()
            .expect("cannot run openssl: apt-get install openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    fs::write(folder.join("names"), "subjectAltName = DNS:localhost\n").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!("req -x509 {key} -days 2 -subj /CN=test-ca -keyout ca.key -out ca.pem"));
    openssl(&format!("req -x509 {key} -days 2 -subj /CN=other -keyout other.key -out other.pem"));
    openssl(&format!("req -new {key} -subj /CN=localhost -keyout server.key -out server.csr"));
    openssl(
        "x509 -req -in server.csr -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial \
         -extfile names -out server.pem",
    );
}

/// A certificate authority that the server does not have.
pub(super) fn other_authority(server: &Server) -> String {
    fs::read_to_string(server.path("other.pem")).unwrap()
}
