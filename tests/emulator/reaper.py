"""Ends what the emulator started, also when the emulator itself was killed: a second process that is told every
process group and folder through a pipe, and acts when the pipe closes."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time


class Reaper:
    """The emulator's end of the pipe."""

    def __init__(self):
        # No group of the emulator's own: what kills the emulator must not kill this.
        self._process = subprocess.Popen([sys.executable, os.path.abspath(__file__)], stdin=subprocess.PIPE,
                                         start_new_session=True)
        self._lock = threading.Lock()

    def watch(self, group, how=signal.SIGTERM):
        self._tell(f"watch {group} {int(how)}")

    def start(self, command, how=signal.SIGTERM, **options):
        """Starts a process in a group of its own and watches it; how: the signal that it is asked to end with."""
        process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, **options)
        self.watch(process.pid, how)
        # Until somebody takes note of its end, a process seems to be there.
        threading.Thread(target=process.wait, daemon=True).start()
        return process

    def forget(self, group):
        self._tell(f"forget {group}")

    def folder(self, path):
        self._tell(f"folder {path}")

    def _tell(self, line):
        with self._lock:
            if not self._process.stdin.closed:  # at the end everything is ended anyway
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()

    def close(self):
        """Waits until everything is gone."""
        with self._lock:
            self._process.stdin.close()
        self._process.wait(20)


def main():
    groups, folders = {}, []
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "watch":
            group, how = rest.split()
            groups[int(group)] = int(how)
        elif word == "forget":
            groups.pop(int(rest), None)
        else:
            folders.append(rest)
    deadline = time.monotonic() + 3
    for group, how in groups.items():
        end(group, how)
    while any(end(group, 0) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        end(group, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end(group, how):
    try:
        os.killpg(group, how)
        return True
    except OSError:
        return False


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    main()
