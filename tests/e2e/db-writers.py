#!/usr/bin/env python3
"""Two writers at one database (ES-24): smemail, and a stand-in that follows
the lock protocol of the reference, its removal of the lock file included.
Each stores properties of its own; in 10,000 writes none is lost, and a reader
never sees half a file."""
import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD") or os.path.join(TOP, "build")
SMEMAIL = os.environ.get("SMEMAIL") or os.path.join(BUILD, "smemail")
OURS = int(os.environ.get("OURS", "2000"))
THEIRS = int(os.environ.get("THEIRS", "8000"))
PAUSE = 0.001  # of theirs, which are quick: they end when ours do

number = 0


def point(ok, what, detail=""):
    global number
    number += 1
    print("%sok %d - %s" % ("" if ok else "not ", number, what))
    if not ok:
        print("\n".join("# " + x for x in str(detail).splitlines()[:20]))
        point.failed = True


point.failed = False


def records(path):
    with open(path, encoding="utf-8") as f:
        return dict(x.rstrip("\n").split("=", 1) for x in f
                    if x.strip() and not x.startswith("#"))


def reference_store(path, key, raw):
    """Lock, read anew, add one record, rename, unlock, remove the lock."""
    lock = path + ".lock"
    with open(lock, "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with open(path, "rb") as f:
            text = f.read()
        temporary = "%s.%d" % (path, os.getpid())
        with open(temporary, "wb") as f:
            f.write(text + ("%s=%s\n" % (key, raw)).encode())
        os.rename(temporary, path)
        fcntl.flock(held, fcntl.LOCK_UN)
    try:
        os.unlink(lock)
    except FileNotFoundError:
        pass


def reference_writer(path):
    """Spread over the time that ours take."""
    for i in range(THEIRS):
        reference_store(path, "r%05d" % i, "x|n|%d" % i)
        time.sleep(PAUSE)


def smemail_writer(root, told, errors):
    env = {"PATH": os.environ["PATH"], "SMEMAIL_ROOT": root, "LC_ALL": "C"}
    for i in range(OURS):
        while True:
            r = subprocess.run(
                [SMEMAIL, "db", "configuration", "set", "s%05d" % i, "x",
                 "n", str(i)], env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            if r.returncode == 0:
                break
            errors.append(r.stderr.decode())
            if len(errors) > 200:
                return
        told.append(i)


def main():
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as root:
        folder = root + "/home/e-smith/db"
        os.makedirs(folder)
        path = folder + "/configuration"
        with open(path, "w", encoding="ascii") as f:
            f.write("DomainName=example.test\nsysconfig=configuration\n")
        told, errors = [], []
        pid = os.fork()
        if pid == 0:
            reference_writer(path)
            os._exit(0)
        t = threading.Thread(target=smemail_writer,
                             args=(root, told, errors))
        t.start()
        whole = seen = 0
        while t.is_alive():
            now = records(path)
            seen += 1
            whole += now.get("DomainName") == "example.test"
            t.join(0.05)
        _, state = os.waitpid(pid, 0)
        end = records(path)
        lost_s = [i for i in range(OURS) if "s%05d" % i not in end]
        lost_r = [i for i in range(THEIRS) if "r%05d" % i not in end]
        point(state == 0 and len(told) == OURS,
              "%d and %d writes" % (OURS, THEIRS),
              "%d, %s" % (len(told), errors[:3]))
        point(not lost_s, "none of smemail is lost", lost_s[:20])
        point(not lost_r, "none of the reference is lost", lost_r[:20])
        point(whole == seen, "a reader always saw a whole file",
              "%d of %d" % (whole, seen))
        print("# %d refused and repeated: %s" % (len(errors), errors[:1]))
    print("1..%d" % number)
    sys.exit(1 if point.failed else 0)


main()
