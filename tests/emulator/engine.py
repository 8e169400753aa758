"""A stand-in for the Docker Engine: what ministack asks of Docker, answered with local processes.

A container is a process group with exactly the environment that ECS gives it, beside PATH, HOME, TMPDIR and
LEDGER_ADDRESS, the address that is its own (127.x.y.z), on which it may use any port.

Two variables are changed: LANDFALL_DATABASE_CA of the bootstrap, DATABASE_CA of the product. They hold the certificate
authorities of Amazon RDS in the region; nobody but Amazon can serve a certificate of theirs, so the test bed's own
authority takes their place."""

import json
import os
import shutil
import signal
import struct
import subprocess
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler

import programs
from front import Server
from wire import Call

# ministack asks Docker for the container it runs in, to learn on which network tasks reach it.
SELF, NETWORK = "landfall-emulator", "landfall"
ECS = "AmazonEC2ContainerServiceV20141113"
# A task that fails at once is reported late: ministack breaks when tasks fail in a tight loop.
SHORTEST_FAILURE, LAST_WORDS = 1.0, 0.3
# How long a service's task takes to start, which on Fargate is a minute and here would be nothing.
START = 1.5
CREATED = "2026-01-01T00:00:00Z"


class Engine:
    def __init__(self, network, folder, world, reaper):
        self.folder, self.world, self.reaper = folder, world, reaper
        self.lock = threading.Lock()
        self.containers = {}
        self._free = [f"{network}.{last}" for last in range(10, 250)]
        os.makedirs(f"{folder}/tasks", exist_ok=True)

    def create(self, name, body):
        container = Container(self, name, body)
        with self.lock:
            container.address = self._free.pop(0)
            self.containers[container.id] = container
        return container

    def find(self, name):
        with self.lock:
            return self.containers.get(name) or next((c for c in self.containers.values() if c.name == name), None)

    def running(self, task_definition):
        """How many containers of a revision are up."""
        family, _, revision = task_definition.rpartition("/")[2].rpartition(":")
        with self.lock:
            containers = list(self.containers.values())
        since = time.monotonic() - START
        return sum(c.is_of(family, revision) and c.process is not None and c.code is None and c.started < since
                   for c in containers)

    def remove(self, container):
        container.stop(0)
        self.give_back(container)
        with self.lock:
            self.containers.pop(container.id, None)
        shutil.rmtree(container.home, ignore_errors=True)

    def give_back(self, container):
        with self.lock:
            if not container.gone:
                container.gone = True
                self._free.append(container.address)

    def definition(self, labels):
        """The container in its task definition: ministack hands on neither entry points nor versions of secrets."""
        family = labels.get("com.amazonaws.ecs.task-definition-family")
        revision = labels.get("com.amazonaws.ecs.task-definition-version")
        asked = {"taskDefinition": f"{family}:{revision}"}
        told = self._ask(labels, "ecs", "DescribeTaskDefinition", asked, ECS)
        for container in told.get("taskDefinition", {}).get("containerDefinitions", []):
            if container["name"] == labels.get("com.amazonaws.ecs.container-name"):
                return container
        return {}

    def pinned_secrets(self, labels, definition):
        """The values of secrets that are pinned to a version: ministack gives the current one instead."""
        values = {}
        for secret in definition.get("secrets", []):
            parts = secret["valueFrom"].split(":")
            if len(parts) < 10 or not parts[9]:
                continue
            asked = {"SecretId": ":".join(parts[:7]), "VersionId": parts[9]}
            told = self._ask(labels, "secretsmanager", "GetSecretValue", asked, "secretsmanager")
            if "SecretString" not in told:
                raise LookupError(f"unable to retrieve secret from asm: {told.get('message')}")
            text = told["SecretString"]
            values[secret["name"]] = str(json.loads(text)[parts[7]]) if parts[7] else text
        return values

    def _ask(self, labels, service, operation, params, target):
        region = labels.get("com.amazonaws.ecs.task-arn", ":::eu-central-1").split(":")[3]
        scope = f"Credential=emulator/20260101/{region}/ecs/aws4_request"
        call = Call("POST", "/", {"Authorization": scope}, b"", self.world.account)
        return self.world.ask(call, service, operation, params, target).json()


