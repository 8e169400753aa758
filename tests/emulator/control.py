"""What tests ask of the emulator beside AWS: errors on demand, answers held back, jobs that fail,
a bucket that is somebody else's, a database that was restored, and the list of what was asked.

An order is met by the `nth` fitting call (1 unless told), then `times` times (1 unless told; 0 is for ever)."""

import threading
import time


class Control:
    def __init__(self):
        self._lock = threading.Lock()
        self._faults, self._holds, self._tasks = [], [], []
        self._waiting = []
        self.requests = []
        self.owners, self.restored = {}, {}
        self.databases = dict  # replaced by whoever knows them

    def answer(self, method, path, body):
        """One request to `/_control/...`; returns a status and what to say."""
        name = path.split("?")[0].rsplit("/", 1)[-1]
        with self._lock:
            if method == "GET" and name == "requests":
                return 200, list(self.requests)
            if method == "GET" and name == "databases":
                return 200, self.databases()
            if method == "GET" and name == "held":
                return 200, [hold["call"] for hold in self._waiting]
            if method != "POST":
                return 404, {"error": f"no such control: {method} {path}"}
            if name == "fault":
                self._faults.append({"nth": 1, "times": 1, "status": 400, "message": "asked for by a test", **body})
            elif name == "hold":
                self._holds.append({"nth": 1, **body, "event": threading.Event()})
            elif name == "release":
                for hold in self._holds + self._waiting:
                    hold["event"].set()
                self._holds.clear()
            elif name == "task":
                self._tasks.append({"exit": 1, "times": 1, "message": "told to fail by a test", **body})
            elif name == "owner":
                self.owners[body["bucket"]] = body["account"]
            elif name == "restore":
                self.restored[body["instance"]] = body["resource"]
            elif name == "reset":
                self._faults.clear(), self._holds.clear(), self._tasks.clear(), self.owners.clear()
                self.requests.clear()
            else:
                return 404, {"error": f"no such control: {name}"}
        return 200, {}

    def fault(self, call):
        """The error that a test ordered for this call."""
        with self._lock:
            for fault in self._faults:
                if not _fits(fault, call):
                    continue
                fault["nth"] -= 1
                if fault["nth"] > 0:
                    continue
                if fault["times"] == 1:
                    self._faults.remove(fault)
                fault["times"] -= 1
                return call.error(fault["status"], fault["code"], fault["message"])
        return None

    def hold(self, call):
        """Whether the answer of this call is to be held back, and until when."""
        with self._lock:
            for hold in self._holds:
                if not _fits(hold, call):
                    continue
                hold["nth"] -= 1
                if hold["nth"] == 0:
                    self._holds.remove(hold)
                    return hold
        return None

    def wait(self, hold, call, alive):
        """Until it is released, or nobody waits for the answer any more."""
        hold["call"] = {"service": call.service, "operation": call.operation}
        with self._lock:
            self._waiting.append(hold)
        while not hold["event"].wait(0.05) and alive():
            pass
        with self._lock:
            self._waiting.remove(hold)

    def task(self, family, image):
        """How a task of this family, or only with this image, is to fail, if a test ordered it."""
        with self._lock:
            for task in self._tasks:
                if task["family"] in family and task.get("image", "") in image:
                    if task["times"] == 1:
                        self._tasks.remove(task)
                    task["times"] -= 1
                    return task
        return None

    def record(self, call, status):
        entry = {"service": call.service, "operation": call.operation, "status": status, "at": time.time()}
        with self._lock:
            self.requests.append(entry)


def _fits(order, call):
    return (
        order["service"] == call.service
        and order["operation"] == call.operation
        and ("resource" not in order or call.mentions(order["resource"]))
    )
