"""The demo product of kit.hcl: `web`, `worker`, `migrate`, `nightly`. All it does is true, and as little as
possible: the table `entries` lies in the real database, asked by `psql` over TLS. `beat` and `check` are the
product of the smallest kit, which has no database."""

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TABLE = """CREATE TABLE IF NOT EXISTS entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text NOT NULL, at timestamptz NOT NULL DEFAULT now())"""
# Who may have signed the server's certificate; psql wants a file.
AUTHORITY = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"database-ca-{os.getpid()}.pem")
ended = threading.Event()


def say(text):
    print(f"ledger: {text}", flush=True)


def needed(*names):
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        say(f"{', '.join(missing)} is not set")
        sys.exit(2)


def sql(statement):
    """One statement as this process's own login: by IAM, so without a password."""
    variables = {"PATH": os.environ["PATH"], "PGSSLMODE": "verify-full", "PGSSLROOTCERT": AUTHORITY,
                 "PGCONNECT_TIMEOUT": "5",
                 "PGAPPNAME": f"ledger-{sys.argv[1]}", "PGOPTIONS": "-c client_min_messages=warning"}
    for name in ("HOST", "PORT", "USER"):
        variables[f"PG{name}"] = os.environ[f"DATABASE_{name}"]
    variables["PGDATABASE"] = os.environ["DATABASE_NAME"]
    if os.environ.get("DATABASE_PASSWORD"):
        variables["PGPASSWORD"] = os.environ["DATABASE_PASSWORD"]
    command = ["psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-c", statement]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or f"psql ended with {done.returncode}")
    return done.stdout.strip()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        try:
            if self.path == "/live":
                return self.say(200, "live")
            if self.path == "/ready":
                sql("SELECT 1")
                return self.say(200, "ready")
            return self.say(200, f"{sql('SELECT count(*) FROM entries')} entries")
        except RuntimeError as error:
            return self.say(503, str(error))

    def say(self, status, text):
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def web():
    needed("SESSION_KEY", "LICENCE", "PUBLIC_URL")
    address = os.environ.get("LEDGER_ADDRESS", "0.0.0.0"), 8080
    server = ThreadingHTTPServer(address, Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say(f"web listens on {address[0]}:{address[1]} for {os.environ['PUBLIC_URL']}")
    ended.wait()


def worker():
    while not ended.wait(2):
        sql("INSERT INTO entries (who) VALUES ('worker')")


def migrate():
    sql(TABLE)
    say(f"table entries belongs to {sql('''SELECT tableowner FROM pg_tables WHERE tablename = 'entries' ''')}")


def nightly():
    sql("INSERT INTO entries (who) VALUES ('nightly')")


def beat():
    needed("KEY")
    ended.wait()


def check():
    say("nothing to migrate")


DATABASE = {"web": web, "worker": worker, "migrate": migrate, "nightly": nightly}
PLAIN = {"beat": beat, "check": check}


def main():
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if sys.argv[1] in DATABASE:
        needed("DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER", "DATABASE_CA")
        with open(AUTHORITY, "w") as file:
            file.write(os.environ["DATABASE_CA"])
    task = {**DATABASE, **PLAIN}[sys.argv[1]]
    say(f"{sys.argv[1]} starts")
    try:
        task()
    except RuntimeError as error:
        say(f"{sys.argv[1]} failed: {error}")
        sys.exit(1)
    say(f"{sys.argv[1]} ends")


main()
