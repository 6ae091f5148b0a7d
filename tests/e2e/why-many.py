#!/usr/bin/env python3
"""why with more matches than are shown: where the older ones are (text and
JSON), and memory that does not grow with them."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
SHOWN = 200
BEGIN = 1511740800  # 2017-11-27 00:00:00 UTC
HOSTILE = 60000     # messages, all within ten seconds
n = 0


def ok(good, what, detail=""):
    global n
    n += 1
    print("%sok %d - %s" % ("" if good else "not ", n, what))
    for line in ("" if good else str(detail)).splitlines()[:12]:
        print("# " + line[:300])


def message(f, at, number, padding=""):
    label = "@%016x%08x" % ((1 << 62) + 10 + BEGIN + int(at),
                            int(at % 1 * 1e9))
    who = "%s %d " % (label, 1000 + number % 30000)
    f.write(who + "Accepted connection 0/40 from 203.0.113.9 / Unknown\n" +
            who + "(rcpt) rcpt_ok: fail, %s\n" % padding +
            who + "(deny) logging::logterse: ` 203.0.113.9\tUnknown\t"
            "mx.far.example\t<m%d@far.example>\t<karin@acme.test>\trcpt_ok\t"
            "901\trelaying denied %s\tmsg denied before queued\n" % (
                number, padding) +
            who + "click, disconnecting\n")


def log(folder, name, times, padding=""):
    path = "%s/%s/qpsmtpd" % (folder, name)
    os.makedirs(path)
    with open(path + "/current", "w", encoding="ascii") as f:
        for number, at in enumerate(times):
            message(f, at, number, padding)
    return "%s/%s" % (folder, name)


def why(root, logs, *words):
    return subprocess.run(
        [SMEMAIL, "--root", root, "why", "--logs", logs, "karin@acme.test",
         *words], capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "TZ": "UTC"})


def stamp(at):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(BEGIN + at))


def senders(done):
    return [row["from"] for row in json.loads(done.stdout)["rows"]]


def not_looked_at(root, folder):
    """A message a minute for ten hours: the look ends with the newest."""
    logs = log(folder, "long", [60 * i for i in range(600)])
    text, told = why(root, logs), why(root, logs, "--json")
    answer = json.loads(told.stdout)
    until = stamp(60 * 400 + 1)
    ok("the newest ones; older ones: --until '%s'\n" % until in text.stderr,
       "what was not counted gets no number", text.stderr)
    ok(answer["more"] is None and
       answer["older_until"].startswith(until.replace(" ", "T")),
       "the same in JSON: more is null", "%s %s" % (
           answer["more"], answer["older_until"]))
    newest = senders(told)
    older = senders(why(root, logs, "--json", "--until", until))
    ok(newest == ["m%d@far.example" % i for i in range(599, 399, -1)] and
       older == ["m%d@far.example" % i for i in range(400, 200, -1)],
       "--until goes on where the list ended", "%s ... %s" % (
           newest[-1], older[:2]))


def counted(root, folder):
    """All in one minute and nothing older: those not shown were seen."""
    logs = log(folder, "minute", [i / 10 for i in range(300)])
    text, told = why(root, logs), why(root, logs, "--json")
    answer = json.loads(told.stdout)
    until = stamp(11)
    ok("and 100 older ones: --until '%s'\n" % until in text.stderr,
       "what was seen is counted", text.stderr)
    ok(answer["more"] == 100 and len(answer["rows"]) == SHOWN and
       answer["older_until"].startswith(until.replace(" ", "T")),
       "the same in JSON", "%s %s" % (answer["more"], answer["older_until"]))


def all_shown(root, folder):
    logs = log(folder, "few", [60 * i for i in range(20)])
    text, told = why(root, logs), why(root, logs, "--json")
    answer = json.loads(told.stdout)
    ok("older" not in text.stderr and answer["more"] == 0 and
       answer["older_until"] is None and len(answer["rows"]) == 20,
       "of what is whole nothing is said", text.stderr)


def in_french(root, folder):
    """How it ended, in the language of the reader and in its column."""
    for words in (("why",), ("log", "trace")):
        done = subprocess.run(
            [SMEMAIL, "--root", root, "--lang", "fr", *words, "--logs",
             folder + "/few", "karin@acme.test"], capture_output=True,
            timeout=120, check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        text = done.stdout.decode()
        ok(text.count(" refusé    ") == 20 and "refused" not in text,
           "%s in French" % " ".join(words), text)


def peak(argv):
    """KB that a program had at once, at most."""
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss


def memory(root, folder):
    if filterd.SANITIZED:
        return  # they keep what is freed
    logs = log(folder, "hostile",
               [i * 10 / HOSTILE for i in range(HOSTILE)], "x" * 300)
    few = log(folder, "one", [1], "x" * 300)
    ask = [SMEMAIL, "--root", root, "why", "karin@acme.test", "--logs"]
    status, most = peak([*ask, logs])
    base_status, base = peak([*ask, few])
    ok(status == base_status == 0 and most - base < 48 * 1024,
       "%d matches at once take no more than others" % HOSTILE,
       "%d KB, one takes %d KB" % (most, base))


def main():
    folder = tempfile.mkdtemp(prefix="smemail-why-many.")
    root = folder + "/root"
    try:
        subprocess.run([SMEMAIL, "init", "--root", root, "--domain",
                        "acme.test", "--user", "anna"], check=True,
                       stdout=subprocess.DEVNULL)
        not_looked_at(root, folder)
        counted(root, folder)
        all_shown(root, folder)
        in_french(root, folder)
        memory(root, folder)
    finally:
        shutil.rmtree(folder)
    print("1..%d" % n)


main()
