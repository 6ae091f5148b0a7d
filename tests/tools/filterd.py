"""Start and stop the filter daemon for tests (Python 3 standard library)."""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from timely import in_time  # noqa: F401

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD") or os.path.join(
    TOP, os.environ.get("B", "build"))
FILTERD = os.environ.get("FILTERD") or os.path.join(BUILD, "smemail-filterd")
# Memory and time are other ones there, and some libraries cannot be used.
SANITIZED = os.path.exists(FILTERD) and \
    b"__asan_init" in open(FILTERD, "rb").read()
LISTENING = re.compile(r"^\d+ listening on (\w+):(.*):(\d+),", re.M)


def end_at_once(*error):
    """A test that has an error ends, also when threads of it still send."""
    sys.__excepthook__(*error)
    sys.stdout.flush()
    os._exit(1)


sys.excepthook = end_at_once


def wait_for(what, limit=20.0, step=0.02):
    """The first true value of what(), or None after the limit."""
    end = time.monotonic() + limit
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            return None
        time.sleep(step)


def write_config(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text if text.endswith("\n") or not text else text + "\n")


def certificate(folder, name="mx.local.example"):
    """Paths of a self-signed certificate and its key."""
    cert = os.path.join(folder, "cert.pem")
    key = os.path.join(folder, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
         "-days", "30", "-subj", "/CN=" + name], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, key


