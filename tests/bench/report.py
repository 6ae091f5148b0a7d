#!/usr/bin/env python3
"""The full report beside a gawk one-liner that only counts the plugin field.

usage: tests/bench/report.py [MEGABYTES [ROUNDS]]

Both read the same generated logs from the page cache, in turn; the best of
ROUNDS (5) counts. Goal: 4 times gawk (facts T-17; LG-70 asks for once). The
processor time of both is told as well: the report has two threads, so that
its goal there is 2, and a busy machine spoils it less. The figures of the
report are compared with the generator's truth first.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
TOOLS = TOP + "/tests/tools/"
GAWK = '{n[$6]++} END {for (k in n) print k, n[k]}'


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed(words):
    """Seconds by the clock, and of the processor."""
    began, before = time.monotonic(), used()
    subprocess.run(words, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True,
                   env=dict(os.environ, LC_ALL="C"))
    return time.monotonic() - began, used() - before


def peak(words):
    """KiB of memory that it took at most."""
    with open(os.devnull, "w") as null:
        pid = subprocess.Popen(words, stdout=null, stderr=null).pid
    return os.wait4(pid, 0)[2].ru_maxrss


def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    if shutil.which("gawk") is None:
        print("report.py: gawk is not installed", file=sys.stderr)
        return 1
    folder = tempfile.mkdtemp(prefix="smemail-bench.")
    try:
        root, logs = folder + "/root", folder + "/logs"
        subprocess.run([SMEMAIL, "init", "--root", root, "--domain",
                        "acme.test", "--user", "anna"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for words in (["db", "domains", "set", "dom1.acme.test", "domain"],
                      ["db", "domains", "set", "dom2.acme.test", "domain"],
                      ["config", "set", "SystemName", "sme"],
                      ["config", "setprop", "spamassassin", "TagLevel", "4",
                       "RejectLevel", "12"],
                      ["config", "setprop", "qpsmtpd", "BadCountries",
                       "CN,RU,VN"]):
            subprocess.run([SMEMAIL, "--root", root] + words, check=True)
        subprocess.run([sys.executable, TOOLS + "genlogs.py", logs, "--bytes",
                        "%dM" % megabytes, "--seed", "7", "--days", "7",
                        "--no-messages-file"], check=True)
        report = [SMEMAIL, "--root", root, "report", "--json", "--logs", logs]
        with open(folder + "/got.json", "w") as out:
            subprocess.run(report, stdout=out, stderr=subprocess.DEVNULL,
                           check=True)
        subprocess.run([sys.executable, TOOLS + "report_truth.py",
                        logs + "/truth.json", folder + "/got.json"],
                       check=True)
        files = [os.path.join(base, name)
                 for base, _, names in os.walk(logs) for name in names
                 if name == "current" or name.startswith("@")]
        size = sum(os.path.getsize(f) for f in files) / 1e6
        ours, peer = [], []
        for _ in range(rounds):
            ours.append(timed(report))
            peer.append(timed(["gawk", "-F", "\t", GAWK] + files))
        for i, kind, goal in ((0, "by the clock", 4), (1, "processor", 2)):
            mine, his = (min(t[i] for t in times) for times in (ours, peer))
            print("%-13s report %5.0f MB/s, gawk %5.0f MB/s, ratio %.1f "
                  "(goal %d)" % (kind, size / mine, size / his, his / mine,
                                 goal))
        kib = peak(report)
        print("memory        report %5.1f MiB, %.2f of 64 MiB (goal 1)" %
              (kib / 1024, kib / 65536))
    finally:
        shutil.rmtree(folder)
    return 0


sys.exit(main())
