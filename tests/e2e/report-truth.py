#!/usr/bin/env python3
"""report against the exact truth of generated logs: every figure, to the last
digit of each mean (LG-49 to LG-63, LG-67), with restarts of the queue, killed
writers and junk.

usage: report-truth.py [MESSAGES [SEED...]]

With a number only sets of that size are compared, one for each seed, and one
after the other; 1000000 takes some ten minutes to generate, and 3.5 GB below
TMPDIR.
"""
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
TOOLS = TOP + "/tests/tools/"
n = 0


def ok(good, what, detail=""):
    global n
    n += 1
    print("%sok %d - %s" % ("" if good else "not ", n, what))
    if not good:
        for line in detail.splitlines()[:20]:
            print("# " + line)


def run(*args):
    return subprocess.run(args, capture_output=True, text=True)


def smemail(root, *args):
    return run(SMEMAIL, "--root", root, *args)


def make_root(folder):
    root = folder + "/root"
    done = run(SMEMAIL, "init", "--root", root, "--domain", "acme.test",
               "--user", "anna")
    if done.returncode:
        print("Bail out! " + done.stderr)
        sys.exit(1)
    for domain in ("dom1.acme.test", "dom2.acme.test"):
        smemail(root, "db", "domains", "set", domain, "domain")
    smemail(root, "config", "set", "SystemName", "sme")
    smemail(root, "config", "setprop", "spamassassin", "TagLevel", "4",
            "RejectLevel", "12")
    smemail(root, "config", "setprop", "qpsmtpd", "BadCountries", "CN,RU,VN")
    return root


def compare(folder, root, name, options):
    logs = "%s/%s" % (folder, name)
    run(sys.executable, TOOLS + "genlogs.py", logs, *options)
    got = smemail(root, "report", "--json", "--logs", logs)
    with open(folder + "/got.json", "w") as f:
        f.write(got.stdout)
    judged = run(sys.executable, TOOLS + "report_truth.py",
                 logs + "/truth.json", folder + "/got.json")
    ok(got.returncode == 0 and judged.returncode == 0,
       "%s: %s" % (name, (judged.stdout.splitlines() or ["?"])[-1]),
       got.stderr + judged.stdout + judged.stderr)
    return logs


def same_stats(root, logs):
    stats = json.loads(smemail(root, "log", "stats", "--json", "--logs",
                               logs).stdout)
    report = json.loads(smemail(root, "report", "--json", "--logs",
                                logs).stdout)
    ok(stats.pop("schema") == "smemail.log.stats/1" and
       all(stats[k] == report[k] for k in stats if k != "time"),
       "log stats counts the same")


def memory(root, logs):
    """LG-72: memory does not grow with the logs. A child of a child, as the
    generator is larger."""
    peak = run(sys.executable, "-c",
               "import resource, subprocess, sys\n"
               "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
               "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
               SMEMAIL, "--root", root, "report", "--json", "--logs", logs)
    ok(0 < int(peak.stdout) < 64 << 10, "LG-72 the report takes %d KiB" %
       int(peak.stdout), peak.stderr)


def hours_add_up(root, logs):
    """LG-68: two periods side by side are the whole."""
    with open(logs + "/truth.json") as f:
        start = json.load(f)["period"]["start"]
    cut = start + 7 * 3600 + 1234
    parts = [json.loads(smemail(root, "report", "--json", "--logs", logs,
                                "--from", "@%d" % a, "--to", "@%d" % b).stdout)
             for a, b in ((start, cut), (cut, start + 30 * 86400))]
    whole = json.loads(smemail(root, "report", "--json", "--logs",
                               logs).stdout)
    want = whole["totals"]["counts"]
    got = {k: sum(p["totals"]["counts"][k] for p in parts) for k in want}
    ok(got == want, "LG-68 two periods add up to both", "%s\n%s" % (got, want))
    plugins = {}
    for p in parts:
        for k, v in p["qpsmtpd"]["by_plugin"].items():
            plugins[k] = plugins.get(k, 0) + v
    ok(plugins == whole["qpsmtpd"]["by_plugin"],
       "LG-68 and so do the leagues")


