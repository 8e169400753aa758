"""The one address that Landfall, terraform and the tests talk to: a reverse proxy before ministack.
It applies the fixes of `fixes/`, and everything that `control.py` knows."""

import http.client
import json
import select
import socket
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fixes
from wire import Answer, Call

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "accept-encoding",
              "expect", "date", "server"}


class World:
    """What fixes share: the account, ministack behind the front, and the machines of the test bed."""

    def __init__(self, account, upstream_port, control, databases):
        self.account, self.port = account, upstream_port
        self.control, self.databases = control, databases
        self.engine = None
        self.lock = threading.RLock()
        self.memory = {}
        self._local = threading.local()

    def remember(self, kind):
        """The notes of one fix: a dict that lives as long as the emulator."""
        return self.memory.setdefault(kind, {})

    def forward(self, call):
        """Asks ministack, over a connection that each thread keeps."""
        headers = {name: value for name, value in call.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["Content-Length"] = str(len(call.body))
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._local.connection = connection
            try:
                connection.request(call.method, call.path, call.body, headers)
                response = connection.getresponse()
                body = response.read()
                kept = {n: v for n, v in response.getheaders() if n.lower() not in HOP_BY_HOP}
                if call.method == "HEAD" and response.headers.get("Content-Length"):
                    kept["Content-Length"] = response.headers["Content-Length"]
                return Answer(response.status, kept, body)
            except (http.client.HTTPException, OSError):
                connection.close()
                self._local.connection = None
                # A kept connection may have been closed; ministack did not see the request then.
                if attempt == 2:
                    raise
        return None

    def ask(self, call, service, operation, params, target=None):
        """A request of the front's own, in the name of a caller: JSON with `target`, else a form."""
        headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=emulator/20260101/"
                   f"{call.region}/{service}/aws4_request, SignedHeaders=host, Signature=0"}
        if target:
            headers.update({"X-Amz-Target": f"{target}.{operation}", "Content-Type": "application/x-amz-json-1.1"})
            body = json.dumps(params).encode()
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(dict({"Action": operation}, **params)).encode()
        return self.forward(Call("POST", "/", headers, body, self.account))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # terraform opens many connections at once


def server(world):
    """The front, listening on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *_):
            pass

        def handle_expect_100(self):
            super().handle_expect_100()
            self.wfile.flush()  # buffered, it would come with the answer, and terraform would wait a second
            return True

        def body(self):
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                chunks = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                return b"".join(chunks)
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def alive(self):
            """Whether somebody still waits for the answer."""
            readable, _, _ = select.select([self.connection], [], [], 0)
            return not readable or bool(self.connection.recv(1, socket.MSG_PEEK))

        def handle_any(self):
            body = self.body()
            if self.path.startswith("/_control/"):
                status, value = world.control.answer(self.command, self.path, json.loads(body or b"{}"))
                return self.send(Answer.of_json(value, status))
            call = Call(self.command, self.path, self.headers, body, world.account)
            answer = self.answer(call)
            hold = world.control.hold(call)
            if hold:
                world.control.wait(hold, call, self.alive)
            return self.send(answer)

        def answer(self, call):
            answer = world.control.fault(call)
            if answer is None:
                try:
                    answer = fixes.apply(world, call)
                except Exception as error:  # a fault of the test bed must not look like one of AWS
                    import traceback
                    traceback.print_exc()
                    answer = call.error(599, "EmulatorFault", f"{call.service} {call.operation}: {error!r}")
            world.control.record(call, answer.status)
            return answer

        def send(self, answer):
            self.send_response_only(answer.status)
            headers = dict(answer.headers)
            if answer.status not in (204, 304):
                headers.setdefault("Content-Length", str(len(answer.body)))
            if self.command != "HEAD" and "Content-Length" in headers:
                headers["Content-Length"] = str(len(answer.body))
            headers["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
            self.wfile.flush()

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = handle_any

        def handle(self):
            try:
                super().handle()
            except OSError:
                pass  # the caller went away

    return Server(("127.0.0.1", 0), Handler)
