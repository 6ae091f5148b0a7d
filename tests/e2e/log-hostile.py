#!/usr/bin/env python3
"""Hostile logs: a line of 100 MB full of NULs, random bytes, labels at the
end of the world. Nothing dies, nothing is lost, memory stays bounded (LG-6,
LG-26)."""
import fcntl
import os
import random
import resource
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "tools"))
import filterd  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", "build/smemail")
MEMORY = 64 << 20
# of which nothing is measured under sanitizers
MEGABYTES = 10 if filterd.SANITIZED else 100
done = failed = 0


def ok(good, what):
    global done, failed
    done += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", done, what))


def bounded():
    """Memory a program may have for data and stacks: less than the line."""
    if not filterd.SANITIZED:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def run(*words, source=None):
    stdin = open(source, "rb") if source else subprocess.DEVNULL
    done = subprocess.run([SMEMAIL, *words], stdin=stdin,
                          stdout=subprocess.PIPE, preexec_fn=bounded)
    return done.returncode, done.stdout


LABELS = ("0000000000000000", "3fffffff00000000", "4000000000000000",
          "400000006a5e1001", "400000006a5e1002", "4000000222222222",
          "400000028a000000", "4000010000000000", "7fffffffffffffff")
VERDICT = ("@%s00000000 7 (deny) logging::logterse: ` 203.0.113.9\tmx\tmx\t"
           "<a@x.test>\t<b@acme.test>\tdnsbl\t903\tno\tdenied\t\n")


def ends_of_time(top):
    """Labels of all ages beside each other, as of a clock gone wrong."""
    root, logs = top + "/root", top + "/logs"
    run("init", "--root", root)
    os.makedirs(logs + "/qpsmtpd")
    with open(logs + "/qpsmtpd/current", "w", encoding="ascii") as f:
        f.write("".join(VERDICT % label for label in LABELS))
    for words in (("report",), ("report", "--html"), ("report", "--json"),
                  ("report", "--from", "1600-01-01"),
                  ("report", "--day", "0001-01-01"), ("log", "stats"),
                  ("top", "--once"), ("why", "b@acme.test"),
                  ("log", "trace", "b@acme.test"), ("log", "show")):
        done = subprocess.run(
            [SMEMAIL, "--root", root, *words, "--logs", logs],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
            preexec_fn=bounded)
        ok(done.returncode == 0 and done.stdout and
           b"runtime error" not in done.stderr,
           "times at both ends: %s: %d %s" % (
               " ".join(words), done.returncode, done.stderr[-300:]))


def on_terminal(top):
    """A reason of a megabyte, wrapped at 80 columns: each line once."""
    logs, words = top + "/long", 200000
    os.makedirs(logs + "/qpsmtpd")
    with open(logs + "/qpsmtpd/current", "w", encoding="ascii") as f:
        f.write(VERDICT.replace("\tno\t", "\t%s\t" % ("word " * words)) %
                LABELS[3])
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    child = subprocess.Popen([SMEMAIL, "--no-color", "log", "show", "--logs", logs],
                             stdin=subprocess.DEVNULL, stdout=theirs,
                             stderr=subprocess.DEVNULL)
    os.close(theirs)
    seen, ends = b"", time.monotonic() + 60
    while select.select([ours], [], [], max(0, ends - time.monotonic()))[0]:
        try:
            seen += os.read(ours, 65536)
        except OSError:
            break
    if child.poll() is None and time.monotonic() >= ends:
        child.kill()
    status = child.wait()
    os.close(ours)
    ok(status == 0 and seen.count(b"word") == words and
       max(map(len, seen.split(b"\r\n"))) <= 80,
       "a reason of a megabyte is wrapped in no time: %d, %d words" % (
           status, seen.count(b"word")))


def main():
    random.seed(5)
    top = tempfile.mkdtemp(prefix="smemail-hostile.")
    log = top + "/log"
    os.mkdir(log)
    ends_of_time(top)
    on_terminal(top)
    label = b"@400000005a1d7d9f19c9381c"
    shown = b"2017-11-28 15:15:33.432617500"
    body = (b"\0" * 1000 + b"@400000005a1d7d9f19c9381c \x1b[2J") * (970 * MEGABYTES)
    try:
        with open(log + "/current", "wb") as f:
            f.write(label + b" " + body + b"\n" + label + b" end\n")
        status, out = run("log", "decode", log + "/current")
        ok(status == 0 and out == shown + b" " + body + b"\n" + shown + b" end\n",
           "a line of %d MB is decoded in bounded memory" % MEGABYTES)
        status, out = run("log", "decode", "--escape", log + "/current")
        ok(status == 0 and len(out) > 3 * len(body) and b"\0" not in out and
           b"\x1b" not in out and out.endswith(b"\n" + shown + b" end\n"),
           "and escaped")
        status, out = run("log", "follow", "--raw", "-n", "5",
                              "--timeout", "0", log)
        with open(log + "/current", "rb") as f:
            ok(status == 0 and out == f.read(), "a line of %d MB is followed in "
               "bounded memory" % MEGABYTES)
        with open(log + "/current", "wb") as f:
            f.write(label + b" " + body[:5 << 20] + b"\n")
        for form in ("--json", "--no-color"):
            status, out = run("log", "follow", form, "-n", "5",
                                  "--timeout", "0", log)
            ok(status == 0 and b"\0" not in out and b"\x1b" not in out and
               len(out) > 5 << 20, "nothing of it unescaped: " + form)
        noise = b"".join(
            random.choice((label, b"@", b"@4000", b"\n", b"\n\n", b" ", b"",
                           b"@ffffffffffffffffffffffff",
                           b"@7fffffffffffffff00000000 ", b"\n" + label)) +
            random.randbytes(random.randrange(9)) for _ in range(400000))
        with open(log + "/current", "wb") as f:
            f.write(noise)
        want = b"\n".join(
            shown + line[25:] if line[:25] == label and
            (len(line) == 25 or line[25:26] == b" ") else line
            for line in noise.split(b"\n"))
        status, out = run("log", "decode", log + "/current")
        ok(status == 0 and out == want, "noise: only labels change")
        status, out = run("log", "decode", source=log + "/current")
        ok(status == 0 and out == want, "noise on standard input")
        status, out = run("log", "follow", "--raw", "-n", "100000000",
                              "--timeout", "0", log)
        whole = noise[:noise.rindex(b"\n") + 1]
        ok(status == 0 and out == whole, "noise is followed line by line")
    finally:
        shutil.rmtree(top)
    print("1..%d" % done)
    sys.exit(1 if failed else 0)


os.environ["TZ"] = "UTC"
main()
