#!/usr/bin/env python3
"""why reads parts of the logs, newest first: for words sampled from generated
logs its answer must be the stories that a join of everything gives (log
trace), with the index of the logs and without (LG-34 to LG-36, LG-44 to
LG-48)."""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
WORDS = int(os.environ.get("WHY_SAMPLES", "60"))  # of each log
SHOWN = 200  # the newest
count = failed = 0

# what the generator is asked for: logs of a busy hour and of a quiet week,
# with lines of any kind between, restarts and a killed writer
LOGS = {
    "an hour": ["--bytes", "9M", "--days", "0.04", "--seed", "21"],
    "a week": ["--bytes", "4M", "--days", "7", "--seed", "22", "--dirty",
               "0.2", "--restarts", "3", "--unclean"],
}


def point(ok, what, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print("%sok %d - %s" % ("" if ok else "not ", count, what))
    if not ok:
        for line in str(detail).splitlines()[:30]:
            print("# " + line)


def smemail(root, *words):
    done = subprocess.run([SMEMAIL, "--root", root, *words, "--json"],
                          check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE,
                          env={"PATH": os.environ["PATH"], "TZ": "UTC"})
    return done.returncode, json.loads(done.stdout or b"{}")


def generate(root, options):
    logs = root + "/var/log"
    os.makedirs(logs)
    os.makedirs(root + "/var/lib/smemail")
    subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", logs,
                    "--rotate-size", "700000", *options],
                   check=True, stdout=subprocess.DEVNULL)
    # a log so large that it gets an index: older lines of qpsmtpd
    for number in range(4):
        label = "@400000005a0%x000000000000" % number
        line = label + " 4711 (rcpt) old: pass, %s\n"
        with open("%s/qpsmtpd/%s.s" % (logs, label), "w",
                  encoding="ascii") as f:
            f.write((line % ("x" * 400)) * 10500)
    with open(logs + "/messages.ndjson", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def words_of(messages, pick):
    """Every kind of word, the rare and the busy ones."""
    for i in range(WORDS):
        m = pick.choice(messages)
        kinds = [m.get("mid"), m.get("sender"), m.get("ip"),
                 m.get("qp") and "qp:%d" % m["qp"],
                 m.get("msg") and "msg:%d" % m["msg"],
                 *m.get("rcpts", [])[:1]]
        kinds = [k for k in kinds if k]
        if kinds:
            yield kinds[i % len(kinds)]
    yield from ["anna.adler@acme.test", "@acme.test", "127.0.0.1",
                "nobody@nowhere.test", "pid:%d" % messages[9]["pid"]]


def key(row, verdict, joints, services):
    client = row["client"] or {}
    return json.dumps([verdict, row["from"], row["message_id"],
                       client.get("ip"), joints, services])


def of_why(rows):
    out = []
    for row in rows:
        sure = row["confidence"]
        out.append((row["time"][:19],
                    key(row, row["verdict"],
                        [sure["spamd"], sure["clamd"],
                         sure["qmail"]],
                        [s["service"] + " " + s["text"]
                         for s in row["steps"]])))
    return out


def of_trace(stories):
    out = []
    for s in stories:
        joints = s["joints"]
        at = s["verdict_time"] or s["time"]
        out.append((at[:19], key(s, s["end"],
                                 [joints["spam"], joints["virus"],
                                  joints["queue"]],
                                 [x["service"] + " " + x["text"]
                                  for x in s["steps"]])))
    return out


def differences(root, word):
    status, why = smemail(root, "why", word)
    bare_status, bare = smemail(root, "why", word, "--logs", root + "/var/log")
    del why["time"], bare["time"]
    if (status, why) != (bare_status, bare):
        return "%s: not the same without an index" % word
    trace_status, trace = smemail(root, "log", "trace", word)
    told, joined = of_why(why["rows"]), of_trace(trace.get("stories", []))
    if status != trace_status:
        return "%s: status %d, of trace %d" % (word, status, trace_status)
    if len(told) >= SHOWN or len(joined) >= SHOWN:
        # trace shows the oldest, why the newest ones
        times = [t[0] for t in told]
        ok = len(told) == SHOWN and times == sorted(times, reverse=True)
        return "" if ok else "%s: %d rows" % (word, len(told))
    if sorted(told) == sorted(joined):
        return ""
    only = [t for t in told if t not in joined]
    missed = [j for j in joined if j not in told]
    return "%s: %d only in why, %d missed: %.300s | %.300s" % (
        word, len(only), len(missed), only[:1], missed[:1])


def main():
    top = tempfile.mkdtemp(prefix="why-sample.")
    try:
        for n, (what, options) in enumerate(LOGS.items()):
            root = "%s/%d" % (top, n)
            messages = generate(root, options)
            smemail(root, "why", "nobody@nowhere.test")
            point(os.path.exists(root + "/var/lib/smemail/logindex/qpsmtpd"),
                  "the logs of %s have an index" % what)
            wrong = [differences(root, word) for word in
                     words_of(messages, random.Random(n))]
            wrong = [w for w in wrong if w]
            point(not wrong, "%d words of the logs of %s: why tells what is "
                  "joined of everything" % (WORDS + 5, what),
                  "\n".join(wrong))
    finally:
        shutil.rmtree(top)
    print("1..%d" % count)
    return failed > 0


sys.exit(main())