class Container:
    def __init__(self, engine, name, body):
        self.engine, self.name, self.body = engine, name, body
        self.id = uuid.uuid4().hex + uuid.uuid4().hex
        self.labels = body.get("Labels") or {}
        self.home = f"{engine.folder}/tasks/{self.id[:12]}"
        self.process, self.code, self.started, self.ended = None, None, 0, 0
        self.stopped = self.gone = False
        self.lines, self.closed, self.said = [], False, threading.Condition()

    def start(self):
        os.makedirs(self.home)
        definition = self.engine.definition(self.labels)
        family = self.labels.get("com.amazonaws.ecs.task-definition-family", self.name)
        order = self.engine.world.control.task(family, self.body["Image"])
        if order:
            script = 'echo "$0" >&2; exit "$1"'
            command = ["sh", "-c", script, order["message"], str(order["exit"])]
        else:
            command = programs.command(self.body["Image"], definition.get("entryPoint"), self.body.get("Cmd"))
        secrets = self.engine.pinned_secrets(self.labels, definition)
        self.started = time.monotonic()
        try:
            self.process = self.engine.reaper.start(command, env=self.environment(secrets), cwd=self.home,
                                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as error:
            raise LookupError(str(error)) from error
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._wait, daemon=True).start()

    def environment(self, secrets):
        given = dict(pair.partition("=")[::2] for pair in self.body.get("Env") or [])
        given.update(secrets)
        for name in ("LANDFALL_DATABASE_CA", "DATABASE_CA"):
            if name in given:
                given[name] = self.engine.world.databases.authority
        own = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.home, "TMPDIR": self.home,
               "LEDGER_ADDRESS": self.address}
        return {**own, **given}

    def _read(self):
        with open(f"{self.engine.folder}/tasks/{self.name}.log", "ab") as file:
            for line in self.process.stdout:
                file.write(line)
                file.flush()
                with self.said:
                    self.lines.append(line)
                    self.said.notify_all()
        with self.said:
            self.closed = True
            self.said.notify_all()

    def _wait(self):
        code = self.process.wait()
        self.signal(signal.SIGKILL)  # whatever it left behind
        self.engine.reaper.forget(self.process.pid)
        self.ended = time.monotonic()
        self.engine.give_back(self)
        self.code = 128 - code if code < 0 else code

    def is_of(self, family, revision):
        return (family, revision) == (self.labels.get("com.amazonaws.ecs.task-definition-family"),
                                      self.labels.get("com.amazonaws.ecs.task-definition-version"))

    def signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except (OSError, AttributeError):
            pass

    def stop(self, seconds):
        """Asked for from outside: not a failure, whatever the exit code."""
        self.stopped = True
        if self.process is None or self.code is not None:
            return
        self.signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while self.code is None and time.monotonic() < deadline:
            time.sleep(0.02)
        self.signal(signal.SIGKILL)

    def exited(self):
        """Whether it ended, and everybody who reads along has had time to read the end."""
        if self.code is None:
            return False
        seen = self.ended + LAST_WORDS
        if self.code and not self.stopped:
            seen = max(seen, self.started + SHORTEST_FAILURE)
        return time.monotonic() >= seen

    def log(self, follow, tail):
        """Frames as Docker writes them; line by line, because ministack makes an event of every frame's line."""
        position = max(0, len(self.lines) - tail) if tail is not None else 0
        while True:
            with self.said:
                while follow and position >= len(self.lines) and not self.closed and self.process:
                    self.said.wait(1)
                lines, ended = self.lines[position:], self.closed or not follow
            position += len(lines)
            for line in lines:
                yield struct.pack(">BxxxL", 1, len(line)) + line
            if ended and not lines:
                return

    def inspect(self):
        exited = self.exited()
        status = "created" if self.process is None else "exited" if exited else "running"
        return {
            "Id": self.id, "Name": f"/{self.name}", "Image": self.body["Image"], "Created": CREATED,
            "Config": {"Tty": False, "Image": self.body["Image"], "Labels": self.labels},
            "State": {"Status": status, "Running": status == "running", "ExitCode": self.code if exited else 0},
            "NetworkSettings": {"Networks": {NETWORK: {"IPAddress": self.address}}},
        }


def server(engine):
    """The stand-in, listening on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_):
            pass

        def say(self, value, status=200):
            body = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle_any(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}") if length else {}
            path, _, query = self.path.partition("?")
            options = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
            parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
            if parts[0].startswith("v1."):
                parts = parts[1:]
            if parts[0] == "version":
                return self.say({"ApiVersion": "1.44", "MinAPIVersion": "1.24", "Version": "stand-in", "Os": "linux"})
            if parts[0] == "_ping":
                return self.say("OK")
            if parts[0] == "images":
                # Every image is there: `programs.py` knows what it stands for.
                return self.say({"Id": "sha256:" + "0" * 64, "RepoTags": [], "Config": {}})
            if parts[0] == "containers":
                return self.containers(parts[1:], options, body)
            return self.say({"message": f"the stand-in does not know {self.path}"}, 404)

        def containers(self, parts, options, body):
            if parts == ["json"]:
                return self.say([])
            if parts == ["create"]:
                return self.say({"Id": engine.create(options.get("name", ""), body).id, "Warnings": []}, 201)
            if parts[0] == SELF:
                return self.say({"Id": SELF, "Name": SELF, "Config": {}, "State": {"Status": "running"},
                                 "NetworkSettings": {"Networks": {NETWORK: {"IPAddress": "127.0.0.1"}}}})
            container = engine.find(parts[0])
            if container is None:
                return self.say({"message": f"No such container: {parts[0]}"}, 404)
            action = parts[1] if len(parts) > 1 else self.command
            return getattr(self, f"do_{action.lower()}")(container, options)

        def do_start(self, container, _):
            try:
                container.start()
            except LookupError as error:
                return self.say({"message": str(error)}, 400)
            return self.say(None, 204)

        def do_json(self, container, _):
            return self.say(container.inspect())

        def do_wait(self, container, _):
            while not container.exited():
                time.sleep(0.05)
            return self.say({"StatusCode": container.code})

        def do_stop(self, container, options):
            container.stop(float(options.get("t", 10)))
            return self.say(None, 204)

        def do_kill(self, container, _):
            container.stop(0)
            return self.say(None, 204)

        def do_delete(self, container, _):
            engine.remove(container)
            return self.say(None, 204)

        def do_logs(self, container, options):
            follow = options.get("follow") in ("1", "true", "True")
            tail = options.get("tail", "all")
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.docker.raw-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            for frame in container.log(follow, None if tail == "all" else int(tail)):
                self.wfile.write(frame)

        do_GET = do_POST = do_DELETE = handle_any

        def handle(self):
            try:
                super().handle()
            except OSError:
                pass  # the caller went away

    return Server(("127.0.0.1", 0), Handler)
