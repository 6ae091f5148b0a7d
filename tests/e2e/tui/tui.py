"""Helpers of the display tests: keys in, screen text out.

The screen runs in tmux at a fixed size, with a server of its own whose socket
is in the test's folder; nothing sleeps, every step waits for what it should
see. TERM inside is one that tmux draws faithfully.
"""
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../tools"))
from timely import one_day  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", "build/smemail")
DEADLINE = 20
_count = 0
_failed = 0


def point(good, what, detail=""):
    global _count, _failed
    _count += 1
    _failed += not good
    print("%sok %d - %s" % ("" if good else "not ", _count, what), flush=True)
    if not good:
        for line in str(detail).splitlines():
            print("# " + line)
    return good


def done():
    print("1..%d" % _count)
    sys.exit(1 if _failed else 0)


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit(0)


class Root:
    """A throw-away root, with settings as the mock-ups have them."""

    def __init__(self, settings=()):
        if shutil.which("tmux") is None:
            skip_all("tmux is not installed")
        one_day()  # screens tell times of today
        self.folder = tempfile.mkdtemp(prefix="smemail-tui.")
        os.chmod(self.folder, 0o755)  # the filter's user passes through it
        self.path = self.folder + "/root"
        self.env = {"PATH": os.environ["PATH"], "HOME": self.folder,
                    "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        filterd = os.environ.get("FILTERD", "build/smemail-filterd")
        self.env["SMEMAIL_FILTERD"] = os.path.abspath(filterd)
        self.run("init", "--root", self.path)
        for setting in settings:
            if setting.startswith("db "):
                self.smemail(*setting.split(" "))
            else:
                self.smemail("set", *setting.split("="))

    def run(self, *words, **more):
        env = dict(self.env, **more)
        return subprocess.run([SMEMAIL, *words], env=env, check=False,
                              stdin=subprocess.DEVNULL, timeout=DEADLINE,
                              capture_output=True, text=True)

    def smemail(self, *words, **more):
        return self.run("--root", self.path, *words, **more)

    def get(self, name):
        return self.smemail("get", name).stdout.strip()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Screen:
    """smemail in a terminal of so many columns and lines."""

    def __init__(self, root, width=80, height=24, words=("tui",),
                 term="tmux-256color", **env):
        self.socket = tempfile.mktemp(prefix="tmux.", dir=root.folder)
        all_env = dict(root.env, TERM=term, **env)
        line = ["env", "-i"] + ["%s=%s" % item for item in all_env.items()]
        line += [os.path.abspath(SMEMAIL), "--root", root.path, *words]
        quoted = " ".join("'" + w.replace("'", "'\\''") + "'" for w in line)
        # an account for services has no shell of its own
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width),
                   "-y", str(height),
                   quoted + "; echo \"[ended $?]\"; exec cat",
                   env=dict(all_env, SHELL="/bin/sh"))

    def _tmux(self, *words, env=None):
        r = subprocess.run(["tmux", "-S", self.socket, *words], env=env,
                           stdin=subprocess.DEVNULL, capture_output=True,
                           text=True, timeout=DEADLINE, check=False)
        return r.stdout

    def lines(self, colours=False):
        words = ["capture-pane", "-p"] + (["-e"] if colours else [])
        return [x.rstrip() for x in self._tmux(*words).split("\n")[:-1]]

    def text(self):
        return "\n".join(self.lines())

    def keys(self, *names):
        """tmux names of keys."""
        self._tmux("send-keys", *names)

    def type(self, text):
        self._tmux("send-keys", "-l", text)

    def paste(self, text):
        """As a terminal with bracketed paste does it."""
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p")

    def resize(self, width, height):
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def pid(self):
        """Of smemail: the child of the pane's shell."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        path = "/proc/%s/task/%s/children" % (shell, shell)
        with open(path, encoding="ascii") as f:
            return int(f.read().split()[0])

    def look(self, test):
        """The lines once 'test' (a pattern or a function) holds, or None."""
        end = time.monotonic() + DEADLINE
        check = test if callable(test) else (
            lambda lines: re.search(test, "\n".join(lines), re.M))
        while time.monotonic() < end:
            lines = self.lines()
            if check(lines):
                return lines
            time.sleep(0.01)
        return None

    def wait(self, test):
        """On the way to what is tested; a point of its own only when it
        never comes."""
        lines = self.look(test)
        if lines is None:
            point(False, "waits for %s" % test, self.text())
        return lines

    def expect(self, test, what):
        lines = self.look(test)
        return point(lines is not None, what, self.text())

    def expect_screen(self, wanted, what):
        """The whole screen, trailing blanks and the clock left out."""
        want = [x.rstrip() for x in wanted.strip("\n").split("\n")]

        def same(lines):
            return [clockless(x) for x in lines] == want
        if self.look(same) is not None:
            return point(True, what)
        got = [clockless(x) for x in self.lines()]
        detail = ["%s|%s" % (" " if a == b else "-+"[k], x)
                  for a, b in zip(want + [""] * 99, got)
                  for k, x in enumerate([a] if a == b else [a, b])]
        return point(False, what, "\n".join(detail))

    def ended(self, status, what):
        return self.expect(r"^\[ended %d\]" % status, what)

    def close(self):
        self._tmux("kill-server")


def clockless(line):
    """The title's clock, dates of today and the number of files that are
    generated, made the same for ever."""
    line = re.sub(r"^([> ] +\d+ +)\d\d:\d\d ", r"\1HH:MM ", line)
    line = re.sub(r"\b(the other|expands) \d+ files", r"\1 NN files", line)
    line = re.sub(r"\b\d\d:\d\d$", "HH:MM", line)
    return re.sub(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [0-9]{1,2} "
                  r"[A-Z][a-z]{2} HH:MM", "DAY HH:MM", line)


class Pty:
    """smemail on a bare pseudo terminal: the very bytes it sends."""

    def __init__(self, root, words=("tui",), width=80, height=24,
                 term="xterm-256color", **env):
        all_env = dict(root.env, TERM=term, **env)
        argv = [os.path.abspath(SMEMAIL), "--root", root.path, *words]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", height, width, 0, 0))
            os.execve(argv[0], argv, all_env)
        self.seen = b""
        self.modes = termios.tcgetattr(self.fd)

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += more
        return bool(more)

    def wait(self, text):
        end = time.monotonic() + DEADLINE
        while text not in self.seen and time.monotonic() < end:
            self.read(0.1)
        return text in self.seen

    def send(self, data):
        os.write(self.fd, data)

    def end(self):
        """Exit status (minus the signal), None when it does not end."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0):
                    pass
                return os.waitstatus_to_exitcode(status)
            self.read(0.02)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        return None

    def close(self):
        os.close(self.fd)
