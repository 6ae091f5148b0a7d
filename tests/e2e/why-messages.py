#!/usr/bin/env python3
"""why: the outcome of generated messages whose whole path is known (LG-44 to
LG-47), the setting that decided, pasted bounces, and what is not there."""
import fcntl
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
n = 0

# what the generator calls a plugin, and the setting behind it
SETTINGS = {"spamassassin": "spam.reject-level", "dnsbl": "rbl.dns-zones",
            "helo": "filter.helo-policy", "loadcheck": "filter.max-load",
            "virus::clamdscan": "virus.scan", "dmarc": "dmarc.reject",
            "rhsbl": "rbl.sender-zones", "uribl": "rbl.uri-zones",
            "check_goodrcptto": "delivery.unknown-user",
            "check_badcountries": "filter.geoip-bad-countries",
            "sender_permitted_from": "spf.reject-policy",
            "greylisting": "filter.greylisting",
            "badmailfrom": "lists.badmailfrom",
            "virus::pattern_filter": "attachments.block"}


def ok(good, what, detail=""):
    global n
    n += 1
    print("%sok %d - %s" % ("" if good else "not ", n, what))
    for line in ("" if good else str(detail)).splitlines()[:12]:
        print("# " + line[:300])


def smemail(*args, env=None):
    return subprocess.run([SMEMAIL, *args], capture_output=True, text=True,
                          timeout=120, env=env)


def rows(done):
    try:
        return json.loads(done.stdout)["rows"]
    except ValueError:
        return []


def by_message_id(root, logs, messages):
    """Every tenth message with an id of its own: verdict and end."""
    seen = {}
    for m in messages:
        seen[m.get("mid")] = seen.get(m.get("mid"), 0) + 1
    wanted = {"delivered": "delivered", "bounced": "bounced",
              "discarded": "discarded"}
    asked = wrong = 0
    first = ""
    for m in messages[::10]:
        mid = m.get("mid")
        if not mid or mid == "<>" or seen[mid] > 1 or "verdict" not in m:
            continue
        if m["verdict"] == "denied" and "spamd" not in m["path"]:
            continue  # no line of its names the id
        got = rows(smemail("--root", root, "why", "--json", "--logs", logs,
                           mid))
        end = "refused" if m["verdict"] == "denied" else \
            wanted.get(m.get("final"), "?")
        if m["verdict"] == "denied" and m["plugin"] == "greylisting":
            end = "deferred"
        asked += 1
        good = len(got) >= 1 and any(
            g["verdict"] == end and (end != "refused" or
                                     g["rule"] == m["plugin"]) for g in got)
        if not good:
            wrong += 1
            first = first or "%s: wanted %s, got %s" % (
                mid, end, [(g["verdict"], g["rule"]) for g in got])
    ok(asked > 30 and wrong == 0,
       "LG-47 %d messages by id: verdict and end as generated" % asked,
       "%d wrong; %s" % (wrong, first))


def mistyped(root, logs):
    """An address that nobody has: what to try next."""
    got = smemail("--root", root, "why", "--logs", logs, "ana@acme.test")
    ok(got.returncode == 1 and " why @acme.test\n" in got.stderr and
       "reach back to" in got.stderr, "a mistyped address: what next",
       got.stderr)
    got = smemail("--root", root, "why", "--logs", logs, "@nowhere.test")
    ok(got.returncode == 1 and "next:" not in got.stderr,
       "a domain has no other", got.stderr)


def clock_set_back(root, top):
    """A line behind younger ones: the clock was set back (LG-13)."""
    logs = top + "/back"
    os.makedirs(logs + "/qpsmtpd")
    with open(logs + "/qpsmtpd/current", "w", encoding="ascii") as f:
        for i in range(200):
            f.write("@40000000%08x00000000 %d Connection from x [192.0.2.1]\n"
                    % (0x5a1b55a0 + i, 100 + i))
        f.write("@400000005a1b564a00000000 9 logging::logterse plugin (deny): "
                "` 192.0.2.9\tUnknown\tx\t<a@b.test>\t<c@d.test>\tdnsbl\t550"
                "\tlisted\tmsg denied before queued\n")
    got = rows(smemail("--root", root, "why", "--json", "--logs", logs,
                       "192.0.2.9"))
    ok([g["rule"] for g in got] == ["dnsbl"],
       "LG-13 a line behind younger ones is found", got)


