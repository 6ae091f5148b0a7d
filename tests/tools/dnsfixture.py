"""A test DNS server for scenario tests in Python, and their TAP output."""
import json
import os
import signal
import subprocess
import sys
import tempfile

TOOLS = os.path.dirname(os.path.abspath(__file__))
count = failures = 0


def point(good, what):
    global count, failures
    count += 1
    failures += not good
    what = what.encode("ascii", "backslashreplace").decode()
    print("%sok %d - %s" % ("" if good else "not ", count,
                            what.replace("#", "\\#").replace("\n", " ")),
          flush=True)


def done():
    print("1..%d" % count)
    sys.exit(failures > 0)


class Server:
    """testdns.py with a zone, or hostiledns.py without; 'address' to ask."""

    def __init__(self, zone=None, folder=None, addr="127.0.0.1", port=0,
                 log=None):
        command = [sys.executable, os.path.join(TOOLS, "hostiledns.py")]
        if zone is not None:
            with tempfile.NamedTemporaryFile(
                    "w", suffix=".json", dir=folder, delete=False) as f:
                json.dump(zone, f)
            self.zone_path = f.name
            command = [sys.executable, os.path.join(TOOLS, "testdns.py"),
                       "--zone", f.name]
        command += ["--addr", addr, "--port", str(port)]
        if log:
            command += ["--log", log]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE,
                                      stdin=subprocess.DEVNULL)
        words = self.child.stdout.readline().decode().split()
        if words[:1] != ["READY"]:
            raise RuntimeError("the test DNS server did not start")
        self.port = int(words[2])
        self.address = "%s:%d" % (addr, self.port)

    def replace(self, zone):
        """Another zone; it is in force when this returns."""
        with open(self.zone_path, "w", encoding="utf-8") as f:
            json.dump(zone, f)
        self.child.send_signal(signal.SIGHUP)
        if self.child.stdout.readline() != b"RELOADED\n":
            raise RuntimeError("the test DNS server did not take the zone")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()
