"""A mail system below a folder, for tests that change its settings."""
import json
import os
import shutil
import socket
import subprocess
import tempfile

import filterd
import ports

SMEMAIL = os.environ.get("SMEMAIL") or os.path.join(filterd.BUILD, "smemail")
CONFIG = "/var/service/qpsmtpd/config"
# what is generated, and nothing else
GENERATED = ("/var/service", "/var/qmail", "/home/e-smith/.qmail",
             "/home/e-smith/files", "/usr/lib/systemd", "/etc")
NOT_GENERATED = ("/supervise/", "/log/main", "Maildir/", "/current", "/@",
                 "/lock", "/etc/e-smith/")
NOT_NAMED = ("run", "down")


class Root:
    """smemail init; up() and down(); commands by run()."""

    def __init__(self, release="10", domain="example.org", user="alice"):
        self.folder = tempfile.mkdtemp(prefix="mailroot.")
        self.root = os.path.join(self.folder, "r")
        self.base = ports.Base()
        self.port = self.base.number + 525
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("SMEMAIL_", "LC_", "LANG"))}
        self.env.update(SMEMAIL_ROOT=self.root, LC_ALL="C.UTF-8",
                        SMEMAIL_FILTERD=filterd.FILTERD)
        self.must("init", "--root", self.root, "--release", release,
                  "--domain", domain, "--user", user, "--port-base",
                  str(self.base.number))

    def run(self, *args, text=None):
        """(status, stdout, stderr) of one smemail command."""
        done = subprocess.run([SMEMAIL, *args], check=False, env=self.env,
                              input=text, timeout=120, encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              **({} if text is not None else
                                 {"stdin": subprocess.DEVNULL}))
        return done.returncode, done.stdout, done.stderr

    def must(self, *args):
        status, out, err = self.run(*args)
        if status:
            raise RuntimeError("%s: exit %d\n%s%s" % (" ".join(args), status,
                                                      out, err))
        return out

    def json(self, *args):
        """The answer of a command, whatever its exit status."""
        status, out, err = self.run("--json", *args)
        if not out:
            raise RuntimeError("%s: exit %d\n%s" % (" ".join(args), status,
                                                    err))
        return json.loads(out)

    def path(self, name):
        return self.root + name

    def read(self, name):
        """The text of a file; None when it is not there."""
        try:
            with open(self.path(name), encoding="utf-8") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def generated(self):
        """{path: bytes or link target} of all that templates make."""
        found = {}
        for top in GENERATED:
            for where, dirs, names in os.walk(self.path(top)):
                for name in names + [d for d in dirs if os.path.islink(
                        os.path.join(where, d))]:
                    real = os.path.join(where, name)
                    shown = real[len(self.root):]
                    if name in NOT_NAMED or \
                            any(part in shown for part in NOT_GENERATED):
                        continue
                    if os.path.islink(real):
                        found[shown] = os.readlink(real)
                    elif os.path.isfile(real):
                        with open(real, "rb") as f:
                            found[shown] = f.read()
        return found

    def check(self):
        """What the daemon says of its configuration; empty: it is good."""
        done = subprocess.run(
            [filterd.FILTERD, "--check", "--config", self.path(CONFIG)],
            check=False, env=dict(self.env, QMAIL=self.path("/var/qmail")),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8")
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def connect(self, source, port=None, timeout=20.0):
        s = socket.socket()
        s.settimeout(timeout)
        s.bind((source, 0))
        try:
            s.connect(("127.0.0.1", port or self.port))
        except OSError:
            s.close()
            raise
        return filterd.Peer(s)

    def close(self):
        self.run("down")
        self.base.close()
        shutil.rmtree(self.folder, ignore_errors=True)