def in_any_case(root, top):
    """Names are folded as the filter folds them before they are looked up."""
    logs = top + "/case"
    os.makedirs(logs + "/qpsmtpd")
    lines = (
        ("192.0.2.21", "mx.far.test", "a@b.test", "nobody@ACME.Test",
         "check_goodrcptto", "invalid recipient nobody@ACME.Test"),
        ("192.0.2.22", "Bad.Example", "a@b.test", "anna@acme.test",
         "helo", "(helo) I do not believe you are Bad.Example."),
        ("192.0.2.23", "mx.far.test", "Boss@Evil.test", "Anna@acme.test",
         "badmailfromto", "mail to Anna@acme.test not accepted here"))
    with open(logs + "/qpsmtpd/current", "w", encoding="ascii") as f:
        for i, (ip, helo, sender, rcpt, plugin, text) in enumerate(lines):
            f.write("@40000000%08x00000000 %d (deny) logging::logterse: ` %s"
                    "\tUnknown\t%s\t<%s>\t<%s>\t%s\t901\t%s\t"
                    "msg denied before queued\n" %
                    (0x5a1b55a0 + i, 100 + i, ip, helo, sender, rcpt, plugin,
                     text))
    smemail("--root", root, "lists", "add", "badhelo", "bad.example")
    smemail("--root", root, "pairs", "add", "@evil.test", "anna@acme.test")

    def answer(ip):
        done = smemail("--root", root, "why", "--json", "--logs", logs, ip)
        one = (rows(done) or [{}])[0]
        return one.get("rule"), [c["command"] for c in one.get("cures", [])]
    rule, cures = answer("192.0.2.21")
    ok(rule == "check_goodrcptto" and
       not any("relay allow" in c for c in cures),
       "a recipient of our own domain, in capitals", (rule, cures))
    rule, cures = answer("192.0.2.22")
    ok("smemail lists remove badhelo bad.example" in cures,
       "the entry that decided, not as the client wrote it", (rule, cures))
    rule, cures = answer("192.0.2.23")
    ok("smemail pairs remove @evil.test anna@acme.test" in cures,
       "the pair that decided is one of a domain", (rule, cures))


def by_plugin(root, logs, messages):
    """One refused message of each plugin: the setting that decided."""
    done = set()
    for m in messages:
        plugin = m.get("plugin", "").split(":", 1)[0] \
            if m.get("plugin", "").startswith("naughty") else m.get("plugin")
        if m.get("verdict") != "denied" or plugin in done or \
                plugin not in SETTINGS:
            continue
        done.add(plugin)
        got = rows(smemail("--root", root, "why", "--json", "--logs", logs,
                           m["logterse"]))
        mine = [g for g in got if g["rule"] == plugin]
        name = mine and mine[0]["setting"] and mine[0]["setting"]["name"]
        ok(name == SETTINGS[plugin],
           "%s is explained by %s" % (plugin, SETTINGS[plugin]),
           "%s %s" % (name, m["logterse"]))
    ok(len(done) >= 8, "enough plugins were met", done)


def held_back(root, logs, word, between):
    """The lines of why into a pipe that holds one write, so that it stands
    still behind its first rows while 'between' runs."""
    end, begin = os.pipe2(os.O_DIRECT)
    fcntl.fcntl(begin, fcntl.F_SETPIPE_SZ, 4096)
    asked = subprocess.Popen([SMEMAIL, "--root", root, "why", "--logs", logs,
                              word], stdout=begin, stderr=subprocess.DEVNULL)
    os.close(begin)
    first = os.read(end, 4096)
    between()
    rest = iter(lambda: os.read(end, 4096), b"")
    lines = b"".join([first, *rest]).decode().splitlines()
    os.close(end)
    asked.wait(timeout=120)
    return lines


def streamed(root, folder, logs, word, rows_wanted):
    """LG-48: rows come before older logs are joined, in their final order."""
    lines = held_back(root, logs, word, lambda: None)
    times = [re.search(r"\d+ Nov 2017 [\d:]+", line) for line in lines[:-1]]
    times = [found and found.group() for found in times]
    ok(lines[-1] == "%d messages" % rows_wanted and
       len(lines) == rows_wanted + 1 and
       [int(line.split()[0]) for line in lines[:-1]] ==
       list(range(1, rows_wanted + 1)),
       "a list counts its rows and ends with their number", lines[-3:])
    ok(times == sorted(times, reverse=True), "the newest first", times)
    copy = folder + "/streamed"
    shutil.copytree(logs, copy)

    def empty_old():
        for path in glob.glob(copy + "/*/@*"):
            os.truncate(path, 0)
    lines = held_back(root, copy, word, empty_old)
    ok(2 <= len(lines) < rows_wanted,
       "the newest are printed before older logs are joined",
       "%d of %d" % (len(lines), rows_wanted))


