#!/usr/bin/env python3
"""The tour in README.md is real: type its commands, compare their output.

readme-tour.py          compare (TAP)
readme-tour.py --write  put the real output into README.md
"""
import difflib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import ports  # noqa: E402

README = os.path.join(TOP, "README.md")
SMEMAIL = os.environ.get("SMEMAIL", os.path.join(TOP, "build", "smemail"))
FILTERD = os.environ.get(
    "FILTERD", os.path.join(TOP, "build", "smemail-filterd"))
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.S)
SHOWN_PORT = 2525
SHOWN_SMTPS = 2465

# What differs from one run to the next, and what stands for it.
VARIABLE = [
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?", "DATE"),
    (r"\b\d{1,2} [A-Z][a-z]{2} \d\d:\d\d(:\d\d)?", "DATE"),
    (r"today \d\d:\d\d(:\d\d)?", "today"),
    (r" +\d+\.\d\d s$", " SECONDS"),
    (r"<\d{14}\.\d+@[^>]+>", "<MESSAGE-ID>"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} [+-]\d{4}", "DATE"),
    (r"\b(by|user) [a-z_][a-z0-9_-]*\b", r"\1 WHO"),
    (r" +\d+ +\d+(\.\d)? MB", " PID MEMORY"),
    (r"\bpid \d+", "pid N"),
    (r"laid out \d+ files", "laid out N files"),
    (r"swaks v\S+", "swaks VERSION"),
]


def normal(text):
    for pattern, stand_in in VARIABLE:
        text = re.sub(pattern, stand_in, text, flags=re.M)
    return re.sub(r"[ \t]+", " ", text)


class Tour:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="smemail-tour-")
        self.base = ports.Base()
        self.port = self.base.number + 525
        self.env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": self.home,
            "LC_ALL": "C.UTF-8",
            "USER": "you",
            "LOGNAME": "you",
            "SMEMAIL_FILTERD": FILTERD,
        }

    def close(self):
        if "SMEMAIL_ROOT" in self.env:
            subprocess.run([SMEMAIL, "down"], env=self.env, timeout=60,
                           stdin=subprocess.DEVNULL, capture_output=True)
        self.base.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def words(self, line):
        words = shlex.split(line)
        words = [w.replace("~", self.home, 1) if w.startswith("~/")
                 else w.replace(":%d" % SHOWN_PORT, ":%d" % self.port)
                 for w in words]
        if words[:2] == ["smemail", "init"]:
            words += ["--port-base", str(self.base.number)]
        return words

    def run(self, line):
        """The output of one command line as the README shows it."""
        words = self.words(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.env[name] = value.replace("~", self.home, 1)
            return ""
        if words[0] == "smemail":
            words[0] = SMEMAIL
        p = subprocess.run(words, env=self.env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           timeout=60)
        text = p.stdout.decode("utf-8", "replace")
        text = text.replace(self.home, "/home/you")
        for offset, shown in ((525, SHOWN_PORT), (465, SHOWN_SMTPS)):
            text = re.sub(r"\b%d\b" % (self.base.number + offset),
                          str(shown), text)
        text = text.replace(socket.gethostname(), "host")
        if text and not text.endswith("\n"):
            text += "\n"
        return text


def commands(block):
    """Pairs of a command line and the output shown under it."""
    found = []
    for line in block.splitlines(True):
        if line.startswith("$ "):
            found.append([line[2:].rstrip("\n"), ""])
        elif found:
            found[-1][1] += line
    return found


def main():
    write = sys.argv[1:] == ["--write"]
    with open(README, encoding="utf-8") as f:
        text = f.read()
    steps = [c for b in BLOCK.findall(text) for c in commands(b)]
    if any(c.startswith("swaks") for c, _ in steps) and \
            shutil.which("swaks") is None:
        print("1..1\nok 1 # SKIP swaks is not installed")
        return 0
    tour = Tour()
    try:
        real = [tour.run(command) for command, _ in steps]
    finally:
        tour.close()
    if write:
        outputs = iter(real)
        text = BLOCK.sub(lambda b: "".join(
            "$ %s\n%s" % (c, next(outputs)) for c, _ in commands(b.group(1))),
            text)
        with open(README, "w", encoding="utf-8") as f:
            f.write(text)
        return 0
    failed = 0
    print("1..%d" % len(steps))
    for n, ((command, shown), got) in enumerate(zip(steps, real), 1):
        same = normal(shown) == normal(got)
        print("%s %d - %s" % ("ok" if same else "not ok", n, command[:60]))
        if not same:
            failed += 1
            for line in difflib.unified_diff(
                    shown.splitlines(), got.splitlines(),
                    "README.md", "real", lineterm=""):
                print("# " + line)
    return 1 if failed else 0


sys.exit(main())
