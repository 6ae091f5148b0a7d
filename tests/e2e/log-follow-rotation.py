#!/usr/bin/env python3
"""Following through rotation: real multilog and svlogd turn their files every
few kilobytes under load; nothing may be lost or come twice (LG-14 to LG-19, LG-16, LG-20 to LG-22).

What was written is known in three ways: each line carries its number, the
writers keep every old file, and the follower's output must be both.
"""
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SMEMAIL = os.environ.get("SMEMAIL", "build/smemail")
LIMIT = 60  # seconds any condition may take
done = 0
failed = 0


def ok(good, what, detail=""):
    global done, failed
    done += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", done, what))
    if not good and detail:
        print("# " + detail.replace("\n", "\n# "))
    sys.stdout.flush()


def skip(what, reason):
    global done
    done += 1
    print("ok %d - %s # SKIP %s" % (done, what, reason))


def wait_until(condition):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


class Follower:
    """smemail log follow, its output collected in the background."""

    def __init__(self, paths, *options):
        self.process = subprocess.Popen(
            [SMEMAIL, "log", "follow", *options, "--raw", *paths],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = []
        self.notes = []
        self.threads = [
            threading.Thread(target=self.collect, args=a, daemon=True)
            for a in ((self.process.stdout, self.lines),
                      (self.process.stderr, self.notes))]
        for thread in self.threads:
            thread.start()

    def collect(self, stream, into):
        for line in stream:
            into.append(line.rstrip(b"\n"))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(LIMIT)
        for thread in self.threads:
            thread.join(LIMIT)
        return status


class Writer:
    """A log writer and the numbered lines sent to it."""

    def __init__(self, argv):
        self.argv = argv
        self.sent = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def send(self, count, longest=120, every=0):
        """'count' lines; each 'every'-th is longer than a file."""
        for i in range(count):
            size = random.randrange(10, longest)
            if every and i % every == 0:
                size = 6000
            self.process.stdin.write(b"line %d %s\n" % (
                self.sent, b"x" * size))
            self.sent += 1
        self.process.stdin.flush()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(LIMIT)

    def kill(self):
        self.process.kill()
        self.process.wait(LIMIT)
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass


def numbers(lines):
    """The numbers of the lines, whatever stands before them."""
    out = []
    for line in lines:
        at = line.find(b"line ")
        word = line[at + 5:].split(b" ", 1)[0] if at >= 0 else b""
        out.append(int(word) if word.isdigit() else line[:60])
    return out


def difference(got, want):
    if got == want:
        return ""
    seen = set()
    twice = [n for n in got if n in seen or seen.add(n)]
    missing = [n for n in want if n not in seen]
    return "%d of %d lines; missing %r; twice or strange %r" % (
        len(got), len(want), missing[:5], twice[:5])


def in_files(folder):
    """Every line of a directory, as the files hold them."""
    names = sorted(glob.glob(folder + "/@*")) + [folder + "/current"]
    return b"".join(open(n, "rb").read() for n in names if os.path.exists(n)
                    ).split(b"\n")[:-1]


def rotation(name, folder, argv, files, **options):
    """Load with rotation, the follower stopped and continued meanwhile."""
    writer = Writer(argv)
    writer.send(50)
    wait_until(lambda: os.path.exists(folder + "/current"))
    follower = Follower([folder], "--lines", "1000000")
    for _ in range(12):
        writer.send(1500, **options)
        if random.random() < 0.5:
            follower.process.send_signal(signal.SIGSTOP)
            writer.send(800, **options)
            follower.process.send_signal(signal.SIGCONT)
    writer.stop()
    wait_until(lambda: len(follower.lines) >= writer.sent)
    status = follower.stop()
    got = numbers(follower.lines)
    ok(got == list(range(writer.sent)), name + ": every line once, in order",
       difference(got, list(range(writer.sent))))
    turned = len(glob.glob(folder + "/@*"))
    ok(turned >= files, name + ": the files were turned (%d)" % turned)
    ok(status == 130, name + ": an interrupt ends with 130", str(status))
    ok(follower.notes == [], name + ": nothing is said to be gone",
       repr(follower.notes[:3]))


def killed(top):
    """multilog killed and restarted: .u files, half lines at their ends."""
    folder = top + "/killed"
    argv = ["multilog", "t", "s4096", "n9999", folder]
    writer = Writer(argv)
    writer.send(50)
    wait_until(lambda: os.path.exists(folder + "/current"))
    follower = Follower([folder], "-n", "1000000")
    for _ in range(15):
        writer.send(random.randrange(200))
        # half a line, long enough for the writer to put it into the file
        writer.process.stdin.write(b"half " + b"h" * 5000)
        writer.process.stdin.flush()
        writer.kill()
        writer.start()
    writer.send(100)
    writer.stop()
    want = in_files(folder)
    # LG-14: what a dead writer left unfinished is a line of its own when the
    # next file begins with a label
    want = [part for line in want for part in split_labels(line)]
    wait_until(lambda: len(follower.lines) >= len(want))
    follower.stop()
    ok(follower.lines == want, "killed writers: what the files hold, once",
       "%d lines of %d" % (len(follower.lines), len(want)))
    ok(glob.glob(folder + "/*.u") != [], "killed writers: there are .u files")


def split_labels(line):
    at = line.find(b"@4000000", 1)
    if line.startswith(b"@4000000") and at > 0:
        return [line[:at], line[at:]]
    return [line]


def processors(top):
    """With a processor the old file is a new one with the same text."""
    folder = top + "/processed"
    writers = [("multilog", ["multilog", "t", "s4096", "n9999", "!cat"])]
    if shutil.which("svlogd"):
        writers.append(("svlogd", ["svlogd", "-t"]))
    for name, argv in writers:
        if name == "svlogd":
            os.mkdir(folder)
            with open(folder + "/config", "w") as config:
                config.write("s4096\nn0\n!cat\n")
        writer = Writer(argv + [folder])
        writer.send(10)
        wait_until(lambda: os.path.exists(folder + "/current"))
        follower = Follower([folder], "-n", "1000000")
        for _ in range(20):
            writer.send(100)
            time.sleep(random.random() * 0.02)
        writer.stop()
        wait_until(lambda: len(follower.lines) >= writer.sent)
        follower.stop()
        got = numbers(follower.lines)
        ok(got == list(range(writer.sent)),
           name + " with a processor: every line once",
           difference(got, list(range(writer.sent))))
        shutil.rmtree(folder)


def deleted(top):
    """Too slow for n: what is gone is said, the rest comes once (LG-18)."""
    folder = top + "/deleted"
    writer = Writer(["multilog", "t", "s4096", "n3", folder])
    writer.send(20)
    wait_until(lambda: os.path.exists(folder + "/current"))
    follower = Follower([folder], "-n", "1000000")
    wait_until(lambda: len(follower.lines) == 20)
    follower.process.send_signal(signal.SIGSTOP)
    writer.send(1000)
    writer.stop()
    left = numbers(in_files(folder))
    follower.process.send_signal(signal.SIGCONT)
    wait_until(lambda: follower.lines and
               numbers(follower.lines[-1:]) == left[-1:])
    follower.stop()
    got = numbers(follower.lines)
    # the file open while it was deleted may still give lines of its own
    tail = got[-len(left):]
    ok(tail == left, "deleted files: what is left comes once",
       difference(tail, left))
    ok(got == sorted(set(got)), "deleted files: nothing comes twice")
    ok(any(b"are gone" in note for note in follower.notes),
       "deleted files: the gap is told", repr(follower.notes))


def resumed(top, name, argv, folder):
    """LG-20: many lives of a follower are one, while files are turned."""
    writer = Writer(argv)
    place = top + "/" + name + ".place"
    lines = []
    writer.send(30)
    wait_until(lambda: os.path.exists(folder + "/current"))
    for _ in range(15):
        follower = Follower([folder], "-n", "1000000", "--resume", place)
        before = len(lines)
        writer.send(random.randrange(400))
        wait_until(lambda: follower.lines or before)
        follower.stop()
        lines += follower.lines
        writer.send(random.randrange(150))
    writer.stop()
    follower = Follower([folder], "--resume", place)
    wait_until(lambda: len(lines) + len(follower.lines) >= writer.sent)
    follower.stop()
    got = numbers(lines + follower.lines)
    ok(got == list(range(writer.sent)),
       name + " resumed 15 times: every line once",
       difference(got, list(range(writer.sent))))
    ok(follower.notes == [], name + " resumed: nothing is said to be gone",
       repr(follower.notes[:3]))


def resumed_late(top):
    """LG-18, LG-20: the file is deleted, or its text in a new one."""
    folder = top + "/late"
    writer = Writer(["multilog", "t", "s4096", "n3", folder])
    place = top + "/late.place"
    writer.send(20)
    wait_until(lambda: os.path.exists(folder + "/current"))
    follower = Follower([folder], "-n", "1000000", "--resume", place)
    wait_until(lambda: len(follower.lines) == 20)
    follower.stop()
    # copied by hand: another inode, the same lines
    with open(folder + "/current", "rb") as f:
        data = f.read()
    writer.stop()
    os.unlink(folder + "/current")
    with open(folder + "/current", "wb") as f:
        f.write(data)
    os.chmod(folder + "/current", 0o744)
    writer.start()
    writer.send(3)
    follower = Follower([folder], "--resume", place)
    wait_until(lambda: len(follower.lines) >= 3)
    follower.stop()
    ok(numbers(follower.lines) == [20, 21, 22],
       "resumed in a copied file: only what is new",
       repr(numbers(follower.lines)))
    writer.send(1000)
    writer.stop()
    left = numbers(in_files(folder))
    follower = Follower([folder], "--resume", place)
    wait_until(lambda: numbers(follower.lines)[-1:] == left[-1:])
    follower.stop()
    ok(numbers(follower.lines) == left and
       any(b"are gone" in note for note in follower.notes),
       "resumed too late: what is left, and the gap is told",
       repr(follower.notes))
    with open(place, "wb") as f:
        f.write(b"log-place/1\tnonsense\n\xff\x00")
    follower = Follower([folder], "-n", "2", "--resume", place)
    wait_until(lambda: len(follower.lines) >= 2)
    follower.stop()
    ok(numbers(follower.lines) == left[-2:], "a broken place is no place",
       repr(numbers(follower.lines)))


def truncated(top):
    """LG-22: cut short by hand, told, and read from its start."""
    folder = top + "/short"
    os.mkdir(folder)
    with open(folder + "/current", "wb") as f:
        f.write(b"line 0 x\nline 1 x\n")
    follower = Follower([folder], "-n", "10")
    wait_until(lambda: len(follower.lines) == 2)
    with open(folder + "/current", "wb") as f:
        f.write(b"line 2\n")
    wait_until(lambda: len(follower.lines) == 3)
    follower.stop()
    ok(numbers(follower.lines) == [0, 1, 2] and
       any(b"cut short" in note for note in follower.notes),
       "a file cut short is read from its start, and that is told",
       repr(follower.notes))


def vanishing(top):
    """LG-21: a directory that goes and comes again is waited for."""
    folder = top + "/gone"
    os.mkdir(folder)
    with open(folder + "/current", "wb") as f:
        f.write(b"line 0 x\n")
    follower = Follower([folder], "-n", "10")
    wait_until(lambda: len(follower.lines) == 1)
    shutil.rmtree(folder)
    time.sleep(0.3)
    os.mkdir(folder)
    with open(folder + "/current", "wb") as f:
        f.write(b"line 1 x\n")
    wait_until(lambda: len(follower.lines) == 2)
    status = follower.stop()
    ok(numbers(follower.lines) == [0, 1] and status == 130,
       "a directory that vanishes is waited for",
       repr((follower.lines, follower.notes, status)))


def main():
    random.seed(int(os.environ.get("SEED", "7")))
    top = tempfile.mkdtemp(prefix="smemail-follow.")
    try:
        if shutil.which("multilog"):
            rotation("multilog", top + "/multilog",
                     ["multilog", "t", "s4096", "n9999", top + "/multilog"],
                     100)
            rotation("multilog with long lines", top + "/long",
                     ["multilog", "t", "s4096", "n9999", top + "/long"],
                     100, every=37)
            killed(top)
            processors(top)
            deleted(top)
            resumed(top, "multilog",
                    ["multilog", "t", "s4096", "n9999", top + "/resumed"],
                    top + "/resumed")
            resumed_late(top)
        else:
            skip("multilog", "daemontools is not installed")
        if shutil.which("svlogd"):
            for flag in ("-t", "-tt", ""):
                folder = top + "/svlogd" + flag
                os.mkdir(folder)
                with open(folder + "/config", "w") as config:
                    config.write("s8192\nn0\n")
                rotation("svlogd " + flag, folder,
                         ["svlogd"] + ([flag] if flag else []) + [folder], 50)
            folder = top + "/svlogd-resumed"
            os.mkdir(folder)
            with open(folder + "/config", "w") as config:
                config.write("s8192\nn0\n")
            resumed(top, "svlogd", ["svlogd", "-t", folder], folder)
        else:
            skip("svlogd", "runit is not installed")
        truncated(top)
        vanishing(top)
    finally:
        shutil.rmtree(top)
    print("1..%d" % done)
    sys.exit(1 if failed else 0)


main()
