#!/usr/bin/env python3
"""Processor time of one message by the number of sessions at once: user and
system time of all parts of the daemon, until the last message is delivered.

    tests/bench/concurrency.py [MESSAGES [ROUNDS]]

smtp-source (package postfix) sends MESSAGES (5000) of 4 KiB, one a session,
each number of sessions ROUNDS (3) times in turn; medians are compared. Time of
the processors is counted, not of the clock, so other work disturbs little.
"""
import os
import resource
import shutil
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

SESSIONS = (1, 20, 100, 1000)
PLUGINS = ("relay\nhelo policy lenient\nheaders require From,Date\n"
           "badmailfrom\nrcpt_ok\nqueue/maildir @MAILDIR@")
TICK = os.sysconf("SC_CLK_TCK")


def used(pids):
    """Processor seconds by part."""
    found = {}
    for name, pid in pids.items():
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        found[name] = (int(fields[11]) + int(fields[12])) / TICK
    return found


def stored(daemon):
    new = os.path.join(daemon.maildir, "new")
    return len(os.listdir(new)) if os.path.isdir(new) else 0


def send(daemon, pids, sessions, messages):
    """Microseconds a message by part. What is delivered stays: a folder is
    costly to make files in after as many were removed."""
    before = used(pids)
    wanted = stored(daemon) + messages
    subprocess.run(
        ["smtp-source", "-s", str(sessions), "-m", str(messages),
         "-l", "4096", "-f", "a@out.example", "-t", "b@local.example",
         "127.0.0.1:%d" % daemon.port], check=True)
    if not filterd.wait_for(lambda: stored(daemon) >= wanted, 60, 0.2):
        sys.exit("only %d of %d were delivered" % (stored(daemon), wanted))
    if stored(daemon) > wanted:
        sys.exit("%d were delivered of %d" % (stored(daemon), wanted))
    after = used(pids)
    return {name: (after[name] - before[name]) / messages * 1e6
            for name in pids}


def total(cost):
    return sum(cost.values())


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
    try:
        if not daemon.start():
            sys.exit(daemon.log())
        pids = {"listener": daemon.process.pid, **daemon.parts()}
        send(daemon, pids, 20, messages)
        for _ in range(rounds):
            for n in SESSIONS:
                costs[n].append(send(daemon, pids, n, messages))
        daemon.stop()
    finally:
        shutil.rmtree(os.path.dirname(folder))
    print("processor time a message of 4 KiB, one a session, "
          "median of %d times %d" % (rounds, messages))
    least = min(statistics.median(map(total, c)) for c in costs.values())
    for n in SESSIONS:
        cost = sorted(costs[n], key=total)[len(costs[n]) // 2]
        print("  %4d sessions  %4.0f us (%.2f of the least)  %s" % (
            n, total(cost), total(cost) / least, " ".join(
                "%s %.0f" % (name, us) for name, us in sorted(cost.items())
                if us >= 0.5)))


if __name__ == "__main__":
    main()
