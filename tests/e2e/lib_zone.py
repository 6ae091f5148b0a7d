"""A name server of the tests with a zone, and smemail asking it."""
import json
import os
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")


class Points:
    """Numbered results in TAP."""

    def __init__(self):
        self.done = self.failed = 0

    def ok(self, good, what, detail=""):
        self.done += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.done, what))
        if not good and detail:
            print("# " + str(detail).replace("\n", "\n# "))

    def end(self):
        print("1..%d" % self.done)
        sys.exit(self.failed > 0)


class Zone:
    """with Zone({...}) as z: z.run("spf", "check", ...)"""

    def __init__(self, names, *options):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        json.dump({"names": names}, self.file)
        self.file.flush()
        self.log = tempfile.NamedTemporaryFile("r", suffix=".log")
        self.process = subprocess.Popen(
            [sys.executable, TOP + "/tests/tools/testdns.py", "--zone",
             self.file.name, "--port", "0", "--log", self.log.name, *options],
            stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        self.dns = "%s:%s" % (words[1], words[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.file.close()
        self.log.close()

    def questions(self):
        """What was asked since the last call."""
        return [json.loads(line) for line in self.log.readlines()]

    def run(self, *words, env=None, stdin=None):
        done = subprocess.run(
            [SMEMAIL, *words], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            env=dict(os.environ, SMEMAIL_DNS=self.dns, **(env or {})))
        return done.returncode, done.stdout, done.stderr

    def json(self, *words, env=None):
        status, out, err = self.run(*words, "--json", env=env)
        try:
            return status, json.loads(out)
        except ValueError:
            raise SystemExit("not JSON: %r %r" % (out, err))


def undo(text):
    """The escapes of tests/data: \\xNN."""
    return text.encode().decode("unicode_escape").encode("latin-1").decode()


def table(path):
    """Rows of a table of tests/data."""
    with open(TOP + "/tests/data/" + path, encoding="ascii") as f:
        for line in f:
            yield line.rstrip("\n").split("\t")
