#!/usr/bin/env python3
"""smemail rehearse: the daemon's own decisions, and nothing else happens.

Each case is asked of the rehearsal and of a daemon with the same
configuration, whose answer must be the same."""
import email.utils
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
import filterd  # noqa: E402
from lib_zone import SMEMAIL, Zone  # noqa: E402

NAMES = {
    "9.0.0.127.in-addr.arpa": {"PTR": ["client.peer.example"]},
    "out.example": {"MX": [[10, "mx.out.example"]]},
    "mx.out.example": {"A": ["203.0.113.5"]},
    "8.0.0.127.bl.example": {"A": ["127.0.0.2"], "TXT": ["listed"]},
    "slow.example": {"_rcode": "SERVFAIL"},
}
FILES = {
    "plugins": "logging/logterse\nhosts_allow\nearlytalker\n"
               "whitelist\ndnsbl reject naughty reject_type disconnect\nrelay\n"
               "helo policy lenient reject naughty\nresolvable_fromhost\n"
               "badmailfrom\nheaders require From,Date\n"
               "naughty\nrcpt_ok\nqueue/maildir @MAILDIR@",
    "badmailfrom": "spam@out.example",
    "relayclients": "127.0.0.5",
    "whitelisthosts": "127.0.0.4",
    "dnsbl_zones": "bl.example",
    "databytes": "5000",
    "loglevel": "1",  # of the daemon; a rehearsal tells all the same
}
GOOD = "From: a@out.example\nDate: Mon, 02 Mar 2020 10:00:00 +0000\n\n.x\n"
# client, HELO, sender, recipient, message; code, plugin, setting
CASES = (
    ("127.0.0.9", "a.example", "a@out.example", "b@local.example", GOOD,
     250, None, None),
    ("127.0.0.9", "a.example", "", "b@local.example", GOOD, 250, None, None),
    ("127.0.0.9", "localhost.example", "spam@out.example", "b@local.example",
     GOOD, 550, "badmailfrom", "lists.badmailfrom"),
    ("127.0.0.9", "192.0.2.1", "a@out.example", "b@local.example", GOOD,
     550, "naughty", "filter.helo-policy"),
    ("127.0.0.8", "a.example", "a@out.example", "b@local.example", GOOD,
     550, "naughty", "rbl.dns-zones"),
    ("127.0.0.9", "a.example", "a@gone.example", "b@local.example", GOOD,
     450, "resolvable_fromhost", None),
    ("127.0.0.9", "a.example", "a@slow.example", "b@local.example", GOOD,
     450, "resolvable_fromhost", None),
    ("127.0.0.9", "a.example", "a@out.example", "b@else.example", GOOD,
     550, "rcpt_ok", "relay.require-auth"),
    ("127.0.0.5", "a.example", "a@gone.example", "b@else.example", GOOD,
     250, None, None),
    ("127.0.0.9", "a.example", "a@out.example", "b@local.example",
     "From: a@out.example\n\nx\n", 552, "headers", None),
    ("127.0.0.9", "a.example", "a@out.example", "b@local.example",
     GOOD + "y" * 6000 + "\n", 552, "core", None),
    ("127.0.0.9", "a.example", "a@out.example", "b@local.example",
     GOOD + "n\0l\n", 550, "core", None),
    ("127.0.0.9", "a b", "a@out.example", "b@local.example", GOOD,
     250, None, None),
    ("127.0.0.9", "a.example", "no bracket", "b@local.example", GOOD,
     501, None, None),
)


def real(daemon, client, helo, sender, rcpt, text):
    """What the daemon answers; the reply that decides."""
    peer = daemon.connect(client)
    reply = peer.reply()
    lines = ["EHLO " + helo, "MAIL FROM:<%s>" % sender,
             "RCPT TO:<%s>" % rcpt, "DATA"]
    for line in lines:
        if reply[0] < 400:
            reply = peer.ask(line)
    if reply[0] == 354:
        body = "".join(("." if x.startswith(".") else "") + x + "\r\n"
                       for x in text.split("\n")[:-1])
        peer.send(body + ".\r\n")
        reply = peer.reply()
    peer.close()
    return reply


