"""A real PostgreSQL for every RDS instance: TLS with a certificate authority of the test bed's own, a master
without superuser rights, and the role `rds_iam`.

Each server has an address of its own on loopback (127.x.y.1, ...), so that all can listen on 5432, the port that
the rendered Terraform names."""

import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

NOBODY = 65534
PORT = 5432


class Databases:
    """The servers of one emulator. `network` is the first three octets of its addresses."""

    def __init__(self, network, reaper):
        self._network, self._reaper = network, reaper
        self._folder = tempfile.mkdtemp(prefix="landfall-emulator-")
        reaper.folder(self._folder)
        os.chmod(self._folder, 0o755)
        self._servers, self._count = {}, 0
        key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        openssl(self._folder, f"req -x509 {key} -days 2 -subj /CN=emulator-ca -keyout ca.key -out ca.pem")
        with open(f"{self._folder}/ca.pem") as file:
            self.authority = file.read()

    def start(self, name, version, master, password, database):
        self._count += 1
        server = Server(f"{self._folder}/{self._count}", f"{self._network}.{self._count}", version, self._reaper)
        self._servers[name] = server
        server.start(f"{self._folder}/ca", master, password, database)
        return server

    def stop(self, name):
        server = self._servers.pop(name, None)
        if server:
            server.stop()

    def told(self):
        """What a test needs to look inside: the socket's folder is for the superuser `postgres`."""
        return {name: {"host": s.address, "port": s.port, "socket": s.folder} for name, s in self._servers.items()}

    def close(self):
        for name in list(self._servers):
            self.stop(name)
        shutil.rmtree(self._folder, ignore_errors=True)


class Server:
    def __init__(self, folder, address, version, reaper):
        self.folder, self.address, self.port = folder, address, PORT
        self._reaper, self._process = reaper, None
        self._binaries = find_binaries(version)

    def start(self, authority, master, password, database):
        os.makedirs(self.folder)
        key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        with open(f"{self.folder}/names", "w") as file:
            file.write(f"subjectAltName = IP:{self.address}, DNS:localhost\n")
        openssl(self.folder, f"req -new {key} -subj /CN={self.address} -keyout server.key -out server.csr")
        openssl(self.folder, f"x509 -req -in server.csr -days 2 -CA {authority}.pem -CAkey {authority}.key "
                             "-CAcreateserial -extfile names -out server.pem")
        if os.getuid() == 0:
            for path in [self.folder, *glob.glob(f"{self.folder}/*")]:
                os.chown(path, NOBODY, NOBODY)
        data = f"{self.folder}/data"
        arguments = ["-N", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-D", data]
        done = subprocess.run(self._command("initdb", arguments), cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")
        with open(f"{data}/postgresql.auto.conf", "w") as file:
            file.write(f"listen_addresses = '{self.address}'\nport = {self.port}\n"
                       f"unix_socket_directories = '{self.folder}'\nssl = on\n"
                       f"ssl_cert_file = '{self.folder}/server.pem'\nssl_key_file = '{self.folder}/server.key'\n"
                       "fsync = off\nlog_statement = 'ddl'\nshared_buffers = '32MB'\n")
        with open(f"{data}/pg_hba.conf", "w") as file:
            # `trust` for members of rds_iam stands for the token that RDS would check.
            file.write("local all postgres trust\n"
                       "hostssl all +rds_iam 127.0.0.0/8 trust\n"
                       "hostssl all all 127.0.0.0/8 scram-sha-256\n")
        log = open(f"{self.folder}/log", "w")
        # SIGQUIT ends a server at once, and without leaving shared memory behind.
        self._process = self._reaper.start(self._command("postgres", ["-D", data]), signal.SIGQUIT, cwd=self.folder,
                                           stdout=log, stderr=log)
        self._wait()
        self.admin("CREATE ROLE rds_iam NOLOGIN;"
                   f"CREATE ROLE {quoted(master)} LOGIN NOSUPERUSER CREATEROLE CREATEDB PASSWORD {literal(password)};"
                   f"GRANT rds_iam TO {quoted(master)} WITH ADMIN OPTION")
        # On RDS the master may grant rds_iam without being a member. Before 16 the right to create roles is enough.
        if self._major() < 16:
            self.admin(f"REVOKE rds_iam FROM {quoted(master)}")
        if database:
            self.admin(f"CREATE DATABASE {quoted(database)} OWNER {quoted(master)}")

    def stop(self):
        if self._process and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGQUIT)
            self._process.wait(10)
        if self._process:
            self._reaper.forget(self._process.pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def admin(self, sql):
        """SQL as the superuser, through the socket: not through the log of arguments, for the password in it."""
        arguments = ["psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                     "-p", str(self.port), "-U", "postgres", "-d", "postgres", "-f", "-"]
        done = subprocess.run(arguments, input=sql, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def _wait(self):
        for _ in range(400):
            try:
                return self.admin("SELECT 1")
            except RuntimeError as error:
                last = error
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        with open(f"{self.folder}/log") as file:
            raise RuntimeError(f"PostgreSQL does not start: {last}: {file.read()}")

    def _major(self):
        return int(self.admin("SHOW server_version_num")) // 10000

    def _command(self, name, arguments):
        program = [f"{self._binaries}/{name}", *arguments]
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            return ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", *program]
        return program


def find_binaries(version):
    """The folder with `initdb`: of that major version, else of the newest that is installed."""
    places = ["/usr/lib/postgresql/*/bin"]
    for folder in (os.environ.get("LANDFALL_TOOLS"), "/var/cache/landfall", os.path.expanduser("~/.cache/landfall")):
        if folder:
            places.append(f"{folder}/postgresql-*/bin")
    found = {}
    for place in places:
        for folder in glob.glob(place):
            if os.path.exists(f"{folder}/initdb"):
                found.setdefault(int(re.findall(r"(\d+)/bin$", folder)[0]), folder)
    if not found:
        raise RuntimeError("no PostgreSQL server is installed: run scripts/test once, it installs one")
    major = version.split(".")[0]
    return found[int(major)] if major.isdigit() and int(major) in found else found[max(found)]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def openssl(folder, arguments):
    done = subprocess.run(["openssl", *arguments.split()], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments}: {done.stderr}")