def packed(folder, root):
    """LG-11: a packed log counts once, however large it is. Random HELO names
    keep it larger, as packed, than what one thread reads of a plain one."""
    lines = []
    for i in range(40000):
        stamp = "@%016x%08x" % (2 ** 62 + 10 + 1767225600 + i, 500)
        lines.append("%s %d (deny) logging::logterse: ` 203.0.113.%d\t%s\t"
                     "h.example\t<a@h.example>\t<u@acme.test>\tdnsbl\t903"
                     "\t%s\tmsg denied before queued\n" %
                     (stamp, i, i % 250, os.urandom(24).hex(),
                      os.urandom(500).hex()))
    log = folder + "/packed/qpsmtpd"
    os.makedirs(log)
    data = gzip.compress("".join(lines).encode(), 1)
    with open("%s/%s.s.gz" % (log, stamp), "wb") as f:
        f.write(data)
    report = json.loads(smemail(root, "report", "--json", "--logs",
                                folder + "/packed").stdout)
    ok(len(data) > 16 << 20 and report["totals"]["total"] == len(lines),
       "LG-11 a large packed log counts once",
       "%d bytes, %d of %d" % (len(data), report["totals"]["total"],
                               len(lines)))


def hostile(folder, root):
    """LG-72: names that never come twice do not fill the memory, no verdict
    is lost, and the report says that not all names are in it."""
    n = 120000
    log = folder + "/hostile/qpsmtpd"
    os.makedirs(log)
    with open(log + "/current", "w") as f:
        for i in range(n):
            f.write("@%016x%08x %d (deny) logging::logterse: ` 203.0.113.9\tx"
                    "\th.example\t<a@h.example>\t<u%d@d%d.test>\trule%d\t901"
                    "\tno\tmsg denied before queued\n" %
                    (2 ** 62 + 10 + 1767225600 + i // 9, 500, i, i, i, i))
    memory(root, folder + "/hostile")
    report = json.loads(smemail(root, "report", "--json", "--logs",
                                folder + "/hostile").stdout)
    more = report["not_kept_apart"]["qpsmtpd.recipients"]
    kept = len(report["qpsmtpd"]["per_recipient"])
    ok(report["totals"]["total"] == n and kept + more == n and kept > 5000,
       "LG-72 all %d verdicts, %d names apart" % (n, kept), str(more))
    text = smemail(root, "report", "--logs", folder + "/hostile").stdout
    ok("counted together: " in text and "qpsmtpd.recipients %d" % more in text,
       "and the text says it")


def main():
    folder = tempfile.mkdtemp(prefix="smemail-report.")
    try:
        root = make_root(folder)
        if len(sys.argv) > 1:
            for seed in sys.argv[2:] or ["1"]:
                logs = compare(folder, root, "seed-" + seed,
                               ["--seed", seed, "--messages", sys.argv[1],
                                "--days", "7", "--restarts", "3", "--unclean",
                                "--dirty", ".02"])
                same_stats(root, logs)
                memory(root, logs)
                shutil.rmtree(logs)
            return
        common = ["--messages", "10000", "--days", "2", "--rotate-size", "1M",
                  "--restarts", "3", "--unclean", "--dirty", ".02"]
        for seed in ("1", "2", "5"):
            logs = compare(folder, root, "seed-" + seed,
                           ["--seed", seed] + common)
        hours_add_up(root, logs)
        same_stats(root, logs)
        memory(root, logs)
        compare(folder, root, "old-style",
                ["--seed", "8", "--messages", "2000", "--style", "old"])
        compare(folder, root, "level-5",
                ["--seed", "9", "--messages", "2000", "--level", "5"])
        # a mean in the middle between two last digits: the order of the
        # connections decides; one accepted in the last moment of a second;
        # a line no service wrote, before all others
        compare(folder, root, "tie", ["--seed", "52", "--messages", "2640"])
        compare(folder, root, "last-second",
                ["--seed", "58", "--messages", "2910"])
        compare(folder, root, "junk-first",
                ["--seed", "22", "--messages", "3000"] + common[2:])
        compare(folder, root, "one",
                ["--seed", "11", "--messages", "1"])
        packed(folder, root)
        hostile(folder, root)
    finally:
        shutil.rmtree(folder)
        print("1..%d" % n)


main()
