#!/usr/bin/env python3
"""The report as text, against the truth of generated logs: its columns and
their choice (LG-51 to LG-53), its head (LG-56), its leagues (LG-57, LG-64;
what qplogsumm tells, LG-65: counts and percents of what was decided, since
when, how many an hour), and a line for spamd (LG-39)."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
TITLES = ["Hour", "Fetch", "WebM", "Mailm", "Local", "Relay", "DMARC", "Virus",
          "Rbl", "Exec", "Geoip", "NonC", "Load", "Karma", "DelSp", "QuSp",
          "Ham", "Total", "%"]
SOURCES = 5
n = 0


def ok(good, what, detail=""):
    global n
    n += 1
    print("%sok %d - %s" % ("" if good else "not ", n, what))
    if not good:
        for line in str(detail).splitlines()[:20]:
            print("# " + line)


def same(got, want, what):
    ok(got == want, what, "got  %s\nwant %s" % (got, want))


def smemail(root, *args):
    return subprocess.run([SMEMAIL, "--root", root, *args],
                          capture_output=True, text=True,
                          env=dict(os.environ, TZ="UTC", COLUMNS="200"))


def report(root, logs):
    done = smemail(root, "report", "--logs", logs)
    if done.returncode:
        print("Bail out! " + done.stderr)
        sys.exit(1)
    return done.stdout


def generate(folder, name, *options):
    logs = folder + "/" + name
    subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", logs,
                    "--no-messages-file", *options], check=True,
                   stdout=subprocess.DEVNULL)
    with open(logs + "/truth.json") as f:
        return logs, json.load(f)


def table(text, first):
    """The words of a table's lines, its head first."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.split()[:1] == [first]:
            out = [line.split()]
            for row in lines:
                if not row:
                    return out
                out.append(row.split())
            return out
    return []


def tenth(part, whole):
    return "%.1f" % (100.0 * part / whole)


def hours(text, truth):
    rows = table(text, "Hour")
    columns, examined = truth["columns"], truth["qpsmtpd"]["logterse"]
    same(rows[0], TITLES, "LG-51 the columns, in their order")
    want = []
    for hour in truth["hours"]:
        counts = [hour["counts"][c] for c in columns]
        total = sum(counts[SOURCES:])
        want.append([time.strftime("%H", time.gmtime(hour["start"]))] +
                    [str(c) for c in counts] +
                    [str(total), tenth(total, examined)])
    same([r for r in rows[1:] if r[0].isdigit()], want,
         "LG-52 each hour, with the sum of the second group and its percent")
    sums = [truth["totals"]["counts"][c] for c in columns]
    same(rows[-2], ["All"] + [str(c) for c in sums] +
         [str(truth["totals"]["total"]), "100.0"], "LG-52 the sums")
    same(rows[-1], ["%"] + [tenth(c, examined) for c in sums] +
         [tenth(truth["totals"]["total"], examined)],
         "LG-52 the percentages of the sums")


def head(text, truth):
    q, period = truth["qpsmtpd"], truth["period"]
    length = (period["end"] - period["start"]) / 3600
    date = [time.strftime("%Y-%m-%d %H:%M", time.gmtime(period[k]))
            for k in ("start", "end")]
    want = [
        "period %s to %s, %.1f hours" % (*date, length),
        "examined %d connections, %.1f an hour; accepted %d" % (
            q["logterse"], q["logterse"] / length, q["by_plugin"]["queued"]),
        "levels tag 4.0, reject 12.0",
        "mean score ham %.1f, queued spam %.1f, refused spam %.1f" % (
            q["ham_average"], q["spam_average"], q["deleted_average"]),
    ]
    lines = [" ".join(line.split()) for line in text.splitlines()[:5]]
    same(lines[:4], want, "LG-56 period, examined, levels, mean scores")
    ok(re.match(r"DMARC \d+ approved \([0-9.]+% of ham\), \d+ reports sent$",
                lines[4]), "LG-56 and what became of DMARC", lines[4])
    spamd = truth["spamd"]
    want = "spamd %d scanned, %d spam, %d ham," % (
        spamd["processed"], spamd["spam"], spamd["ham"])
    ok(want in [" ".join(line.split())[:len(want)]
                for line in text.splitlines()],
       "LG-39 spamd in a line", want)


def leagues(text, truth):
    rows = table(text, "CODE")[1:-1]
    counts = [(-int(r[-2]), r[0]) for r in rows]
    same(counts, sorted(counts), "LG-57, LG-64 codes by count, then by name")
    examined = truth["qpsmtpd"]["logterse"]
    same([r[-1] for r in rows], [tenth(-c, examined) for c, _ in counts],
         "LG-57 with percents of all examined")
    raw = truth["qpsmtpd"]["by_plugin"]
    same({r[0]: int(r[-2]) for r in rows if not r[0].startswith("naughty")},
         {k: v for k, v in raw.items() if k != "naughty"}, "LG-57 of each code")
    same(sum(int(r[-2]) for r in rows if r[0].startswith("naughty")),
         raw.get("naughty", 0), "LG-57 naughty is parted by its reason")


def choice(root, folder):
    """LG-53: auto shows what has something, and nothing is stored."""
    logs, truth = generate(folder, "few", "--messages", "40", "--seed", "4")
    sums = [truth["totals"]["counts"][c] for c in truth["columns"]]
    empty = [t for t, c in zip(TITLES[1:], sums) if c == 0]
    with open(root + "/home/e-smith/db/configuration", "rb") as f:
        before = f.read()
    shown = table(report(root, logs), "Hour")[0]
    ok(empty, "columns without anything")
    same(shown, [t for t in TITLES if t not in empty], "LG-53 auto hides them")
    with open(root + "/home/e-smith/db/configuration", "rb") as f:
        ok(f.read() == before, "LG-53 a report stores nothing")
    props = dict(zip(TITLES[1:], truth["columns"]))
    smemail(root, "config", "set", "mailstats", "report", props[empty[0]],
            "yes", "Ham", "no")
    same(table(report(root, logs), "Hour")[0],
         [t for t in TITLES if (t not in empty or t == empty[0]) and
          t != "Ham"], "LG-53 yes shows, no hides")


def main():
    folder = tempfile.mkdtemp(prefix="report.")
    root = folder + "/root"
    try:
        subprocess.run([SMEMAIL, "init", "--root", root, "--domain",
                        "acme.test", "--user", "anna"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for domain in ("dom1.acme.test", "dom2.acme.test"):
            smemail(root, "db", "domains", "set", domain, "domain")
        smemail(root, "config", "set", "SystemName", "sme")
        smemail(root, "config", "setprop", "spamassassin", "TagLevel", "4",
                "RejectLevel", "12")
        logs, truth = generate(folder, "logs", "--messages", "1500", "--seed",
                               "3", "--days", "1")
        text = report(root, logs)
        hours(text, truth)
        head(text, truth)
        leagues(text, truth)
        choice(root, folder)
    finally:
        shutil.rmtree(folder)
        print("1..%d" % n)


main()
