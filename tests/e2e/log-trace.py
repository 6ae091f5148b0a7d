#!/usr/bin/env python3
"""Traces of generated logs against the generator's record of each message:
LG-28, LG-29, LG-34 to LG-38, LG-44, LG-45, LG-46, LG-47, LG-48, three seeds, restarts, junk lines."""
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
ENDS = {"delivered": "delivered", "bounced": "bounced",
        "discarded": "discarded", "unfinished": "queued"}
count = failed = 0


def point(ok, what, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print("%sok %d - %s" % ("" if ok else "not ", count, what))
    if not ok:
        for line in str(detail).splitlines()[:12]:
            print("# " + line)


def smemail(*words):
    return subprocess.run([SMEMAIL, *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False,
                          env={"PATH": os.environ["PATH"], "TZ": "UTC"})


def generate(out, *options):
    subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", out,
                    *options], check=True, stdout=subprocess.DEVNULL)
    with open(out + "/messages.ndjson", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def label_of(iso):
    """The label of a time of JSON."""
    from calendar import timegm
    from time import strptime
    second, rest = iso.split(".")
    return "@%016x%08x" % (timegm(strptime(second, "%Y-%m-%dT%H:%M:%S"))
                           + 2**62 + 10, int(rest[:9]))


class Check:
    def __init__(self):
        self.bad = []

    def same(self, record, what, got, want):
        if got != want:
            self.bad.append("%s: %r, not %r: %s" % (
                what, got, want, json.dumps(record)[:160]))


def find(record, by_verdict, inside, dropped, check):
    if record.get("kind") == "bounce":
        for s in inside[record["qp"]]:
            if s["msg"] == record["msg"] and \
                    s["deliveries"][0]["tries"][0]["number"] == \
                    record["deliveries"][0]["tries"][0]["n"]:
                return s
        return None
    if record["verdict"] == "none":
        check.same(record, "dropped", dropped[record["pid"]] > 0, True)
        dropped[record["pid"]] -= 1
        return None
    return by_verdict.get(record["logterse"])


def compare(record, s, check):
    if "pid" in record:
        check.same(record, "pid", s["pid"], record["pid"])
        check.same(record, "ip", s["client"]["ip"], record["ip"])
    if "qp" in record:
        check.same(record, "qp", s["qp"], record["qp"])
        check.same(record, "msg", s["msg"], record["msg"])
        check.same(record, "bytes", s["bytes"], record["bytes"])
        check.same(record, "joint", s["joints"]["queue"], "sure")
        check.same(record, "end", s["end"], ENDS[record["final"]])
        got = sorted([(t["number"], t["result"]) for t in d["tries"]]
                     for d in s["deliveries"])
        want = sorted([(t["n"], t["result"]) for t in d["tries"]]
                      for d in record["deliveries"])
        check.same(record, "tries", got, want)
    elif record.get("kind") != "bounce":
        check.same(record, "refused", s["end"] in ("refused", "deferred"),
                   True)
    if "spamd" in record:
        check.same(record, "scan", s["spam"] and s["spam"]["pid"],
                   record["spamd"]["pid"])
        check.same(record, "score", s["spam"] and float(s["spam"]["score"]),
                   record["spamd"]["score"])
    elif record.get("kind") != "bounce":
        check.same(record, "no scan", s["spam"], None)
    if "virus" in record:
        check.same(record, "virus", s["virus"], record["virus"])
    times = [step["time"] for step in s["steps"]]
    check.same(record, "order", times, sorted(times))


def check_set(directory, records):
    check = Check()
    run = smemail("log", "trace", "--logs", directory, "--jsonl")
    stories = {}
    for line in run.stdout.decode().splitlines():
        s = json.loads(line)
        stories[s["id"]] = s
    by_verdict = {label_of(s["verdict_time"]): s for s in stories.values()
                  if s["verdict_time"]}
    inside = collections.defaultdict(list)
    dropped = collections.Counter()
    for s in stories.values():
        if s["pid"] is None:
            inside[s["qp"]].append(s)
        if s["end"] == "dropped":
            dropped[s["pid"]] += 1
    ids = {}
    for record in records:
        s = find(record, by_verdict, inside, dropped, check)
        if s is None:
            if record.get("verdict") != "none":
                check.bad.append("missing: " + json.dumps(record)[:160])
            continue
        ids[record["id"]] = s["id"]
        compare(record, s, check)
        if "bounce_of" in record:
            check.same(record, "bounce of", s["bounce_of"],
                       ids.get(record["bounce_of"]))
    check.same({}, "number of stories", len(stories), len(records))
    return check.bad


def main():
    tmp = tempfile.mkdtemp(prefix="smemail-trace.")
    try:
        for seed in ("1", "2", "3"):
            directory = tmp + "/" + seed
            records = generate(directory, "--messages", "700", "--seed", seed,
                               "--restarts", "2", "--unclean", "--dirty",
                               ".03", "--days", ".3", "--rotate-size", "200k")
            bad = check_set(directory, records)
            point(not bad, "seed %s: %d messages and bounces traced" % (
                seed, len(records)), "\n".join(bad))
        keys(tmp + "/1", [r for r in records_of(tmp + "/1")
                          if r.get("final") == "delivered" and "spamd" in r
                          and len(r.get("mid", "")) > 2][5])
        symbols(tmp)
    finally:
        shutil.rmtree(tmp)
    print("1..%d" % count)
    return failed > 0


def symbols(tmp):
    """LG-29: a line a connection with a symbol a plugin."""
    folder = tmp + "/sym/qpsmtpd"
    os.makedirs(folder)
    texts = ["7 Accepted connection 1/40 from 192.0.2.1 / mx.test",
             "7 Connection from mx.test [192.0.2.1]",
             "7 (connect) check_badcountries: GeoIP Country: DE",
             "7 (connect) dnsbl: pass", "7 (connect) check_earlytalker: skip",
             "7 (connect) fcrdns: fail, NAUGHTY", "7 (mail) fcrdns: pass",
             "7 (connect) relay: fail", "7 (rcpt) relay: skip",
             "7 dispatching EHLO mx.test", "7 (ehlo) helo: error, no answer",
             "7 dispatching MAIL FROM:<a@b.test>",
             "7 (mail) karma: fail, tolerated",
             "7 (rcpt) rcpt_ok: fail",
             "7 (deny) logging::logterse: ` 192.0.2.1\tmx.test\tmx.test\t"
             "<a@b.test>\t<c@d.test>\trcpt_ok\t901\tno\t",
             "7 click, disconnecting",
             "8 (rcpt) \x1b[31m: pass",
             "8 (deny) logging::logterse: ` 192.0.2.2\tmx\tmx\t<a@b>\t"
             "\todd_plugin\t901\tno\t"]
    with open(folder + "/current", "wb") as f:
        for i, text in enumerate(texts):
            f.write(b"@%016x%08x %s\n" % (1000 + i + 2**62 + 10, 5,
                                          text.encode()))
    run = smemail("log", "trace", "--symbols", "--logs", tmp + "/sym")
    want = ("1970-01-01 00:16:40  192.0.2.1  mx.test  DE  mx.test  a@b.test "
            "-> c@d.test  krm:x dbl:o rly:X dns:X ear:- hlo:! rok:X\n"
            "? 1970-01-01 00:16:56  192.0.2.2  mx  -  mx  a@b -> -  "
            "\\x1b[31m:o odd_plugin:X\n")
    point(run.stdout.decode() == want,
          "a line a connection, a symbol a plugin in registry order",
          run.stdout.decode())


def records_of(directory):
    with open(directory + "/messages.ndjson", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def keys(directory, r):
    """LG-44: every way to ask for one message."""
    tries = r["deliveries"][0]["tries"]
    words = [r["mid"], r["mid"].strip("<>"), "qp:%d" % r["qp"],
             "msg:%d" % r["msg"], "pid:%d" % r["pid"], str(r["qp"]), r["ip"],
             r["sender"] or r["rcpts"][0], r["rcpts"][0], r["connect"],
             r["logterse"], tries[0]["start"],
             "delivery:%d" % tries[0]["n"],
             "spamd:%d" % r["spamd"]["pid"], "text:" + r["mid"][3:20].upper()]
    for word in words:
        run = smemail("log", "trace", word, "--logs", directory, "--json")
        found = json.loads(run.stdout)["stories"] if run.stdout else []
        point(run.returncode == 0 and any(
            s["qp"] == r["qp"] and s["message_id"] == r["mid"]
            for s in found), "found by " + word[:40], run.stderr.decode())
    run = smemail("log", "trace", "no.such@nowhere.test", "--logs", directory)
    point(run.returncode == 1 and b"reach back to 2017-11-27" in run.stderr,
          "nothing: exit 1, and how far back the logs reach",
          run.stderr.decode())
    run = smemail("log", "trace", "qp:%d" % r["qp"], "--logs", directory)
    text = run.stdout.decode()
    point(run.returncode == 0 and text.index("qpsmtpd")
          < text.index(" 250 Queued!") < text.index("end msg"),
          "one message: all its lines in the order of time", text)
    run = smemail("log", "trace", "@acme.test", "--logs", directory)
    lines = run.stdout.decode().splitlines()
    point(len(lines) > 5 and lines[1].lstrip().startswith("2  2017-11-27")
          and b"--pick 1" in run.stderr, "several: listed, to pick from")
    run = smemail("log", "trace", "@acme.test", "--logs", directory, "--pick",
                  "2")
    point(lines[1].split(None, 1)[1] == run.stdout.decode().splitlines()[0],
          "--pick shows the one listed")
    run = smemail("log", "trace", "@acme.test", "--logs", directory, "--pick",
                  "99999")
    point(run.returncode == 2, "--pick past the end is refused")


sys.exit(main())