class Daemon:
    """One daemon in a folder of its own: config, Maildir, log."""

    def __init__(self, files=None, args=(), env=None, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="filterd.")
        self.config = os.path.join(self.folder, "config")
        self.maildir = os.path.join(self.folder, "Maildir")
        self.log_path = os.path.join(self.folder, "log")
        self.args = list(args)
        self.command_before = []  # what starts it
        # name servers of the machine are none of a test's business: here
        # nobody answers, at once
        self.env = dict({"PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                         "TZ": "UTC", "SMEMAIL_DNS": "127.0.0.9:1",
                         # a machine has more processors than another
                         "WORKERS": os.environ.get("WORKERS", "2")},
                        **(env or {}))
        self.env.update({k: v for k, v in os.environ.items()
                         if k.endswith("SAN_OPTIONS")})
        # the leak finder needs system calls that the parts give up
        self.env["ASAN_OPTIONS"] = ":".join(filter(None, (
            self.env.get("ASAN_OPTIONS"), "detect_leaks=0")))
        self.process = None
        self.port = 0
        self.ports = {}  # by role
        os.makedirs(self.config, exist_ok=True)
        if files is None:
            files = {}
        base = {"me": "mx.local.example", "rcpthosts": "local.example",
                "plugins": "rcpt_ok\nqueue/maildir " + self.maildir}
        base.update(files)
        write_config(self.config, {k: v.replace("@MAILDIR@", self.maildir)
                                   for k, v in base.items()})

    def command(self, *args):
        return [FILTERD, "--config", self.config, *args]

    def start(self, *roles):
        """True when it listens; False when it ended instead. By "smtps" it
        gets a port of its own, by "smtps:ADDRESS:PORT" that."""
        roles = roles or ("smtp",)
        listen = []
        for role in roles:
            listen += ["--listen", role if ":" in role
                       else role + ":127.0.0.1:0"]
        at = os.path.getsize(self.log_path) \
            if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command_before +
                self.command("--foreground", *listen, *self.args),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.env, cwd="/")

        def ready():
            if self.process.poll() is not None:
                return "ended"
            found = {}
            for role, _, port in LISTENING.findall(self.log()[at:]):
                found.setdefault(role, int(port))
            return found if len(found) == len(roles) else None
        found = wait_for(ready)
        if not found or found == "ended":
            return False
        self.ports = found
        self.port = self.ports[roles[0].partition(":")[0]]
        return True

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8",
                      errors="backslashreplace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def logged(self, text, limit=20.0):
        return bool(wait_for(lambda: text in self.log(), limit))

    def connect(self, source=None, timeout=20.0, role=None):
        s = socket.socket()
        s.settimeout(timeout)
        if source:
            s.bind((source, 0))
        s.connect(("127.0.0.1", self.ports[role] if role else self.port))
        return Peer(s)

    def parts(self):
        """Process ids of the parts by their names; of several workers
        "worker", "worker:2" and so on. Of a daemon that was started as root
        with --user the "listener" is one, which started the others."""
        found = self.children_of(self.process.pid)
        if "listener" in found:
            found.update(self.children_of(found["listener"]))
        return found

    @staticmethod
    def children_of(parent_pid):
        """Process ids by the roles that they were started in."""
        found = {}
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open("/proc/%s/stat" % pid) as f:
                    parent = int(f.read().rsplit(")", 1)[1].split()[1])
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    args = f.read().split(b"\0")
            except (OSError, IndexError):
                continue
            if parent == parent_pid and len(args) > 1:
                found[args[1].decode().partition("=")[2]] = int(pid)
        return found

    def workers(self):
        """Process ids of the session workers, the first one first."""
        found = sorted(item for item in self.parts().items()
                       if item[0].partition(":")[0] == "worker")
        return [pid for _, pid in found]

    def messages(self):
        """Contents of all delivered messages, by path."""
        found = []
        for where, _, names in os.walk(self.maildir):
            if os.path.basename(where) == "new":
                for name in sorted(names):
                    with open(os.path.join(where, name), "rb") as f:
                        found.append(f.read())
        return found

    def stop(self, how=signal.SIGTERM, limit=40.0):
        """The exit status; a text when it must not be so."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(limit)
            broken = re.search("ERROR: AddressSanitizer|runtime error:",
                               self.log())
            return "sanitizer" if broken else status
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "killed"

    def kill_all(self):
        """All at once, as when the power fails."""
        # else the listener starts a part anew that outlives it
        self.process.send_signal(signal.SIGSTOP)
        if "listener" in self.parts():
            os.kill(self.parts()["listener"], signal.SIGSTOP)
        for pid in [*self.parts().values(), self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def __enter__(self):
        if not self.start():
            raise RuntimeError("the daemon does not start:\n" + self.log())
        return self

    def __exit__(self, *unused):
        if self.stop() in ("sanitizer", "killed"):
            raise RuntimeError("the daemon did wrong:\n" + self.log())


class Peer:
    """A client that speaks SMTP line by line."""

    def __init__(self, s):
        self.s = s
        self.buf = b""

    def send(self, data):
        self.s.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        while b"\n" not in self.buf:
            more = self.s.recv(65536)
            if not more:
                return b""
            self.buf += more
        line, self.buf = self.buf.split(b"\n", 1)
        return line + b"\n"

    def reply(self):
        """(code, text) of one whole reply; (0, "") at the end."""
        lines = []
        while True:
            try:
                line = self.line()
            except ConnectionError:
                line = b""
            if not line:
                return 0, ""
            lines.append(line.decode("latin-1").rstrip("\r\n"))
            if line[3:4] != b"-":
                return int(line[:3]), "\n".join(lines)

    def ask(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def begin(self, sender="a@out.example", rcpts=("b@local.example",)):
        """Up to the 354."""
        self.reply()
        self.ask("EHLO client.example")
        self.ask("MAIL FROM:<%s>" % sender)
        for rcpt in rcpts:
            self.ask("RCPT TO:<%s>" % rcpt)
        return self.ask("DATA")

    def close(self):
        self.s.close()


class Tap:
    """Test points."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def ok(self, good, what, detail=""):
        self.n += 1
        self.failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.n, what),
              flush=True)
        if not good and detail:
            for line in str(detail).splitlines()[-40:]:
                print("# " + line, flush=True)
        return good

    def skip(self, what, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, what, why), flush=True)

    def done(self):
        print("1..%d" % self.n, flush=True)
        return 1 if self.failed else 0


def split_cases(path):
    """{name: text} of a file whose parts begin with "==== NAME"."""
    cases = {}
    name = None
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("==== "):
                name = line[5:].strip()
                cases[name] = []
            else:
                cases[name].append(line)
    return {k: "".join(v) for k, v in cases.items()}
