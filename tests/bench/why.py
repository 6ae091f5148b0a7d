#!/usr/bin/env python3
"""why and search by address on large logs, with their index and without.

    tests/bench/why.py [MEGABYTES [ROUNDS]]

Generates MEGABYTES (100) of logs under a temporary root and asks ROUNDS (5)
times each; "cold" drops the pages of the logs and of the index first, which
the kernel may not do for all of them. Goals: why within 200 ms cold with the
index, within 1 s without; search not slower than grep -F on the same files.
A root with logs already there is taken from BENCH_ROOT.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")


def forget(files):
    for path in files:
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def best(rounds, argv, cold=()):
    times = []
    for _ in range(rounds):
        forget(cold)
        with tempfile.TemporaryFile() as out:
            start = time.monotonic()
            subprocess.run(argv, stdout=out, stderr=subprocess.DEVNULL,
                           check=False)
            times.append((time.monotonic() - start) * 1000)
    return min(times)


def some_message(logs):
    found = None
    with open(logs + "/messages.ndjson", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if '"mid":' in line and '"sender":"' in line:
                found = json.loads(line)
                if i > 1000 and found["sender"] and found.get("qp"):
                    break
    return found


def main():
    megabytes = sys.argv[1] if len(sys.argv) > 1 else "100"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    top = tempfile.mkdtemp(prefix="smemail-bench.")
    root = os.environ.get("BENCH_ROOT", top)
    logs = root + "/var/log"
    try:
        if root == top:
            os.makedirs(root + "/var/lib/smemail")
            os.makedirs(logs)
            subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py",
                            logs, "--bytes", megabytes + "M", "--seed", "4"],
                           check=True, stdout=subprocess.DEVNULL)
        files = glob.glob(logs + "/*/@*") + glob.glob(logs + "/*/current")
        size = sum(os.path.getsize(f) for f in files)
        index = root + "/var/lib/smemail/logindex"
        shutil.rmtree(index, ignore_errors=True)
        message = some_message(logs)
        ours = [SMEMAIL, "--root", root]
        why, search = [*ours, "why"], [*ours, "log", "search"]
        plain = ["--logs", logs]
        start = time.monotonic()
        for _ in range(20):
            before = time.monotonic()
            subprocess.run([*why, message["mid"]], check=False,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            if time.monotonic() - before < 1:
                break
        print("%d MB of logs; the index is made in %.1f s" % (
            size / 1e6, time.monotonic() - start))
        kept = glob.glob(index + "/*")
        print("the index has %.2f %% of their size" % (
            sum(map(os.path.getsize, kept)) * 100 / size))
        for what, word in [("Message-ID", message["mid"]),
                           ("address", message["sender"]),
                           ("IP", message["ip"]),
                           ("number", "qp:%d" % message["qp"])]:
            print("why %-10s with index %6.0f ms cold, %6.0f ms warm; without "
                  "%6.0f ms warm" % (
                      what, best(rounds, [*why, word], files + kept),
                      best(rounds, [*why, word]),
                      best(rounds, [*why, word, *plain])))
        for what, word in [("there", message["mid"].strip("<>")),
                           ("not there", "nobody@nowhere.example")]:
            grep = best(rounds, ["grep", "-hF", word, *files])
            mine = best(rounds, [*search, word, "--raw"])
            bare = best(rounds, [*search, word, "--raw", *plain])
            print("search, %-9s grep -F %6.0f ms, with index %6.0f ms "
                  "(%.1f times), without %6.0f ms (%.1f times)" % (
                      what, grep, mine, grep / mine, bare, grep / bare))
    finally:
        shutil.rmtree(top)


main()