def rehearse(daemon, dns, case, *more, text=None):
    client, helo, sender, rcpt = case[:4]
    done = subprocess.run(
        [SMEMAIL, "rehearse", "--config", daemon.config, "--dns", dns,
         "--from-ip", client, "--helo", helo, "--mail-from", sender, "--rcpt",
         rcpt, *more], text=True, input=text, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=dict(os.environ, SMEMAIL_ROOT=daemon.folder))
    return done.returncode, done.stdout, done.stderr


def as_the_daemon(tap, daemon, dns):
    for case in CASES:
        what = " ".join(case[:4])
        code, text = real(daemon, *case[:5])
        status, out, err = rehearse(
            daemon, dns, case, "--json", "-", text=case[4])
        view = json.loads(out) if out else {}
        same = view.get("reply", "").split(" ", 1)[0] == str(code)
        if code != 250:
            same = same and view["reply"] == text
        tap.ok(same and code == case[5], "%s: as the daemon, %d" %
               (what, case[5]), (code, text, status, out, err))
        wanted = 0 if code < 400 else 111 if code < 500 else 1
        tap.ok(status == wanted, "%s: exit status %d" % (what, wanted),
               status)
        denials = [s["plugin"] for s in view.get("steps", [])
                   if s["result"] in ("refused", "deferred")]
        tap.ok((denials or [None])[-1] == case[6],
               "%s: decided by %s" % (what, case[6]), out)
        if case[7]:
            tap.ok(view.get("setting") == case[7], "%s: by setting %s" %
                   (what, case[7]), view.get("setting"))


