"""The emulator of Landfall's tests: an AWS account on loopback whose tasks and databases really run.

    python serve.py --folder DIR [--account 000000000000]

Prints one line of JSON when it is ready. Ends, with everything that it started, when its standard input closes or on
SIGTERM. Logs of ministack and of the tasks go to DIR."""

import argparse
import json
import os
import random
import signal
import socket
import sys
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True  # nothing is left in the repository

import engine  # noqa: E402
import front  # noqa: E402
from control import Control  # noqa: E402
from postgres import Databases  # noqa: E402
from reaper import Reaper  # noqa: E402


def claim_network():
    """Three octets of loopback that no other emulator uses, held by a listening socket."""
    while True:
        network = f"127.{random.randint(16, 250)}.{random.randint(0, 255)}"
        guard = socket.socket()
        try:
            guard.bind((f"{network}.254", 40999))
            guard.listen(1)
            return network, guard
        except OSError:
            guard.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_ministack(folder, account, docker_port, reaper):
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_", "DOCKER_"))}
    variables = dict(kept, BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port), MINISTACK_ACCOUNT_ID=account,
                     HOSTNAME=engine.SELF, DOCKER_HOST=f"tcp://127.0.0.1:{docker_port}", TMPDIR=folder, HOME=folder,
                     LOG_LEVEL="WARNING", PERSIST_STATE="0", S3_PERSIST="0")
    log = open(f"{folder}/ministack.log", "w")
    process = reaper.start([sys.executable, f"{HERE}/account.py"], signal.SIGKILL, env=variables, cwd=folder,
                           stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=5).read()
            return port
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"ministack does not start: {open(f'{folder}/ministack.log').read()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--account", default="000000000000")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    os.makedirs(folder, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    reaper = Reaper()
    try:
        network, guard = claim_network()
        control, databases = Control(), Databases(network, reaper)
        control.databases = databases.told
        world = front.World(options.account, 0, control, databases)
        world.engine = engine.Engine(network, folder, world, reaper)
        docker = engine.server(world.engine)
        threading.Thread(target=docker.serve_forever, daemon=True).start()
        world.port = start_ministack(folder, options.account, docker.server_address[1], reaper)
        listening = front.server(world)
        threading.Thread(target=listening.serve_forever, daemon=True).start()

        endpoint = f"http://127.0.0.1:{listening.server_address[1]}"
        print(json.dumps({"endpoint": endpoint, "control": f"{endpoint}/_control", "account": options.account,
                          "network": network, "authority": databases.authority, "pid": os.getpid()}), flush=True)
        while sys.stdin.buffer.read(4096):
            pass
    finally:
        # The reaper ends every process and removes the databases; also when this process is killed.
        reaper.close()


if __name__ == "__main__":
    main()
