#!/usr/bin/env python3
"""The report as text, against the truth of generated logs: its columns and
their choice (LG-51 to LG-53), its head (LG-56), its leagues (LG-57, LG-64),
what qplogsumm tells (LG-65: counts, percents and rates of what was decided,
since when, how many an hour; its state), and what spamd did (LG-39). JSON
says the same."""
import calendar
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


def smemail(root, *args, zone="UTC"):
    return subprocess.run([SMEMAIL, "--root", root, *args],
                          capture_output=True, text=True,
                          env=dict(os.environ, TZ=zone, COLUMNS="200"))


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


def label(second):
    return "@%016x%08x" % (2 ** 62 + 10 + second, 0)


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


def verdict(second, ns, country):
    return ("@%016x%08x 7 (connect) check_badcountries: GeoIP Country: %s\n"
            "@%016x%08x 7 (deny) logging::logterse: ` 192.0.2.1\ta\ta\t\t"
            "\tkarma\t903\tx\t\n" % (2 ** 62 + 10 + second, ns, country,
                                     2 ** 62 + 10 + second, ns))


def period(root, folder):
    """LG-49: a period holds its begin and not its end; LG-62: countries."""
    logs, begin = folder + "/period", 1511740800
    os.makedirs(logs + "/qpsmtpd")
    with open(logs + "/qpsmtpd/current", "w") as f:
        f.write(verdict(begin - 1, 999999999, "XX") +
                verdict(begin, 0, "CN") + verdict(begin + 7, 0, "US") * 300 +
                verdict(begin + 3599, 999999999, "US") +
                verdict(begin + 3600, 0, "XX"))
    got = json.loads(smemail(root, "report", "--json", "--logs", logs,
                             "--from", "@%d" % begin, "--to",
                             "@%d" % (begin + 3600)).stdout)
    same([got["totals"]["total"], got["qpsmtpd"]["countries"],
          got["period"]], [302, {"CN": 1, "US": 301},
                           {"start": begin, "end": begin + 3600}],
         "LG-49 from its begin to before its end")
    countries = table(smemail(root, "report", "--logs", logs, "--from",
                              "@%d" % begin, "--to",
                              "@%d" % (begin + 3600)).stdout, "COUNTRY")
    same(countries[1:], [["US", "301", "99.7"], ["All", "302", "100.0"]],
         "LG-62 below GeoipCutoffPercent is left out, not of the sum")
    smemail(root, "config", "setprop", "qpsmtpd", "BadCountries", "RU,US")
    smemail(root, "config", "set", "mailstats", "report",
            "GeoipCutoffPercent", "0", "ShowLeagueTotals", "no")
    countries = table(report(root, logs), "COUNTRY")
    same(countries[1:], [["US", "301", "99.0", "*"], ["XX", "2", "0.7"],
                         ["CN", "1", "0.3"]],
         "LG-62 bad ones are marked, sums as ShowLeagueTotals says")
    smemail(root, "config", "setprop", "mailstats", "Geoiptable", "disabled")
    same(table(report(root, logs), "COUNTRY"), [], "LG-62 no table")
    smemail(root, "config", "setprop", "mailstats", "Status", "disabled")
    done = smemail(root, "report", "--daily", "--logs", logs)
    ok(done.returncode == 0 and done.stdout == "" and
       "switched off" in done.stderr, "LG-49 Status disabled: no report",
       done.stdout + done.stderr)


def write(logs, service, lines):
    """Texts with the second of each; a lonely text is of 2017-11-27."""
    os.makedirs("%s/%s" % (logs, service), exist_ok=True)
    with open("%s/%s/current" % (logs, service), "w") as f:
        for line in lines:
            at, text = line if isinstance(line, tuple) else (1511740800, line)
            f.write("%s %s\n" % (label(at), text))


def refused(name, reason="x", to=""):
    return ("7 (deny) logging::logterse: ` 192.0.2.1\ta\ta\t<a@e.test>\t%s\t"
            "%s\t901\t%s\tmsg denied before queued" % (to, name, reason))