# A list of nearly all plugins, and sessions that end at each of them.
RICH_NAMES = dict(NAMES, **{
    "client.peer.example": {"A": ["127.0.0.9"]},
    "7.0.0.127.in-addr.arpa": {"PTR": ["client.peer.example"]},
    "8.0.0.127.in-addr.arpa": {"PTR": ["client.peer.example"]},
    "good.helo.example": {"A": ["127.0.0.9"]},
    "spf.example": {"A": ["203.0.113.9"], "TXT": ["v=spf1 -all"]},
    "null.example": {"MX": [[0, "."]]},
    "rh.example": {"A": ["203.0.113.9"]},
    "rh.example.rhs.example": {"A": ["127.0.0.2"], "TXT": ["sends spam"]},
})
RICH = {
    "plugins": "hosts_allow\npeers\ntls cert cert cert",
    "peers/0": "fcrdns\nwhitelist\ndnsbl reject naughty reject_type "
               "disconnect\nrelay\nresolvable_fromhost\n"
               "headers require From,Date past 30\nrhsbl\nbadmailfrom\n"
               "badmailfromto\nsender_permitted_from reject 3\nbadrcptto\n"
               "helo policy rfc\nnaughty\ncheck_goodrcptto extn -\n"
               "rcpt_ok\nloop 5\nqueue/maildir @MAILDIR@",
    "peers/local": "relay\nbadmailfrom\nrcpt_ok\nqueue/maildir @MAILDIR@",
    "peers/127.0.1": "relay only 1\nqueue/maildir @MAILDIR@",
    "hosts_allow": "127.0.0.66 DENY go away\n127.0.0.67 DENYSOFT later",
    "relayclients": "127.0.1.5\n127.0.0.3",
    "whitelisthosts": "127.0.0.4",
    "whitelistsenders": "friend@nowhere.example",
    "whitelistrcpt": "open@local.example\nopen@else.example",
    "badmailfrom": "^bulk.*@ no bulk",
    "badmailfromto": "a@out.example not@local.example",
    "badrcptto": "bad@local.example closed for mail",
    "badhelo": "^dsl-",
    "goodrcptto": "b@local.example\nnot@local.example\nbad@local.example",
    "dnsbl_zones": "bl.example", "rhsbl_zones": "rhs.example",
    "loglevel": "6",
}
LATE = "From: a@out.example\nDate: %s\n\nx\n" % email.utils.formatdate()
HELO, A, B = "good.helo.example", "a@out.example", "b@local.example"
HOPS = "Received: x\nDelivered-To: y\n" * 2
RICH_CASES = (
    ("127.0.0.9", HELO, A, B, LATE, 250),
    ("127.0.0.66", HELO, A, B, LATE, 550),
    ("127.0.0.67", HELO, A, B, LATE, 421),
    ("127.0.0.9", "dsl-1.example", A, B, LATE, 550),
    ("127.0.0.9", "nodot", A, B, LATE, 550),
    ("127.0.0.9", "gone.example", A, B, LATE, 550),
    ("127.0.0.44", HELO, A, B, LATE, 550),
    ("127.0.0.8", HELO, A, B, LATE, 550),
    ("127.0.0.8", HELO, A, "postmaster", LATE, 250),
    # FL-98: at the end of the text the mark counts in any case
    ("127.0.0.8", HELO, A, "open@local.example", LATE, 552),
    ("127.0.0.9", HELO, "bulk1@out.example", B, LATE, 550),
    ("127.0.0.9", HELO, "a@null.example", B, LATE, 550),
    ("127.0.0.9", HELO, "a@rh.example", B, LATE, 550),
    ("127.0.0.9", HELO, "a@spf.example", B, LATE, 550),
    ("127.0.0.9", HELO, "friend@nowhere.example", "bad@local.example", LATE,
     250),
    ("127.0.0.9", HELO, A, "not@local.example", LATE, 550),
    ("127.0.0.9", HELO, A, "bad@local.example", LATE, 550),
    ("127.0.0.9", HELO, A, "nobody@local.example", LATE, 550),
    ("127.0.0.9", HELO, A, "b-x@local.example", LATE, 250),
    ("127.0.0.9", HELO, A, "open@else.example", LATE, 550),
    ("127.0.0.4", "nodot", "bulk1@out.example", B, LATE, 250),
    ("127.0.0.3", "nodot", "bulk1@out.example", "x@else.example", LATE, 250),
    ("127.0.1.5", "x", "bulk1@out.example", "x@else.example", LATE, 250),
    ("127.0.1.6", "x", A, B, LATE, 550),
    ("127.0.0.9", HELO, A, B, GOOD, 552),
    ("127.0.0.9", HELO, A, B, HOPS + LATE, 552),
    ("127.0.0.9", HELO, A, B, "From: a\rb\n\nx\n", 550),
    ("127.0.0.9", HELO, A, B, "", 552),
)
ASKED = re.compile(r"^\d+ \(([a-z_-]+)\) (\S+): (?!click)", re.M)


def rule_by_rule(tap):
    """The same reply, from the same plugins in the same order."""
    with Zone(RICH_NAMES) as zone, filterd.Daemon(
            RICH, env={"SMEMAIL_DNS": zone.dns}) as daemon:
        for case in RICH_CASES:
            before = len(daemon.log())
            code, text = real(daemon, *case[:5])
            out = rehearse(daemon, zone.dns, case, "--json", "-",
                           text=case[4])[1]
            view = json.loads(out)
            steps = [(s["phase"], s["plugin"]) for s in view["steps"]]
            asked = [a for a in ASKED.findall(daemon.log()[before:])
                     if a[0] != "post-connection"]
            tap.ok(code == case[5] and view["reply"].startswith(str(code)) and
                   (code == 250 or view["reply"] == text) and
                   [s for s in steps if s in asked] == asked,
                   "%s: %d, step by step" % (" ".join(case[:4]), case[5]),
                   (code, text, view["reply"], asked, steps))


def spared(tap, daemon, dns):
    """FL-3: what an immune client is spared is told, and why."""
    for client, why in (("127.0.0.5", "relay client"),
                        ("127.0.0.4", "whitelisted host")):
        out = rehearse(daemon, dns, (client, "192.0.2.1", "spam@out.example",
                                     "b@local.example"), "--json")[1]
        steps = {s["plugin"]: (s["result"], s["text"])
                 for s in json.loads(out)["steps"] if s["phase"] != "connect"}
        tap.ok(all(steps.get(p) == ("skip", why) for p in (
            "helo", "resolvable_fromhost", "badmailfrom", "headers")),
            "a %s is spared plugins" % why, out)
    out = rehearse(daemon, dns, ("127.0.0.9", "192.0.2.1", "a@out.example",
                                 "b@local.example"), "--json")[1]
    steps = {s["plugin"]: (s["result"], s["text"])
             for s in json.loads(out)["steps"]}
    tap.ok(steps["helo"] == ("marked", "plain IP"),
           "what is kept for later is told", out)