def main():
    folder = tempfile.mkdtemp(prefix="smemail-why.")
    try:
        root, logs = folder + "/root", folder + "/logs"
        smemail("init", "--root", root, "--domain", "acme.test", "--user",
                "anna")
        subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", logs,
                        "--messages", "1500", "--seed", "4", "--days", "1",
                        "--rotate-size", "400k", "--restarts", "1"],
                       check=True)
        with open(logs + "/messages.ndjson") as f:
            messages = [json.loads(line) for line in f]
        by_message_id(root, logs, messages)
        clock_set_back(root, folder)
        in_any_case(root, folder)
        mistyped(root, logs)
        by_plugin(root, logs, messages)

        refused = next(m for m in messages if m.get("plugin") ==
                       "spamassassin" and m.get("mid", "<>") != "<>")
        got = smemail("--root", root, "why", "--logs", logs, refused["mid"])
        ok(got.returncode == 0 and got.stdout.startswith("refused   ") and
           "after DATA, by spamassassin" in got.stdout,
           "the answer comes first", got.stdout + got.stderr)
        ok("reason    score " in got.stdout and
           "setting   spam.reject-level" in got.stdout and
           "smemail lists add whitelist_from" in got.stdout,
           "reason, setting and what would change it", got.stdout)

        smemail("--root", root, "set", "spam.sensitivity=custom",
                "spam.reject-level=9")
        got = rows(smemail("--root", root, "why", "--json", "--logs", logs,
                           refused["mid"]))
        setting = got and got[0]["setting"] or {}
        ok(setting.get("value") == "9" and setting.get("old") == "0" and
           setting.get("since"), "the setting's last change is told", setting)

        bounce = "Hi. This is the qmail-send program at acme.test.\n" \
            "<hugo@far.invalid>:\nMessage-ID: %s\n" % refused["mid"]
        got = rows(smemail("--root", root, "why", "--json", "--logs", logs,
                           bounce))
        ok(len(got) == 1 and got[0]["message_id"] in (None, refused["mid"])
           and got[0]["verdict"] == "refused",
           "a pasted bounce is found by its Message-ID", got)

        local = "anna.adler@acme.test"
        many = rows(smemail("--root", root, "why", "--json", "--logs", logs,
                            local))
        truth = [m for m in messages
                 if local in m.get("rcpts", []) or m.get("sender") == local]
        times = [g["time"] for g in many]
        ok(len(many) >= 0.9 * min(len(truth), 200) and
           times == sorted(times, reverse=True),
           "all messages of an address (%d), the newest first" % len(many),
           "%d of %d" % (len(many), len(truth)))
        streamed(root, folder, logs, local, len(many))
        got = smemail("--root", root, "why", "--logs", logs, local, "--pick",
                      "2")
        ok(got.returncode == 0 and "from      " in got.stdout,
           "LG-44 --pick shows one of several")
        got = smemail("--root", root, "why", "--logs", logs, local, "--pick",
                      "0")
        ok(got.returncode == 2, "--pick 0 is refused", got.stderr)

        got = smemail("--root", root, "why", "--logs", logs, "no@such.test")
        ok(got.returncode == 1 and got.stdout == "" and
           "which reach back to 2017-11-27" in got.stderr,
           "nothing found: exit 1, and how far back the logs reach",
           got.stderr)
        got = smemail("--root", root, "why", "--logs", logs,
                      "\x1b[31m\x07" + "x" * 20000)
        ok(got.returncode == 1 and "\x1b" not in got.stdout + got.stderr,
           "hostile words are shown escaped", got.stderr[:200])
        got = smemail("--root", root, "why", "--logs", folder + "/none", "x")
        ok(got.returncode in (1, 100) and got.stderr != "",
           "no logs: said so", got.stderr)
    finally:
        shutil.rmtree(folder)
    print("1..%d" % n)


main()
