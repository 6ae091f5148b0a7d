#!/usr/bin/env python3
"""The report as text, against the truth of generated logs: its columns and
their choice (LG-51 to LG-53), its head (LG-56), its leagues (LG-57, LG-64),
what qplogsumm tells (LG-65: counts, percents and rates of what was decided,
since when, how many an hour; its state), and what spamd did (LG-39). JSON
says the same."""
import fcntl
import json
import os
import pty
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
from reported import (SMEMAIL, done, generate, label, new_root, ok,  # noqa: E402
    report, same, smemail, table, verdict, write)

TITLES = ["Hour", "Fetch", "WebM", "Mailm", "Local", "Relay", "DMARC", "Virus",
          "Rbl", "Exec", "Geoip", "NonC", "Load", "Karma", "DelSp", "QuSp",
          "Ham", "Total", "%"]
SOURCES = 5


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
    same(lines[4], "DMARC %d approved (%s%% of ham), %d reports sent" % (
        q["dmarc_ok"], tenth(q["dmarc_ok"], q["ham"]), q["dmarc_sent"]),
         "LG-56 and what became of DMARC")


def most(values):
    """What 95 % of them are not above."""
    values = sorted(values)
    return values[-(-95 * len(values) // 100) - 1]


def spamd(root, text, logs, truth):
    """LG-39, from the lines themselves."""
    with open(logs + "/spamd/current") as f:
        log = f.read()
    done = re.findall(r"\((-?[\d.]+)/[\d.]+\) for \S+ in ([\d.]+) seconds, "
                      r"(\d+) bytes", log)
    scores, seconds, size = zip(*[(float(a), float(b), int(c))
                                  for a, b, c in done])
    states = re.findall(r"child states: (\w+)", log)
    busy = max(s.count("B") for s in states)
    children = max(len(s) for s in states)
    full = sum("I" not in s for s in states)
    t = truth["spamd"]
    same(len(done), t["processed"], "every scan of the truth is in the log")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    at = [i for i, line in enumerate(lines) if line.startswith("spamd ")][0]
    same(lines[at:at + 3], [
        "spamd %d scanned, %d spam, %d ham, %.1f MB; 0 time-outs" % (
            t["processed"], t["spam"], t["ham"], sum(size) / 1e6),
        "score %.1f on average, 95 %% up to %.1f; %.1f s, 95 %% up to %.1f s" %
        (t["score_sum"] / len(done), most(scores),
         t["scan_seconds"] / len(done), most(seconds)),
        "at most %d of %d children busy, none idle %d of %d times" % (
            busy, children, full, len(states))],
         "LG-39 scans, verdicts, bytes, scores, seconds, children")
    rules = table(text, "SPAM")
    same({r[0]: int(r[1]) for r in rules[1:]},
         {k: v for k, v in t["rules"].items()
          if 100.0 * v / len(done) >= 0.5}, "LG-39 the league of rules")
    got = json.loads(smemail(root, "report", "--json", "--logs",
                             logs).stdout)["spamd"]
    same([got["score_95_percent"], got["seconds_95_percent"],
          round(got["score_average"], 6), got["children"]],
         [most(scores), most(seconds),
          round(t["score_sum"] / len(done), 6),
          {"most": children, "most_busy": busy, "none_idle": full,
           "told": len(states)}], "LG-39 in JSON")


def state(root, logs, truth):
    """LG-65: what qplogsumm keeps in 'state' beside the logs."""
    path = logs + "/qpsmtpd/state"
    end = truth["period"]["end"]
    with open(path, "wb") as f:
        f.write(b"queued %s 4000\n" % label(end - 4 * 86400).encode() +
                b"check_goodrcptto extn\t%s 10\n" %
                label(end - 86400 // 2).encode() +
                b"of another form\nx @40 1\n\xff\x1b[31m\n" +
                b"y %s many\n" % label(end).encode())
    same([r[:1] + r[-4:] if len(r) > 5 else r for r in
          table(report(root, logs), "QPLOGSUMM")], [
        ["QPLOGSUMM", "COUNT", "A", "DAY", "SINCE"],
        ["queued", "4000", "1000.0"] + time.strftime(
            "%Y-%m-%d %H:%M", time.gmtime(end - 4 * 86400)).split(),
        ["check_goodrcptto", "10", "20.0"] + time.strftime(
            "%Y-%m-%d %H:%M", time.gmtime(end - 43200)).split()],
         "LG-65 the state of qplogsumm, and nothing of other lines")
    os.makedirs(logs + "/sqpsmtpd", exist_ok=True)
    with open(logs + "/sqpsmtpd/state", "w") as f:
        f.write("queued %s 1000\n" % label(end - 5 * 86400))
    got = json.loads(smemail(root, "report", "--json", "--logs",
                             logs).stdout)
    shutil.rmtree(logs + "/sqpsmtpd")
    same(got["state"], [
        {"name": "queued", "count": 5000, "since": end - 5 * 86400,
         "per_day": 1000.0},
        {"name": "check_goodrcptto extn", "count": 10, "since": end - 43200,
         "per_day": 20.0}], "LG-65 in JSON")
    examined = truth["qpsmtpd"]["logterse"]
    days = (end - truth["period"]["start"]) / 86400
    queued = [c for c in got["codes"] if c["name"] == "queued"][0]
    same([queued["percent"], queued["per_day"]],
         [round(100.0 * queued["count"] / examined, 6),
          round(queued["count"] / days, 6)], "LG-65 rates of codes in JSON")
    with open(path, "wb"):
        pass


def on_terminal(root, logs, columns):
    """What it shows on a terminal of that width."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    env = dict(os.environ, TZ="UTC", TERM="dumb")
    for name in ("COLUMNS", "LINES"):
        env.pop(name, None)
    child = subprocess.Popen([SMEMAIL, "--root", root, "report", "--logs",
                              logs], stdin=other, stdout=other,
                             stderr=subprocess.DEVNULL, env=env)
    os.close(other)
    text = b""
    while True:
        try:
            got = os.read(main, 65536)
        except OSError:
            break
        if not got:
            break
        text += got
    os.close(main)
    child.wait()
    return text.decode().replace("\r", "")


def narrow(root, logs, truth):
    """LG-51 on a narrow terminal: the columns in parts, none cut or lost."""
    for columns in (80, 40):
        text = on_terminal(root, logs, columns)
        parts = [part.splitlines() for part in text.split("\n\n")
                 if part.startswith("Hour")]
        ok(len(parts) > 1 and
           max(len(line) for p in parts for line in p) <= columns,
           "LG-51 %d columns are enough" % columns, parts[:1])
        heads = [p[0].split()[1:] for p in parts]
        same(sum(heads, []), TITLES[1:], "with every column")
        same([len(p) for p in parts], [len(truth["hours"]) + 3] * len(parts),
             "and every hour in each part")


def of_nothing(root, folder):
    """LG-56: logs without a line have no period."""
    logs = folder + "/nothing"
    os.makedirs(logs + "/qpsmtpd")
    same(" ".join(report(root, logs).splitlines()[0].split()),
         "period none: no line of these logs has a time", "LG-56 no period of nothing")
    with open(logs + "/qpsmtpd/current", "w") as f:
        f.write(verdict(1511740800, 0, "CN") +
                verdict(1511740800, 0, "CN\0A") +
                verdict(1511740800, 0, "CN\0B"))
    same(" ".join(report(root, logs).splitlines()[0].split()),
         "period 2017-11-27 00:00 to 2017-11-27 00:00, 0.0 hours",
         "LG-56 one of a moment is none of nothing")
    keys = []
    json.loads(smemail(root, "report", "--json", "--logs", logs).stdout,
               object_pairs_hook=lambda p: keys.append([k for k, _ in p]))
    same([k for k in keys if len(set(k)) < len(k)], [],
         "LG-67 no key is there twice, whatever the log says")


def lists(root, logs):
    """LG-59: the lists in force, each with its kind."""
    smemail(root, "config", "setprop", "qpsmtpd", "DNSBL", "enabled",
            "RBLList", "zen.example", "RHSBL", "enabled", "SBLList",
            "dbl.example", "URIBL", "disabled")

    def fact(*options):
        text = smemail(root, "report", "--logs", logs, *options).stdout
        return [" ".join(line.split()) for line in text.splitlines()
                if line.startswith("lists ")]

    same(fact(), ["lists rhsbl dbl.example; dnsbl zen.example"],
         "LG-59 lists of names and of addresses")
    same(fact("--compat"), ["lists rhsbl zen.example; dnsbl dbl.example"],
         "LG-59 which the old report took for each other")


def own_clamd(root, logs, folder):
    """LG-56: on the server itself its clamd is started for its version where
    none runs. A stand-in takes its place; root's /home is the server's."""
    if os.geteuid() != 0 or subprocess.run(
            ["unshare", "-m", "true"], check=False).returncode:
        ok(True, "LG-56 the installed clamd # SKIP needs a mount name space")
        return
    place = folder + "/own"
    os.makedirs(place + "/sbin")
    shutil.copy(SMEMAIL, place + "/smemail")

    def clamav(script):
        with open(place + "/sbin/clamd", "w") as f:
            f.write("#!/bin/sh\n" + script)
        os.chmod(place + "/sbin/clamd", 0o755)
        done = subprocess.run(
            ["unshare", "-m", "/bin/sh", "-c",
             'mount --bind "$1/home" /home && mount --bind "$2/sbin" '
             '/usr/sbin && exec "$2/smemail" report --json --logs "$3"',
             "sh", root, place, logs], capture_output=True, text=True)
        got = json.loads(done.stdout)["programs"]
        return [got["clamav"]["version"], got["clamav"]["from"],
                got["signatures"]]

    says = "echo 'ClamAV 1.3.1/27001/Wed Nov 25 09:26:00 2026'\n"
    same(clamav('[ "$*" = --version ] && ' + says),
         ["1.3.1", "installed", "27001"], "LG-56 the installed clamd is asked")
    same(clamav(says + "exit 1\n"), [None, None, None],
         "LG-56 one that fails tells nothing")
    same(clamav("head -c 100000 /dev/zero | tr '\\0' C\n"),
         [None, None, None], "LG-56 nor one that says something else")


def versions(root, logs, folder):
    """LG-56: the versions that judged the mail, or that none is known."""
    def programs():
        return json.loads(smemail(root, "report", "--json", "--logs",
                                  logs).stdout)["programs"]

    def fact():
        return [" ".join(line.split()) for line in
                report(root, logs).splitlines() if line.startswith("program")]

    nothing = {"version": None, "from": None}
    own = subprocess.run([SMEMAIL, "--version"], capture_output=True,
                         text=True).stdout.split()[1]
    same(programs(), {"smemail": own, "spamassassin": nothing,
                      "clamav": nothing, "signatures": None,
                      "signatures_of": None}, "LG-56 nothing tells versions")
    same(fact(), ["programs smemail %s, SpamAssassin of unknown version, "
                  "ClamAV of unknown version" % own], "LG-56 and it says so")
    perl = root + "/usr/share/perl5/vendor_perl/Mail"
    os.makedirs(perl)
    with open(perl + "/SpamAssassin.pm", "w") as f:
        f.write('package Mail::SpamAssassin;\nour $VERSION = "3.004006";\n')
    os.makedirs(root + "/var/clamav", exist_ok=True)
    os.makedirs(root + "/etc", exist_ok=True)
    with open(root + "/etc/clamd.conf", "w") as f:
        f.write("LocalSocket /var/clamav/s\n")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(root + "/var/clamav/s")
    listener.listen()
    answer = b"ClamAV 1.4.6/27822/Thu Nov 26 09:26:00 2026\n"

    def serve():
        while True:
            try:
                peer = listener.accept()[0]
            except OSError:
                return
            if answer is None:
                held.append(peer)
                continue
            if peer.recv(64) == b"nVERSION\n":
                peer.sendall(answer)
            peer.close()

    held = []
    threading.Thread(target=serve, daemon=True).start()
    same(programs(), {"smemail": own,
                      "spamassassin": {"version": "3.4.6",
                                       "from": "installed"},
                      "clamav": {"version": "1.4.6", "from": "running"},
                      "signatures": "27822",
                      "signatures_of": "Thu Nov 26 09:26:00 2026"},
         "LG-56 what is installed, and what runs")
    same(fact(), ["programs smemail %s, SpamAssassin 3.4.6, ClamAV 1.4.6, "
                  "signatures 27822 of Thu Nov 26 09:26:00 2026" % own],
         "LG-56 in the head")
    answer = b"ClamAV \x1b[31m\n"
    same(programs()["clamav"], nothing, "LG-56 an answer of another form")
    answer = None
    began = time.monotonic()
    same(programs()["clamav"], nothing, "LG-56 a clamd that hangs")
    ok(time.monotonic() - began < 20, "is not waited for")
    listener.close()
    ran = folder + "/ran"
    for service, line in (
            ("spamd", "[9] info: spamd: server started on IO::Socket::IP "
                      "[127.0.0.1]:783 (running version 4.0.1)"),
            ("clamd", "clamd daemon 1.0.7 (OS: Linux, ARCH: x86_64)"),
            ("clamd", "clamd daemon 1.0.8 (OS: Linux, ARCH: x86_64)"),
            ("qpsmtpd", "7 Connection from a.test [192.0.2.1]")):
        os.makedirs("%s/%s" % (ran, service), exist_ok=True)
        with open("%s/%s/current" % (ran, service), "a") as f:
            f.write("%s %s\n" % (label(1511740800), line))
    got = json.loads(smemail(root, "report", "--json", "--logs",
                             ran).stdout)["programs"]
    same([got["spamassassin"], got["clamav"]],
         [{"version": "4.0.1", "from": "logs"},
          {"version": "1.0.8", "from": "logs"}],
         "LG-56 what started in the period comes first")


def leagues(text, truth):
    rows = table(text, "CODE")[1:-1]
    counts = [(-int(r[-3]), r[0]) for r in rows]
    same(counts, sorted(counts), "LG-57, LG-64 codes by count, then by name")
    examined = truth["qpsmtpd"]["logterse"]
    same([r[-2] for r in rows], [tenth(-c, examined) for c, _ in counts],
         "LG-57 with percents of all examined")
    days = (truth["period"]["end"] - truth["period"]["start"]) / 86400
    same([r[-1] for r in rows], ["%.1f" % (-c / days) for c, _ in counts],
         "LG-65 and how many that is a day")
    raw = truth["qpsmtpd"]["by_plugin"]
    same({r[0]: int(r[-3]) for r in rows if not r[0].startswith("naughty")},
         {k: v for k, v in raw.items() if k != "naughty"}, "LG-57 of each code")
    same(sum(int(r[-3]) for r in rows if r[0].startswith("naughty")),
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
    for word, want in (("yes", TITLES), ("no", ["Hour", "Total", "%"]),
                       ("auto", [t for t in TITLES if t not in empty]),
                       ("odd", [t for t in TITLES if t not in empty])):
        smemail(root, "config", "set", "mailstats", "report",
                *sum([[c, word] for c in truth["columns"]], []))
        same(table(report(root, logs), "Hour")[0], want,
             "LG-53 every column by its name: " + word)
    smemail(root, "config", "delete", "mailstats")


def main():
    folder = tempfile.mkdtemp(prefix="report.")
    try:
        root = new_root(folder)
        logs, truth = generate(folder, "logs", "--messages", "1500", "--seed",
                               "3", "--days", "1")
        text = report(root, logs)
        hours(text, truth)
        head(text, truth)
        leagues(text, truth)
        spamd(root, text, logs, truth)
        state(root, logs, truth)
        narrow(root, logs, truth)
        of_nothing(root, folder)
        choice(root, folder)
        versions(root, logs, folder)
        own_clamd(root, logs, folder)
        lists(root, logs)
    finally:
        shutil.rmtree(folder)
        done()


main()