def nothing_happens(tap, daemon, dns, before):
    tap.ok(len(daemon.messages()) == before,
           "nothing was delivered by a rehearsal", len(daemon.messages()))
    case = CASES[0]
    status, out, err = rehearse(daemon, dns, case)
    tap.ok(status == 0 and "would be queued" in out and
           "answer   250 2.0.0" in out and
           "nothing sent, stored or learned" in err,
           "a small message of its own, told in words", out + err)
    tap.ok("earlytalker" in out and "not spontaneous" in out,
           "FL-45: a client of a rehearsal waits its turn", out)
    status, out, err = rehearse(daemon, dns, case, "--no-dns")
    tap.ok(status == 111 and "4.4.3" in out, "without the DNS", out + err)
    with tempfile.NamedTemporaryFile("w", suffix=".eml") as f:
        f.write(GOOD)
        f.flush()
        status, out, err = rehearse(daemon, dns, case, f.name)
    tap.ok(status == 0, "a message from a file", out + err)


def roles(tap):
    """FL-79, FL-82, FL-181: ports, and what a login changes."""
    files = {
        "plugins": "peers\ntls cert cert cert",
        "peers/0": "tls cert cert cert\nauth/auth_flat_file\n"
                   "badmailfrom\nrcpt_ok\nqueue/maildir @MAILDIR@",
        "peers/local": "tls cert cert cert\nauth/auth_flat_file\nrcpt_ok\n"
                       "queue/maildir @MAILDIR@",
        "badmailfrom": "spam@out.example",
    }
    daemon = filterd.Daemon(files)
    case = ("127.0.0.9", "a.example", "spam@out.example", "b@else.example")

    def go(*words):
        return rehearse(daemon, "127.0.0.9:1", case, "--no-dns", *words)
    status, out, _ = go()
    tap.ok(status == 1 and "answer   550" in out, "a stranger is refused",
           out)
    status, out, _ = go("--user", "anna@local.example")
    tap.ok(status == 0 and "badmailfrom" not in out,
           "FL-82, FL-181: who logs in goes on under peers/local", out)
    for port, user, wanted, said in (
            ("587", None, 1, "530 5.7.0"), ("587", "anna@x.example", 0, "250"),
            ("465", "anna@x.example", 0, "250"), ("465", None, 1, "550")):
        words = ["--port", port] + (["--user", user] if user else [])
        status, out, err = go(*words)
        tap.ok(status == wanted and "answer   " + said in out,
               "port %s, %s: %s" % (port, user or "no login", said),
               out + err)
    shutil.rmtree(daemon.folder)


