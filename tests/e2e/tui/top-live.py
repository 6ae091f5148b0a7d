#!/usr/bin/env python3
"""top: sessions now, what was refused by what, plugins (4.20, issue 4.7)."""
import json
import os
import sys
import time
sys.dont_write_bytecode = True

from tui import Pty, Root, Screen, done, point  # noqa: E402

TAI0 = 0x4000000000000000 + 10
root = Root(("system.domain-name=example.com",))
logs = root.path + "/var/log"


def put(service, ago, text):
    """One line, so many seconds old."""
    os.makedirs(logs + "/" + service, exist_ok=True)
    at = time.time() - ago
    with open(logs + "/" + service + "/current", "a", encoding="utf-8") as f:
        f.write("@%x%08x %s\n" % (TAI0 + int(at), int(at % 1 * 1e9), text))


def qp(ago, pid, text):
    put("qpsmtpd", ago, "%d %s" % (pid, text))


def begin(ago, pid, ip, host="Unknown"):
    qp(ago, pid, "Accepted connection 1/40 from %s / %s" % (ip, host))
    qp(ago, pid, "Connection from %s [%s]" % (host, ip))


def terse(ago, pid, ip, rule, score=""):
    fields = [ip, "h", "helo", "<a@b.test>", "<c@d.test>", rule, "901", "no",
              "msg denied before queued"]
    if score:
        fields[-1] = "Yes, score=%s required=5.0" % score
    qp(ago, pid, "(deny) logging::logterse: ` " + "\t".join(fields))


def top(*words):
    return root.smemail("top", "--once", *words)


r = top()
point(r.returncode == 0 and "the logs say nothing" in r.stderr,
      "silent logs are told", r.stderr)
begin(400, 90, "203.0.113.1")                      # before the window
terse(399, 90, "203.0.113.1", "karma")
qp(399, 90, "click, disconnecting")
for i in range(3):
    begin(100, 100 + i, "203.0.113.%d" % i)
    qp(99.5, 100 + i, "(connect) dnsbl: fail, NAUGHTY")
    terse(99, 100 + i, "203.0.113.%d" % i, "dnsbl")
    qp(98, 100 + i, "click, disconnecting")
    qp(98, 100 + i, "(post-connection) connection_time: 2 s.")
    qp(97, 7, "cleaning up after %d" % (100 + i))
terse(50, 80, "192.0.2.3", "naughty", "18.4")
terse(49, 81, "192.0.2.3", "dnsbl", "-1.4")
begin(30, 200, "198.51.100.77", "mx1.supplier.test")
qp(29.8, 200, "(connect) check_badcountries: GeoIP Country: DE")
qp(29.7, 200, "220 mail.example.com ESMTP")
qp(20, 200, "dispatching EHLO mx1.supplier.test")
qp(19.9, 200, "250-mail.example.com")
qp(19, 200, "dispatching MAIL FROM:<inv@supplier.test>")
qp(18, 200, "250 ok")
qp(17, 200, "dispatching RCPT TO:<x@example.com>")
qp(16.5, 200, "550-no")
qp(16.5, 200, "550 such user")
qp(16, 200, "dispatching RCPT TO:<anna@example.com>")
qp(15, 200, "250 ok")
qp(14, 200, "dispatching DATA")
qp(13, 200, "354 go ahead")
qp(9, 200, "spooling message to disk")
qp(8, 200, "(data_post) headers: pass")
begin(5, 201, "192.0.2.9")
qp(4, 201, "220 mail.example.com ESMTP")
qp(3, 55, "click, disconnecting")                   # never seen to begin
put("qmail", 3, "status: local 1/10 remote 2/20")
put("spamd", 3, "Nov 22 04:51:15.711 [3] info: prefork: child states: BIB")

r = top("--json")
v = json.loads(r.stdout)
point(v["schema"] == "smemail.top/1" and v["sessions"] == 2 and
      v["sessions_max"] == 40, "sessions begun and not ended", r.stdout)
point([s["pid"] for s in v["rows"]] == [200, 201], "longest wait first")
s = v["rows"][0]
point((s["ip"], s["name"], s["helo"], s["country"]) ==
      ("198.51.100.77", "mx1.supplier.test", "mx1.supplier.test", "DE"),
      "who it is", s)
point((s["phase"], s["turn"], s["last_plugin"], s["accepted"], s["refused"],
       s["from"], s["to"]) ==
      ("data", "filter", "headers", 0, 1, "inv@supplier.test",
       "anna@example.com"), "what it does, a reply of two lines counts once",
      s)
