#!/usr/bin/env python3
"""How long a line takes from the writer to the follower's output at 5,000
lines a second through multilog (or a plain file), and the processor time it
takes, beside tail -F in the same run: tests/bench/follow.py [SECONDS]. Goal:
within 50 ms."""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 4
RATE = 5000
TICK = 0.005


def processor_s():
    """Of followers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(name, argv, path):
    """Lines carry the moment they were written."""
    used = processor_s()
    follower = subprocess.Popen(argv, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
    delays = []

    def collect():
        for line in follower.stdout:
            at = line.rfind(b"sent ")
            if at >= 0:
                delays.append(time.monotonic() - float(line[at + 5:]))

    reader = threading.Thread(target=collect, daemon=True)
    reader.start()
    time.sleep(0.5)
    sent = 0
    with open(path, "ab", buffering=0) as log:
        begin = time.monotonic()
        while time.monotonic() - begin < SECONDS:
            due = int((time.monotonic() - begin) * RATE)
            lines = []
            for _ in range(due - sent):
                now = time.time()
                lines.append(b"@%016x%08x 7 (rcpt) rcpt_ok: pass sent %.6f\n"
                             % (int(now) + 2**62 + 10,
                                int(now % 1 * 10**9), time.monotonic()))
            log.write(b"".join(lines))
            sent = due
            time.sleep(TICK)
    end = time.monotonic() + 5
    while len(delays) < sent and time.monotonic() < end:
        time.sleep(0.01)
    follower.kill()
    follower.wait()
    reader.join()
    delays.sort()
    if not delays:
        print("%-10s nothing came" % name)
        return False
    print("%-10s %d of %d lines, median %.1f ms, 99 %% %.1f ms, most %.1f ms, "
          "%.1f %% of a processor"
          % (name, len(delays), sent, delays[len(delays) // 2] * 1000,
             delays[len(delays) * 99 // 100] * 1000, delays[-1] * 1000,
             (processor_s() - used) * 100 / SECONDS))
    return len(delays) == sent


def main():
    top = tempfile.mkdtemp(prefix="smemail-bench.")
    try:
        folder = top + "/qpsmtpd"
        os.mkdir(folder)
        current = folder + "/current"
        open(current, "wb").close()
        print("follow at %d lines/s for %.0f s (goal 50 ms)" % (RATE, SECONDS))
        run("tail -F", ["tail", "-n", "0", "-F", current], current)
        ok = run("smemail", [SMEMAIL, "log", "follow", "-n", "0", folder],
                 current)
        return 0 if ok else 1
    finally:
        shutil.rmtree(top)


sys.exit(main())