def told_rightly(tap):
    """A row for each recipient; no setting where none is behind it."""
    daemon = filterd.Daemon({
        "plugins": "headers require From,Date past 30\n"
                   "check_goodrcptto extn -\nnaughty\nrcpt_ok\n"
                   "queue/maildir @MAILDIR@", "goodrcptto": "b@local.example"})
    case = ("203.0.113.9", "a.example", "a@out.example", "b@local.example")

    def go(text, *words):
        return rehearse(daemon, "127.0.0.9:1", case, "--no-dns", *words, "-",
                        text=text)[1]
    out = go(GOOD, "--rcpt", "no@local.example")
    rows = [line.split()[1:4] for line in out.splitlines()
            if line.startswith("rcpt ")]
    tap.ok(rows == [["1", "check_goodrcptto", "pass"],
                    ["1", "naughty", "pass"], ["1", "rcpt_ok", "taken"],
                    ["2", "check_goodrcptto", "refused"],
                    ["1", "b@local.example:", "250"],
                    ["2", "no@local.example:", "550"]],
           "a row for each that spoke, of each recipient, and its answer", out)
    told = json.loads(go(GOOD, "--rcpt", "no@local.example", "--json"))
    tap.ok([(r["rcpt"], r["reply"][:3]) for r in told["recipients"]] ==
           [("b@local.example", "250"), ("no@local.example", "550")] and
           [s["rcpt"] for s in told["steps"] if s["phase"] == "rcpt" and
            s["result"] == "refused"] == ["no@local.example"] and
           told["steps"][0]["rcpt"] is None,
           "in JSON too", told)
    late = "Date: Mon, 01 Jan 2001 00:00:00 +0000\n"
    for text, setting in (("From: a\n\nx\n", None), ("", None),
                          ("From: a\nFrom: a\n" + late.replace("2001", "2999")
                           + "\nx\n", None),
                          ("From: a\n" + late + "\nx\n",
                           "filter.max-date-offset")):
        out = go(text)
        tap.ok("answer   552" in out and
               ("\nsetting  %s\n" % setting in out if setting else
                "\nsetting" not in out),
               "%r: the setting is %s" % (text[:20], setting), out)
    shutil.rmtree(daemon.folder)


