#!/usr/bin/env python3
"""smemail shell on a pseudo terminal: prompt, completion, Ctrl-C, history."""
import os
import pty
import re
import select
import shutil
import signal
import tempfile
import time

SMEMAIL = os.environ["SMEMAIL"]
DEADLINE = 20
count = 0


def point(good, what, detail=""):
    global count
    count += 1
    print("%sok %d - %s" % ("" if good else "not ", count, what))
    if not good:
        print("\n".join("# " + repr(x) for x in detail.splitlines()))


class Terminal:
    def __init__(self, argv, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, env)
        self.seen = ""
        self.status = None

    def send(self, text):
        self.seen = ""
        os.write(self.fd, text.encode())

    def expect(self, pattern):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if re.search(pattern, self.seen):
                return True
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    more = os.read(self.fd, 65536)
                except OSError:
                    return False
                self.seen += more.decode("utf-8", "replace")
        return False

    def end(self):
        """Wait for the program; its exit status."""
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            pid, raw = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(raw)
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    os.read(self.fd, 65536)
                except OSError:
                    pass
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None


def make_root():
    root = tempfile.mkdtemp()
    os.makedirs(root + "/home/e-smith/db")
    with open(root + "/home/e-smith/db/configuration", "w") as db:
        db.write("DomainName=example.com\nSystemName=mail\n"
                 "sysconfig=configuration|ReleaseVersion|10.1\n")
    return root


def main():
    root = make_root()
    env = {"PATH": os.environ["PATH"], "HOME": root, "TERM": "dumb",
           "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null"}
    t = Terminal([SMEMAIL, "--root", root, "shell"], env)
    point(t.expect(r"mail\.example\.com> $"),
          "the prompt names the server under the root", t.seen)
    t.send("completion zzz\n")
    point(t.expect(r"unknown SHELL 'zzz'[^>]*> $"),
          "an error leaves the shell alive", t.seen)
    t.send("compl\t")
    point(t.expect("completion $"), "a tab completes a command", t.seen)
    t.send("\t\t")
    point(t.expect(r"bash *\r?\n *zsh *\r?\n *fish"),
          "two tabs list the words", t.seen)
    t.send("\x15abc\x03")
    point(t.expect(r"\^C[^>]*> $"), "Ctrl-C drops the line", t.seen)
    t.send("nosuch \t")
    point(t.expect("unknown command"), "a tab says why nothing fits", t.seen)
    t.send("\x15log\n")
    point(t.expect(r"mail\.example\.com log> $"),
          "a group alone becomes the context", t.seen)
    t.send("dec\t")
    point(t.expect("decode $"), "its words complete there", t.seen)
    t.send("\n@400000004000000000000000 x\n\x03")
    point(t.expect(r"log> $"), "Ctrl-C ends a command, not the shell", t.seen)
    t.send("..\n")
    point(t.expect(r"mail\.example\.com> $"), ".. leaves the context", t.seen)
    t.send("db t set k t Password hunter2\n")
    t.expect("> $")
    t.send("set delivery.smarthost-password hunter3\n")
    t.expect("> $")
    t.send("db t getprop k Password\n")
    t.expect("> $")
    t.send("completion nosuchshell\n")
    t.expect("> $")
    t.send("\x04")
    point(t.end() == 2, "Ctrl-D ends with the last status")
    folder = root + "/var/lib/smemail"
    files = [f for f in os.listdir(folder) if f.startswith("history.")]
    point(len(files) == 1, "there is a history", str(files))
    path = folder + "/" + files[0]
    with open(path) as f:
        kept = f.read()
    point(os.stat(path).st_mode & 0o777 == 0o600, "for its owner alone")
    point("completion nosuchshell\n" in kept, "lines are kept", kept)
    point("hunter" not in kept, "lines with secrets are not", kept)
    shutil.rmtree(root)
    print("1..%d" % count)


main()
