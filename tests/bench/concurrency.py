#!/usr/bin/env python3
"""Processor time of one message by the number of sessions at once: user and
system time of all parts of the daemon, until the last message is delivered.

    tests/bench/concurrency.py [MESSAGES [ROUNDS]]

smtp-source (package postfix) sends MESSAGES (5000) of 4 KiB, one a session,
each number of sessions ROUNDS (3) times in turn; medians are compared. Time of
the processors is counted, not of the clock, so other work disturbs little.

One session alone waits for its 250 before it sends the next message, so each
is written to the disk by itself, and the processors sleep in between. What the
kernel takes for that at least is measured beside it: a program that writes 4
KiB into a file that is there and syncs it, nothing else, each time after as
long a pause as a message took.
"""
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

SESSIONS = (1, 2, 5, 20, 100, 1000)
PLUGINS = ("relay\nhelo policy lenient\nheaders require From,Date\n"
           "badmailfrom\nrcpt_ok\nqueue/maildir @MAILDIR@")
TICK = os.sysconf("SC_CLK_TCK")


class Cost:
    """Microseconds of a message."""

    def __init__(self, parts, user, system, wall):
        self.parts = parts
        self.total = sum(parts.values())
        whole = user + system
        # ticks tell how it is divided, the scheduler's clock how much it is
        self.user = self.total * user / whole if whole else 0
        self.system = self.total - self.user
        self.wall = wall


def used(pids):
    """Seconds by part, and of all of them in programs and in the kernel."""
    found = {}
    user = system = 0
    for name, pid in pids.items():
        found[name] = 0
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/schedstat" % (pid, task)) as f:
                found[name] += int(f.read().split()[0]) / 1e9
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        user += int(fields[11]) / TICK
        system += int(fields[12]) / TICK
    return found, user, system


def sync_alone(path, pause_us, count=500):
    """Microseconds of processor that one write of 4 KiB and its sync take."""
    block = b"x" * 4096
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.pwrite(fd, block * count, 0)
    os.fsync(fd)
    spent = 0
    for i in range(count):
        time.sleep(pause_us / 1e6)
        begun = time.process_time()
        os.pwrite(fd, block, i * len(block))
        os.fdatasync(fd)
        spent += time.process_time() - begun
    os.close(fd)
    return spent / count * 1e6


def stored(daemon):
    new = os.path.join(daemon.maildir, "new")
    return len(os.listdir(new)) if os.path.isdir(new) else 0


def send(daemon, pids, sessions, messages):
    """What is delivered stays: a folder is costly to make files in after as
    many were removed."""
    before = used(pids)
    begun = time.monotonic()
    wanted = stored(daemon) + messages
    subprocess.run(
        ["smtp-source", "-s", str(sessions), "-m", str(messages),
         "-l", "4096", "-f", "a@out.example", "-t", "b@local.example",
         "127.0.0.1:%d" % daemon.port], check=True)
    wall = time.monotonic() - begun
    if not filterd.wait_for(lambda: stored(daemon) >= wanted, 60, 0.2):
        sys.exit("only %d of %d were delivered" % (stored(daemon), wanted))
    if stored(daemon) > wanted:
        sys.exit("%d were delivered of %d" % (stored(daemon), wanted))
    after = used(pids)
    each = 1e6 / messages
    return Cost({name: (after[0][name] - before[0][name]) * each
                 for name in pids},
                (after[1] - before[1]) * each,
                (after[2] - before[2]) * each, wall * each)


def show(costs, alone):
    least = min(statistics.median(c.total for c in of)
                for of in costs.values())
    for n in SESSIONS:
        cost = sorted(costs[n], key=lambda c: c.total)[len(costs[n]) // 2]
        print("  %4d sessions  %4.0f us (%.2f of the least; programs %.0f, "
              "kernel %.0f)  %s" % (
                  n, cost.total, cost.total / least, cost.user, cost.system,
                  " ".join("%s %.0f" % part
                           for part in sorted(cost.parts.items())
                           if part[1] >= 0.5)))
    print("  one write with its sync, by itself: %.0f us" %
          statistics.median(alone))


def main():
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    if not shutil.which("smtp-source"):
        sys.exit("smtp-source is not installed (package postfix)")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    folder = subprocess.check_output(
        [sys.executable, os.path.join(TOP, "tests/tools/diskfolder.py")],
        universal_newlines=True).strip()
    spool = os.path.join(folder, "spool")
    os.mkdir(spool)
    daemon = filterd.Daemon({"plugins": PLUGINS, "spool_dir": spool},
                            args=["--instances", "2000"],
                            folder=os.path.join(folder, "daemon"))
    costs = {n: [] for n in SESSIONS}
    alone = []
    try:
        if not daemon.start():
            sys.exit(daemon.log())
        pids = {"listener": daemon.process.pid, **daemon.parts()}
        send(daemon, pids, 20, messages)
        for _ in range(rounds):
            for n in SESSIONS:
                costs[n].append(send(daemon, pids, n, messages))
            alone.append(sync_alone(os.path.join(folder, "alone"),
                                    costs[1][-1].wall))
        daemon.stop()
    finally:
        shutil.rmtree(os.path.dirname(folder))
    print("processor time a message of 4 KiB, one a session, "
          "median of %d times %d" % (rounds, messages))
    show(costs, alone)


if __name__ == "__main__":
    main()