def other_names(tap, daemon):
    """--client, --from and --to are --from-ip, --mail-from and --rcpt."""
    env = dict(os.environ, SMEMAIL_ROOT=daemon.folder)

    def answer(*words):
        done = subprocess.run(
            [SMEMAIL, "rehearse", "--json", "--config", daemon.config,
             "--no-dns", *words], text=True, check=False, env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        view = json.loads(done.stdout)
        return done.returncode, view["reply"], [
            (s["plugin"], s["result"]) for s in view["steps"]]
    values = ["127.0.0.9", "spam@out.example", "b@local.example"]

    def words(*names):
        return [w for pair in zip(names, values) for w in pair]
    first = answer(*words("--from-ip", "--mail-from", "--rcpt"))
    tap.ok(first == answer(*words("--client", "--from", "--to")),
           "by their other names options do the same", first)
    tap.ok(answer(*words("--client", "--from", "--to"), "--to=c@x.example") ==
           answer(*words("--from-ip", "--mail-from", "--rcpt"),
                  "--rcpt=c@x.example"), "mixed and given again too")


def wrong_use(tap, daemon, dns):
    base = [SMEMAIL, "rehearse", "--config", daemon.config, "--dns", dns]
    rcpt = ["--rcpt", "b@local.example"]
    for what, words, status, said in (
            ("no client", rcpt, 2, "--from-ip"),
            ("a client that is none", ["--from-ip", "1.2.3"] + rcpt, 2,
             "not an IP address"),
            ("no recipient", ["--from-ip", "127.0.0.9"], 2, "--rcpt"),
            ("a port that is none", ["--from-ip", "127.0.0.9", "--port",
                                     "99999"] + rcpt, 2, "99999"),
            ("a port of another service", ["--from-ip", "127.0.0.9",
                                           "--port", "110"] + rcpt, 2,
             "25, 465 or 587"),
            ("a line end in the user", ["--from-ip", "127.0.0.9", "--user",
                                        "a\r\nRSET"] + rcpt, 2, "control"),
            ("a line end in HELO", ["--from-ip", "127.0.0.9", "--helo",
                                    "a\r\nRSET"] + rcpt, 2, "control"),
            ("a file that is not there", ["--from-ip", "127.0.0.9"] + rcpt +
             ["/nowhere/x.eml"], None, "/nowhere/x.eml"),
            ("two configurations", ["--from-ip", "127.0.0.9", "--with",
                                    "draft"] + rcpt, 2, "--config"),
            ("no configuration", ["--config", "/nowhere", "--from-ip",
                                  "127.0.0.9"] + rcpt, None, "/nowhere")):
        done = subprocess.run(base + words, text=True, check=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=dict(os.environ,
                                       SMEMAIL_ROOT=daemon.folder))
        good = done.returncode == status if status else done.returncode > 1
        tap.ok(good and said in done.stderr, what,
               (done.returncode, done.stdout, done.stderr))


def smemail(root, *words, **more):
    env = dict(os.environ, SMEMAIL_ROOT=root, LC_ALL="C.UTF-8")
    return subprocess.run([SMEMAIL, *words], text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=dict(env, **more))


def with_other_settings(tap):
    """--with: the same under what the templates would make of a setting."""
    with tempfile.TemporaryDirectory(prefix="rehearse.") as folder:
        root, scratch = folder + "/root", folder + "/scratch"
        os.mkdir(scratch)
        smemail(root, "init")
        before = smemail(root, "plan").stdout
        words = ["rehearse", "--no-dns", "--from-ip", "203.0.113.9", "--helo",
                 "short", "--mail-from", "a@b.example", "--rcpt",
                 "postmaster@example.test"]
        done = smemail(root, *words, "--with", "filter.helo-policy=rfc",
                       "--json", TMPDIR=scratch)
        view = json.loads(done.stdout)
        rows = {(x["phase"], x["plugin"]): x for x in view["compared"]}
        tap.ok(done.returncode == 0 and view["verdict"] == "accepted" and
               view["verdict_with"] == "refused" and
               view["reply_with"].startswith("550 ") and
               view["because"] == "filter.helo-policy rfc",
               "--with: both verdicts, and what makes the difference",
               done.stdout + done.stderr)
        helo = rows.get(("helo", "helo"), {})
        tap.ok(helo.get("now") == "pass" and helo.get("with") == "marked",
               "FL-50: compared[] has both results of a plugin", helo)
        queue = [x for x in view["compared"] if x["phase"] == "queue"]
        tap.ok(queue and queue[0]["now"] == "taken" and
               queue[0]["with"] is None,
               "a plugin that is not asked is null", queue)
        tap.ok(isinstance(view["budget_ms"], int), "budget_ms", view)
        done = smemail(root, *words, "--with", "filter.helo-policy=rfc")
        tap.ok("helo " in done.stdout and
               re.search(r"^helo +helo +\d+ +pass +marked: ", done.stdout,
                         re.M) and
               re.search(r"^now +250 ", done.stdout, re.M) and
               re.search(r"^with +550 ", done.stdout, re.M) and
               "because  filter.helo-policy rfc\n" in done.stdout,
               "--with as text: a second column", done.stdout)
        done = smemail(root, *words, "--with", "filter.max-load=7", "--with",
                       "filter.helo-policy=rfc")
        tap.ok("because  filter.helo-policy rfc\n" in done.stdout,
               "of two settings the one behind the refusal is named",
               done.stdout)
        done = smemail(root, *words, "--with", "filter.max-load=7", "--json")
        view = json.loads(done.stdout)
        tap.ok(view["verdict_with"] == "accepted",
               "a setting that does not matter here", done.stdout)
        done = smemail(root, *words, "--json")
        view = json.loads(done.stdout)
        tap.ok(view["compared"] == [] and view["verdict_with"] is None and
               view["reply_with"] is None, "without --with: null", view)
        for what, word, said in (
                ("no such setting", "filter.nothing=1", "unknown setting"),
                ("no value", "filter.helo-policy", "no '=VALUE'"),
                ("a value that is none", "filter.helo-policy=x", "'x' is not"),
                ("a setting of entries", "lists.badmailfrom=Black",
                 "--with draft")):
            done = smemail(root, *words, "--with", word)
            tap.ok(done.returncode == 2 and said in done.stderr,
                   "--with: " + what, done.stderr)
        tap.ok(os.listdir(scratch) == [] and
               smemail(root, "plan").stdout == before,
               "nothing is left, and nothing stored")


def main():
    tap = filterd.Tap()
    with Zone(NAMES) as zone, filterd.Daemon(
            FILES, env={"SMEMAIL_DNS": zone.dns}) as daemon:
        as_the_daemon(tap, daemon, zone.dns)
        before = len(daemon.messages())
        nothing_happens(tap, daemon, zone.dns, before)
        spared(tap, daemon, zone.dns)
        wrong_use(tap, daemon, zone.dns)
        other_names(tap, daemon)
    rule_by_rule(tap)
    roles(tap)
    told_rightly(tap)
    with_other_settings(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