def queued(to):
    return ("7 (queue) logging::logterse: ` 192.0.2.1\ta\ta\t<a@e.test>\t%s"
            "\tqueued\t\t<m@x>\tNo, score=0.1 required=4.0" % to)


def json_of(root, *args, zone="UTC"):
    done = smemail(root, "report", "--json", *args, zone=zone)
    return json.loads(done.stdout) if done.stdout else {"err": done.stderr}


def zones(root, folder):
    """LG-50: rows are whole hours of the epoch, labelled by the local clock;
    where it is half an hour off them, or goes back, two may have one label."""
    cases = (
        # half an hour off: a local day has 25 rows, the first of the day
        # before
        ("Asia/Kolkata", "2026-04-04", "2026-04-03T18:30", 24, 25,
         ["2026-04-03, 23", "2026-04-04, 00", "2026-04-04, 01"]),
        ("Asia/Kathmandu", "2026-04-04", "2026-04-03T18:15", 24, 25,
         ["2026-04-03, 23", "2026-04-04, 00", "2026-04-04, 01"]),
        # summer time of half an hour ends at 02:00, and begins then
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", 24.5, 25,
         ["00", "01", "01", "02"]),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30", 23.5, 24,
         ["2026-10-03, 23", "2026-10-04, 00", "2026-10-04, 01",
          "2026-10-04, 03"]),
        ("Europe/Paris", "2026-10-25", "2026-10-24T22:00", 25, 25,
         ["00", "01", "02", "02", "03"]),
        ("Europe/Paris", "2026-03-29", "2026-03-28T23:00", 23, 23,
         ["00", "01", "03"]),
        # summer time begins at midnight, which is left out
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00", 23, 23,
         ["01", "02", "03"]),
    )
    for zone, day, begin, length, rows, first in cases:
        logs = "%s/zone-%s-%s" % (folder, zone.replace("/", "-"), day)
        at = calendar.timegm(time.strptime(begin, "%Y-%m-%dT%H:%M"))
        end = at + int(length * 3600)
        # one just before, one a half hour from the begin on, one at the end
        write(logs, "qpsmtpd",
              [(at - 1, refused("karma"))] +
              [(s, refused("karma")) for s in range(at, end + 1, 1800)])
        options = ("--logs", logs, "--day", day)
        got = json_of(root, *options, zone=zone)
        same([got["period"]["start"], got["period"]["end"]], [at, end],
             "LG-49 the local day %s of %s" % (day, zone))
        starts = [h["start"] for h in got["hours"]]
        same([len(starts), starts],
             [rows, list(range(at // 3600 * 3600, end, 3600))],
             "LG-50 its whole hours, each with its start in JSON")
        text = smemail(root, "report", *options, zone=zone).stdout
        lines = text[text.index("\nHour"):].splitlines()[2:]
        labels = [re.match(r"(\d{4}-\d\d-\d\d, )?\d\d", line).group()
                  for line in lines[:rows]]
        same(labels[:len(first)], first, "LG-50 labels of the local clock")
        same([line.split()[-2] for line in lines[:rows + 1]],
             [str(h["total"]) for h in got["hours"]] + ["%d" % (2 * length)],
             "and each row has what is in it")
        page = smemail(root, "report", "--html", *options, zone=zone).stdout
        hours = page[page.index("the figures of each hour"):]
        same(re.findall(r"<tr><td>([^<]*)</td>", hours)[:rows], labels,
             "LG-50 the same labels in HTML")


def record(root, folder):
    """LG-49: Interval and Base of the mailstats record, at the time that it
    is; a report of the whole server."""
    write(root + "/var/log", "qpsmtpd", [refused("karma")])
    hour = 3600
    for interval, hours in (("daily", 24), ("weekly", 7 * 24),
                            ("fortnightly", 14 * 24), ("monthly", 30 * 24),
                            ("6", 6), ("49", 49), ("soon", 24)):
        smemail(root, "config", "set", "mailstats", "report", "Interval",
                interval, "Base", "Now")
        before = int(time.time())
        got = json_of(root)["period"]
        same([got["end"] - got["start"],
              before <= got["end"] <= time.time() + 1], [hours * hour, True],
             "LG-49 Interval %s, Base Now" % interval)
    for base, at in (("Midnight", 0), ("Midday", 12), ("5", 5), ("23", 23),
                     ("24", 0)):
        smemail(root, "config", "set", "mailstats", "report", "Base", base)
        now = int(time.time())
        got = json_of(root, zone="Asia/Kolkata")["period"]
        local = time.gmtime(got["end"] + 19800)
        same([got["end"] - got["start"], local[3:6],
              now - 24 * hour - 60 < got["end"] <= time.time()],
             [24 * hour, (at, 0, 0), True],
             "LG-49 Base %s, the last one by the local clock" % base)
    smemail(root, "config", "delete", "mailstats")
    got = json_of(root, zone="Asia/Kolkata")["period"]
    same([got["end"] - got["start"], time.gmtime(got["end"] + 19800)[3:6]],
         [24 * hour, (0, 0, 0)], "LG-49 the day before the last midnight")
    os.unlink(root + "/var/log/qpsmtpd/current")


def names(root, folder):
    """LG-55: what no column is for is listed under the hours."""
    logs = folder + "/names"
    write(logs, "qpsmtpd",
          [refused("my_plugin")] * 2 + [refused("badmailfrom")] +
          [refused("naughty", "(odd) word"), refused("naughty", "(helo) x"),
           refused("naughty", "(fcrdns) no PTR")] +
          [refused("dnsbl")] * 4)
    smemail(root, "config", "setprop", "spamassassin", "RejectLevel", "0")
    ok("levels     tag 4.0, reject 0: no spam is refused" in
       report(root, logs), "LG-56 a RejectLevel of 0 refuses nothing")
    smemail(root, "config", "setprop", "spamassassin", "RejectLevel", "12")
    same(table(report(root, logs), "UNKNOWN")[1:],
         [["my_plugin", "2", "20.0"], ["naughty-(odd)", "word", "1", "10.0"]],
         "LG-55 unknown names with their counts; not those of plugins")
    text = report(root, logs)
    ok(text.index("\nHour") < text.index("\nUNKNOWN") < text.index("\nCODE"),
       "under the table by hours", text)
    same(table(smemail(root, "report", "--compat", "--logs", logs).stdout,
               "UNKNOWN")[1:],
         [["my_plugin", "2", "20.0"], ["badmailfrom", "1", "10.0"],
          ["naughty-(fcrdns)", "no", "PTR", "1", "10.0"],
          ["naughty-(odd)", "word", "1", "10.0"]],
         "which the old report knew less of")
    same([[r[:2] for r in table(smemail(root, "report", "--logs", logs,
                                         *how).stdout, "CODE")[1:5]]
          for how in ((), ("--compat",))],
         [[["dnsbl", "4"], ["my_plugin", "2"], ["badmailfrom", "1"],
           ["naughty-fcrdns", "1"]],
          [["dnsbl", "4"], ["naughty-unknown", "3"], ["my_plugin", "2"],
           ["badmailfrom", "1"]]],
         "LG-57 naughty by its reason, which the old report lost")


def domains(root, folder):
    """LG-60, LG-61: domains by their reversed labels, addresses by mail."""
    logs = folder + "/domains"
    to = ["<b@sme.acme.test>", "<a@acme.test>,<b@acme.test>", "<A@Acme.Test>",
          "<x@dom1.acme.test>", "<x@backup.test>", "<x@second.test>",
          "<x@far.test>", "<y@other.test>", "<b@acme.test>"]
    write(logs, "qpsmtpd", [queued(t) for t in to] +
          [refused("rcpt_ok", to="<x@backup.test>")] * 2 +
          [refused("check_goodrcptto", "invalid recipient <no@acme.test>"),
           refused("rcpt_ok", "invalid recipient <no@acme.test>")])
    smemail(root, "config", "set", "mxbackup", "service", "name",
            "second.test,backup.test", "status", "disabled")
    same([d["name"] for d in json_of(root, "--logs", logs)["domains"]],
         ["Others", "acme.test", "dom1.acme.test", "sme.acme.test"],
         "LG-60 a backup MX that is switched off has no domains")
    smemail(root, "config", "setprop", "mxbackup", "status", "enabled")
    same(table(report(root, logs), "DOMAIN")[1:],
         [["Others", "other", "3", "1", "0", "2", "66.67"],
          ["acme.test", "local", "4", "1", "0", "3", "75.00"],
          ["dom1.acme.test", "local", "1", "0", "0", "1", "100.00"],
          ["sme.acme.test", "local", "1", "0", "0", "1", "100.00"],
          ["backup.test", "mxbackup-2", "3", "2", "0", "1", "33.33"],
          ["second.test", "mxbackup-1", "1", "0", "0", "1", "100.00"],
          ["All", "13", "4", "0", "9", "69.23"]],
         "LG-60 the table by domain")
    got = json_of(root, "--logs", logs)
    same([(d["name"], d["type"], d["total"], d["deny"], d["accept"])
          for d in got["domains"][4:]],
         [("backup.test", "mxbackup-2", 3, 2, 1),
          ("second.test", "mxbackup-1", 1, 0, 1)], "LG-60 in JSON")
    rows = [["x@backup.test", "1", "2", "0", "3"],
            ["a@acme.test", "2", "0", "0", "2"],
            ["b@acme.test", "2", "0", "0", "2"],
            ["b@sme.acme.test", "1", "0", "0", "1"],
            ["no@acme.test", "0", "1", "0", "1"],
            ["x@dom1.acme.test", "1", "0", "0", "1"],
            ["x@far.test", "1", "0", "0", "1"],
            ["x@second.test", "1", "0", "0", "1"],
            ["y@other.test", "1", "0", "0", "1"]]
    same(table(report(root, logs), "ADDRESS")[1:], rows,
         "LG-61, LG-64 addresses, most mail first, then by name")
    same([[str(v) for v in r.values()] for r in got["recipients"]], rows,
         "LG-61 in JSON")
    compat = table(smemail(root, "report", "--compat", "--logs", logs).stdout,
                   "ADDRESS")[1:]
    same([r for r in compat if r[0][1:] == "@acme.test"],
         [["a@acme.test", "3", "0", "0", "3"],
          ["b@acme.test", "1", "0", "0", "1"]],
         "quirk 6: the old report counted the first of several twice")
    # LG-67, quirk 1
    wanted = {"period", "hours", "totals", "percent", "codes", "viruses",
              "blacklists", "countries", "domains", "recipients", "smtp",
              "qmail", "spamd", "clamd", "dovecot", "unparsed"}
    same(sorted(wanted - set(got)), [], "LG-67 every key")
    same([got["smtp"]["examined"], got["smtp"]["accepted"],
          got["smtp"]["refused"], got["percent"]["Ham"],
          got["percent"] == got["totals"]["percent"]],
         [13, 9, 4, 69.230769, True], "LG-67 unrounded")
    end = ("--logs", logs, "--from", "@1511737200", "--to", "@1511740800")
    same([json_of(root, *end)["totals"]["total"],
          json_of(root, *end, "--compat")["totals"]["total"]], [0, 13],
         "quirk 1: the old report took the very end in")


def services(root, folder):
    """LG-37, LG-40 to LG-43: what the other services are said to have done,
    from lines whose figures can be told by hand."""
    logs, at = folder + "/services", 1511740800
    write(logs, "qmail", [(at + s, text) for s, text in (
        (0, "status: local 0/20 remote 0/2"), (1, "new msg 5"),
        (1, "info msg 5: bytes 1500 from <a@e.test> qp 7 uid 453"),
        (2, "starting delivery 1: msg 5 to local b@acme.test"),
        (3, "delivery 1: success: did_0+0+1/"),
        (4, "starting delivery 2: msg 5 to remote c@far.test"),
        (4, "status: local 0/20 remote 2/2"),
        (8, "delivery 2: deferral: 192.0.2.9_failed_after_I_sent_it./x"),
        (10, "status: local 0/20 remote 0/2"),
        (11, "starting delivery 3: msg 5 to remote c@far.test"),
        (13, "delivery 3: failure: 192.0.2.8_does_not_like_recipient./"),
        (13, "bounce msg 5 qp 9"), (14, "end msg 5"), (14, "new msg 6"),
        (14, "info msg 6: bytes 2500 from <#@[]> qp 9 uid 400"),
        (15, "triple bounce: discarding bounce/6"),
        (20, "status: local 0/20 remote 0/2"))])
    write(logs, "clamd", [
        "/var/spool/qpsmtpd/1:7:0: Eicar FOUND", "/var/x: OK",
        "/var/y: Access denied. ERROR", "SelfCheck: Database status OK.",
        "Database correctly reloaded (8000 signatures)"])
    login = ("user=<anna>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.9, mpid=7,"
             " session=<a>")
    full = "master: Warning: service(imap): process_limit (4) reached, x"
    write(logs, "dovecot", [
        (at, "imap-login: Info: Login: " + login),
        (at + 5, "imap(anna)<7><a>: Info: Logged out in=10 out=20"),
        "imap-login: Info: Disconnected (auth failed, 3 attempts in 9 secs): "
        + login, "imap-login: Info: Maximum number of connections from user+IP"
        " exceeded (mail_max_userip_connections=2): " + login, full, full])
    peer = "sme:192.0.2.9 ::192.0.2.1:4000 ./x"
    write(logs, "imaps", [
        "tcpsvd: info: concurrency 10 192.0.2.1 2/2",
        "tcpsvd: info: start 10 " + peer,
        "tcpsvd: info: concurrency 11 192.0.2.1 3/2",
        "tcpsvd: info: deny 11 " + peer, "tcpsvd: info: deny 12 " + peer])
    write(logs, "fetchmail", [
        "fetchmail: 2 messages for me at pop.test (70 octets).",
        "fetchmail: reading message me@pop.test:1 of 2 (6 octets) flushed",
        "fetchmail: SMTP error: 550 no", "fetchmail: reading message "
        "me@pop.test:2 of 2 (6 octets) not flushed",
        "fetchmail: Authorization failure on you@pop.test"])
    text = report(root, logs)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    same(lines[lines.index("qmail 2 messages, 1 delivered, 1 deferred, 1 "
                           "failed"):], [
        "qmail 2 messages, 1 delivered, 1 deferred, 1 failed",
        "1 bounces, 1 unfinished; 0.0 MB, 2.0 kB each",
        "local deliveries 1.0 s (median 1.0, 95 % 1.0, most 1.0)",
        "remote deliveries 3.0 s (median 2.0, 95 % 4.0, most 4.0)",
        "at most 0 local, 2 remote at once; full 0.0 %, 30.0 % of the time",
        "clamd 1 clean, 1 found, 1 errors, 1 reloads",
        "last good self check 2017-11-27 00:00",
        "dovecot 1 logins of 1 users, 3 failed from 1 addresses",
        "sessions 5.0 s (median 5.0, 95 % 5.0, most 5.0)",
        "limit of an address reached 1 times: raise 'imap.concurrency-per-ip'",
        "limit of all connections reached 2 times: raise 'imap.concurrency'",
        "tcpsvd 1 accepted, 1 refused by rule; at most 3 of 2 of an address",
        "limit of an address reached 1 times: raise 'imap.concurrency-per-ip'",
        "fetchmail 1 fetched, 1 kept, 1 refused by SMTP, 1 failed logins"],
         "LG-37, LG-40 to LG-43 the services in words")
    for setting, prop in (("imap.concurrency-per-ip", "ConcurrencyLimitPerIP"),
                          ("imap.concurrency", "ConcurrencyLimit")):
        ok(re.search(r"\b%s\b" % prop,
                     smemail(root, "describe", setting).stdout),
           "LG-41, LG-42 %s is %s" % (setting, prop))
    got = json_of(root, "--logs", logs)
    q = got["qmail"]
    same([q["double_bounce"], q["triple_bounce"], q["by_uid"],
          q["deferral_reasons"], q["failure_reasons"],
          q["recipients_by_domain"], q["queue_time"]["most"],
          q["delivery_time"]["remote"]["least"], q["bytes_average"]],
         [1, 1, {"453": 1, "400": 1}, {"IP_failed_after_I_sent_it.": 1},
          {"IP_does_not_like_recipient.": 1},
          {"acme.test": 1, "far.test": 2}, 13.0, 2.0, 2000.0],
         "LG-37 in JSON")
    same([got["clamd"]["found"], got["clamd"]["finds"],
          got["clamd"]["signatures"], got["clamd"]["last_selfcheck"]],
         [{"Eicar": 1}, [{"time": at, "name": "Eicar",
                          "path": "/var/spool/qpsmtpd/1:7:0"}], 8000, at],
         "LG-40 in JSON")
    same([got["dovecot"]["failed_users"], got["dovecot"]["limits"],
          got["tcpsvd"]["addresses"], got["fetchmail"]["accounts"],
          got["fetchmail"]["troubles"], got["fetchmail"]["smtp_codes"]],
         [{"anna": 3}, {"imap": {"per_address": 1, "all": 2}},
          {"192.0.2.1": {"accepted": 1, "limit": 1, "rule": 1}},
          {"me@pop.test": {"polls": 1, "fetched": 1, "kept": 1}},
          {"me@pop.test": {"refused_by_smtp": 1, "failed_logins": 0,
                           "no_connection": 0},
           "you@pop.test": {"refused_by_smtp": 0, "failed_logins": 1,
                            "no_connection": 0}}, {"550": 1}],
         "LG-41 to LG-43 in JSON")


def hostile(root, folder):
    """Numbers no service writes: a sum stays at its greatest, and says so."""
    logs = folder + "/numbers"
    most = 2 ** 63 - 1
    write(logs, "qpsmtpd", [refused("karma")])
    write(logs, "qmail", ["info msg 5: bytes 999999999999999999 from <a@b.test>"
                          " qp 7 uid 1"] * 20 + ["new msg 6"])
    write(logs, "dovecot", ["imap(anna): Info: Logged out "
                            "in=18446744073709551615 out=5"] * 3)
    with open(logs + "/qpsmtpd/state", "w") as f:
        f.write("queued %s %d\n" % (label(1511740800), 2 ** 64 - 1) * 2)
    got = json_of(root, "--logs", logs)
    same([got["qmail"]["bytes"], got["qmail"]["senders"]["a@b.test"]["bytes"],
          got["dovecot"]["bytes_in"], got["dovecot"]["bytes_out"],
          got["state"][0]["count"], got["too_large"]],
         [most, most, most, 15, most,
          ["qmail.bytes", "dovecot.bytes_in", "qmail.senders"]],
         "sums of hostile numbers stay at the greatest")
    ok("too large to be counted" in report(root, logs) and
       "dovecot.bytes_in" in report(root, logs), "and the text says it")


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
        spamd(root, text, logs, truth)
        state(root, logs, truth)
        narrow(root, logs, truth)
        of_nothing(root, folder)
        choice(root, folder)
        zones(root, folder)
        record(root, folder)
        names(root, folder)
        domains(root, folder)
        services(root, folder)
        hostile(root, folder)
        versions(root, logs, folder)
        own_clamd(root, logs, folder)
        lists(root, logs)
        period(root, folder)
    finally:
        shutil.rmtree(folder)
        print("1..%d" % n)


main()