point(8 <= s["wait_s"] <= 20 and 30 <= s["age_s"] <= 42, "since when", s)
point(v["rows"][1]["turn"] == "client" and v["rows"][1]["phase"] == "connect",
      "the client's turn")
point(v["connections"]["count"] == 5 and v["refused"]["count"] == 5 and
      v["by_rule"] == {"dnsbl": 4, "naughty": 1},
      "what lies before the window does not count", v)
point(v["connections"]["last_minute"] == 2, "a minute", v["connections"])
point(v["scores"] == {"count": 2, "mean": 8.5, "highest": 18.4}, "scores",
      v["scores"])
plugins = {p["name"]: p for p in v["plugins"]}
point(set(plugins) == {"dnsbl", "check_badcountries"} and
      abs(plugins["dnsbl"]["mean_s"] - 0.5) < 0.05,
      "a plugin's time; the client's and the message's way in are none",
      plugins)
point((v["spamd_children"], v["spamd_busy"]) == (3, 2) and
      v["deliveries"]["remote"] == 2, "spamd and qmail")
mess = root.path + "/var/qmail/queue/mess/3"
for part in ("mess/3", "local/3", "remote/3"):
    os.makedirs(root.path + "/var/qmail/queue/" + part)
for number in ("1001", "1024"):
    with open(mess + "/" + number, "w", encoding="ascii") as f:
        f.write("x")
    os.utime(mess + "/" + number, (time.time() - 7300,) * 2)
q = json.loads(top("--json").stdout)["queue"]
point(q["messages"] == 2 and 7300 <= q["oldest_s"] <= 7330, "the queue", q)
r = top()
point("queue     2 messages (local 0, remote 0), oldest 2 h 1 min;" in r.stdout
      and "refused   dnsbl 4, naughty 1\n" in r.stdout and
      "SESSION" in r.stdout, "as text", r.stdout)
r = root.run("top", "--once", "--json", "--logs", logs)
point(json.loads(r.stdout)["sessions"] == 2, "--logs DIR, without a root")
r = root.smemail("top", "--once", LC_ALL="fr_FR.UTF-8", LANGUAGE="fr")
point("le plus ancien 2 h 1 min" in r.stdout, "in French", r.stdout)
pty = Pty(root, words=("top", "--once"), width=40, height=10)
pty.wait(b"figures of")
lines = pty.seen.decode().replace("\r", "").split("\n")
lines = lines[:next(i for i, l in enumerate(lines) if "SESSION" in l)]
point(all(len(line) <= 40 for line in lines) and
      any(line.startswith("          ") for line in lines),
      "40 columns: what is long goes on behind its label", lines)
pty.close()
r = root.smemail("top", TERM="dumb")
point(r.returncode == 2 and "top --once" in r.stderr,
      "without a terminal: what to use instead", r.stderr)

scr = Screen(root, words=("top",))
scr.expect(r"^ smemail  Top +FOLLOW", "top opens its screen")
scr.expect(r"^>  200  +198\.51\.100\.77 +DE  data +after headers",
           "the session is there")
scr.expect(r"^ refused    dnsbl 4, naughty 1$", "and what refused")
scr.expect(r"MAIL\s+inv@supplier\.test", "the row in full below")
scr.keys("Down")
scr.expect(r"^>  201 ", "the cursor goes down")
qp(0, 200, "(data_post) spamassassin: pass")
scr.expect(r"^>  201 +192\.0\.2\.9 [^\n]*\n   200 ",
           "and stays with its session when the order changes")
qp(0, 200, "250 ok")
begin(0, 300, "\x1b[31m192.0.2.1")
qp(0, 300, "dispatching MAIL FROM:<\x1b]0;EVIL\x07@b.test>")
scr.expect(r"\\x1b\[31m192\.0\.2\. .*\\x1b\]0", "a new session comes; its bytes do no harm")
scr.keys("f")
scr.wait(lambda lines: "FOLLOW" not in lines[0])
point("FOLLOW" not in scr.lines()[0], "f stops")
scr.resize(40, 10)
scr.expect(r"^>192\.0\.2\.9 +connect client", "at 40x10: who and what")
scr.resize(80, 24)
scr.keys("k", "g", "Enter")
scr.expect(r"^ = smemail log show qpsmtpd pid:\d+ --from @\d+$",
           "Enter: what was said so far")
scr.keys("q", "q", "9")
scr.expect(r"1  Top ", "9: the tools, top among them")
scr.keys("1")
scr.expect(r"^ smemail  Top ", "and there it is")
scr.keys("Q")
scr.ended(0, "Q leads out")
scr.close()
root.remove()
done()
