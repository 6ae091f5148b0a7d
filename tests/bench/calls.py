#!/usr/bin/env python3
"""System calls of one message of 4 KiB, one a session, by part of the daemon,
and how often a part slept for it: one session alone beside 20 at once.

    tests/bench/calls.py [MESSAGES]

Other work on the machine hardly matters to counts, as it does to times. With
20 a part does several things in one turn, the more the slower it is: followed
by strace its calls are fewer than they would be. Sleeps are counted without it.
"""
import os
import re
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import concurrency  # noqa: E402
import filterd  # noqa: E402

SESSIONS = (1, 20)
BUSY = ("listener", "keeper", "worker")
ROW = re.compile(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:(\d+) +)?(\w+)$", re.M)


def sleeps(pid):
    n = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, task)) as f:
            n += sum(int(line.split()[1]) for line in f
                     if line.startswith("voluntary_ctxt_switches"))
    return n


def counted(daemon, pids, name, sessions, messages):
    """Calls of a part a message, by their names."""
    out = os.path.join(daemon.folder, "calls")
    strace = subprocess.Popen(
        ["strace", "-f", "-c", "-o", out, "-p", str(pids[name])],
        stderr=subprocess.PIPE)
    strace.stderr.readline()  # it is attached
    concurrency.send(daemon, pids, sessions, messages)
    strace.send_signal(signal.SIGINT)
    strace.communicate()
    with open(out, encoding="ascii") as f:
        rows = ROW.findall(f.read())
    return {call: int(n) / messages for n, _, call in rows if call != "total"}


def show(daemon, pids, sessions, messages):
    before = {name: sleeps(pids[name]) for name in BUSY}
    concurrency.send(daemon, pids, sessions, messages)
    slept = {name: (sleeps(pids[name]) - before[name]) / messages
             for name in BUSY}
    for name in BUSY:
        calls = counted(daemon, pids, name, sessions, messages)
        often = sorted(calls.items(), key=lambda call: (-call[1], call[0]))
        print("  %2d sessions  %-8s %5.2f sleeps  %5.2f calls: %s" % (
            sessions, name, slept[name], sum(calls.values()),
            ", ".join("%s %.2f" % call for call in often if call[1] >= 0.05)))


def main():
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    for program in ("smtp-source", "strace"):
        if not shutil.which(program):
            sys.exit("%s is not installed" % program)
    folder = subprocess.check_output(
        [sys.executable, os.path.join(HERE, "../tools/diskfolder.py")],
        universal_newlines=True).strip()
    spool = os.path.join(folder, "spool")
    os.mkdir(spool)
    # one worker: all sessions are in its counts
    daemon = filterd.Daemon(
        {"plugins": concurrency.PLUGINS, "spool_dir": spool},
        args=["--workers", "1"], folder=os.path.join(folder, "daemon"))
    print("system calls and sleeps a message of 4 KiB, one a session")
    try:
        if not daemon.start():
            sys.exit(daemon.log())
        pids = {"listener": daemon.process.pid, **daemon.parts()}
        concurrency.send(daemon, pids, 20, messages)
        for sessions in SESSIONS:
            show(daemon, pids, sessions, messages)
        daemon.stop()
    finally:
        shutil.rmtree(os.path.dirname(folder))


if __name__ == "__main__":
    main()
