#!/usr/bin/env python3
"""spf query: the options of both programs called spfquery (F161)."""
import json
import os
import subprocess
import tempfile

import lib_zone

ZONE = {
    "good.example": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all exp=e.good.example"]},
    "e.good.example": {"TXT": ["%{i} may not"]},
    "soft.example": {"TXT": ["v=spf1 a:a.soft.example ~all"],
                     "A": ["192.0.2.9"]},
    "a.soft.example": {"A": ["192.0.2.9"]},
    "red.example": {"TXT": ["v=spf1 redirect=soft.example"]},
    "eleven.example": {"TXT": ["v=spf1 " + "a:a.soft.example " * 11 + "-all"]},
    "bare.example": {"A": ["192.0.2.1"]},
    "sub.wild.example": {"TXT": ["v=spf1 -all"]},
    "home.example": {"MX": [[10, "mx2.home.example"]]},
    "mx2.home.example": {"A": ["203.0.113.2"]},
    "dead.example": {"_rcode": "SERVFAIL"},
}

HERE = ("-ip", "203.0.113.1", "-s", "ann@good.example")
# words -> exit status, first line, and what the rest holds
CASES = (
    (("-ip=192.0.2.1", "-sender=a@good.example", "-helo=x"), 0, "pass",
     "Received-SPF: pass (smemail: domain of good.example designates"),
    (("--ip", "192.0.2.1", "--sender", "a@good.example"), 0, "pass", ""),
    (("-i", "192.0.2.1", "-s", "a@good.example", "-h", "x"), 0, "pass", ""),
    (HERE, 1, "fail", "\n203.0.113.1 may not\n"),
    (HERE + ("-debug", "-d=2", "-debug", "1", "-sanitize", "0", "-verbose",
             "-c", "1", "-trusted", "0"), 1, "fail", ""),
    (HERE + ("-name", "mx.home.example"), 1, "fail",
     "Received-SPF: fail (mx.home.example: domain of good.example does not"),
    (("-ip", "203.0.113.1", "-s", "soft.example",
      "-default-explanation", "ask us"), 1, "softfail", "\nask us\n"),
    (("-ip", "203.0.113.1", "-s", "soft.example", "-def", "cut"), 1,
     "softfail", "\ncut\n"),
    (("-ip", "192.0.2.1", "-helo", "good.example"), 0, "pass", ""),
    # Mail::SPF
    (("--scope", "mfrom", "--identity", "a@good.example", "--ip-address",
      "192.0.2.1"), 0, "pass", "envelope-from=a@good.example"),
    (("--scope", "helo", "--id", "good.example", "--ip", "192.0.2.1",
      "--versions", "1"), 0, "pass", "helo=good.example"),
    (("-s", "helo", "--id", "good.example", "--ip", "203.0.113.1"), 1, "fail",
     ""),
    (("-v", "1,2", "--mfrom", "a@good.example", "--ip", "192.0.2.1",
      "--helo-identity", "x", "--hostname", "me"), 0, "pass", "(me: "),
    # what others would not judge so
    (HERE + ("-local", "ip4:203.0.113.1"), 0, "pass", "local policy"),
    (HERE + ("-local", "ip4:203.0.113.9"), 1, "fail", "may not"),
    (HERE + ("-local", "include:soft.example ~all"), 1, "softfail", ""),
    (("-ip", "203.0.113.1", "-s", "red.example", "-l", "ip4:203.0.113.1"), 0,
     "pass", ""),
    (("-ip", "203.0.113.1", "-s", "bare.example", "-local",
      "ip4:203.0.113.1"), 1, "none", ""),
    (("-ip", "203.0.113.1", "-s", "bare.example", "-guess",
      "v=spf1 ip4:203.0.113.1 -all"), 0, "pass", ""),
    (("-ip", "203.0.113.1", "-s", "bare.example", "-guess", "a/24 -all"), 1,
     "fail", ""),
    (HERE + ("-guess", "+all"), 1, "fail", ""),
    (HERE + ("-override", "good.example=v=spf1 ip4:203.0.113.1 -all"), 0,
     "pass", ""),
    (("-ip", "1.1.1.1", "-s", "sub.wild.example", "-override",
      "*.wild.example=v=spf1 +all"), 0, "pass", ""),
    (("-ip", "1.1.1.1", "-s", "red.example", "-override",
      "SOFT.example=v=spf1 ?all"), 1, "neutral", ""),
    (HERE + ("-fallback", "good.example=v=spf1 +all"), 1, "fail", ""),
    (("-ip", "1.1.1.1", "-s", "bare.example", "-fallback",
      "bare.example=v=spf1 +all"), 0, "pass", ""),
    (("-ip", "1.1.1.1", "-s", "dead.example", "-fallback",
      "dead.example=v=spf1 +all"), 111, "temperror", ""),
    (("-ip", "1.1.1.1", "-s", "eleven.example"), 1, "permerror", ""),
    (("-ip", "1.1.1.1", "-s", "eleven.example", "-max-lookup", "11"), 1,
     "fail", ""),
    (("-ip", "192.0.2.9", "-s", "eleven.example", "-m", "1"), 0, "pass", ""),
    (("-ip", "203.0.113.2", "-s", "a@good.example", "-rcpt-to",
      "b@other.example,c@home.example"), 0, "pass",
     "203.0.113.2 is a mail exchanger of home.example"),
    (HERE + ("-r", "c@home.example"), 1, "fail", ""),
)
BAD = (
    (("-ip", "192.0.2.1"), "needs -ip, and -sender or -helo"),
    (("-ip", "1.2.3", "-s", "a@b.example"), "is not an IP address"),
    (HERE + ("-trusted", "1"), "has closed"),
    (HERE + ("-tfwl",), "has closed"),
    (HERE + ("-scope", "pra"), "unknown scope 'pra'"),
    (HERE + ("-versions", "2"), "only records of version 1"),
    (HERE + ("-max-lookup", "0"), "not a number from 1"),
    (HERE + ("-max-lookup", "ten"), "not a number from 1"),
    (HERE + ("-local", "ip4:1.2.3"), "are wrong at 'ip4:1.2.3'"),
    (HERE + ("-guess", "al"), "are wrong at 'al'"),
    (HERE + ("-override", "v"), "is not DOMAIN=RECORD"),
    (HERE + ("-override", "=v=spf1"), "is not DOMAIN=RECORD"),
    (HERE + ("-helo",), "'-helo' needs a value"),
    (HERE + ("-nonsense",), "-nonsense"),
    (HERE + ("stray",), "does not know 'stray'"),
    (HERE + ("-file", "x"), "--file has the queries"),
    (("-file", "/nonexistent/x"), "cannot open '/nonexistent/x'"),
    (("-",), "does not know '-'"),
)


def one(z, p):
    for words, wanted, first, holds in CASES:
        status, out, err = z.run("spf", "query", *words)
        lines = out.split("\n")
        p.ok(status == wanted and lines[0] == first and len(lines) == 5 and
             lines[3].startswith("Received-SPF: " + first) and holds in out,
             " ".join(words), "%d %s%s" % (status, out, err))
    for words, holds in BAD:
        status, out, err = z.run("spf", "query", *words)
        p.ok(status in (2, 100, 111) and out == "" and holds in err,
             "refused: %s" % " ".join(words), "%d %s%s" % (status, out, err))
    status, out, _ = z.run("spf", "query", "-version")
    p.ok(status == 0 and out.startswith("smemail "), "-version", out)
    status, out, _ = z.run("spf", "query", *HERE, "--dns", z.dns, "--jsonl")
    got = json.loads(out)
    p.ok(status == 1 and got["result"] == "fail" and
         got["explanation"] == "203.0.113.1 may not",
         "options of every command may stand among them", out)


def many(z, p):
    """-file: a query a line, from a file or standard input."""
    text = ("# a comment\n\n192.0.2.1 a@good.example helo.example\n"
            "  203.0.113.1   b@good.example  \n"
            "1.2.3 c@good.example\nalone\n1.1.1.1 a b c d\n"
            + "x" * 9000 + "\n192.0.2.1 \0 a@good.example\n"
            "192.0.2.1 soft.example")
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(text)
        f.flush()
        status, out, err = z.run("spf", "query", "-f", f.name)
    first = [line for line in out.split("\n") if line in
             ("pass", "fail", "softfail")]
    p.ok(status == 1 and first == ["pass", "fail", "softfail"],
         "each line is a query, the status the worst", out + err)
    p.ok(all("line %d of " % n in err for n in (5, 6, 7, 8, 9)) and
         "line 10" not in err, "a bad line is told and left out", err)
    p.ok("# a comment" not in out, "comments are left out")
    status, out, err = z.run("spf", "query", "-f", "-", "-keep-comments",
                             stdin=text)
    p.ok(out.startswith("# a comment\n"), "-keep-comments", out)
    status, out, _ = z.run("spf", "query", "-f", "-", "--jsonl", stdin=text)
    rows = [json.loads(line) for line in out.splitlines()]
    p.ok([r["result"] for r in rows] == ["pass", "fail", "softfail"] and
         rows[0]["helo"] == "helo.example", "an object a line", out)
    status, out, _ = z.run("spf", "query", "-f", "-", "-scope", "helo",
                           stdin="192.0.2.1 good.example\n")
    p.ok(status == 0 and "helo=good.example" in out, "of HELO names", out)
    status, out, _ = z.run("spf", "query", "-f", "-", stdin="")
    p.ok(status == 0 and out == "", "an empty file has no queries", out)
    status, out, err = z.run("spf", "query", "-f", "/")
    p.ok(status not in (0, 1, 2) and "'/'" in err, "a folder is no file", err)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [lib_zone.SMEMAIL, "spf", "query", "-f", "-"], text=True,
            input="192.0.2.1 a@good.example\n" * 3, stdout=full,
            stderr=subprocess.PIPE, env=dict(os.environ, SMEMAIL_DNS=z.dns))
    p.ok(done.returncode == 111 and "left out" not in done.stderr,
         "without room for answers nothing is asked on", done.stderr)


def in_turn(z, p):
    """The answer to one line is there before the next is asked."""
    child = subprocess.Popen(
        [lib_zone.SMEMAIL, "spf", "query", "-f", "-"], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=dict(os.environ, SMEMAIL_DNS=z.dns))
    got = []
    for ip in ("192.0.2.1", "203.0.113.1"):
        child.stdin.write("%s a@good.example\n" % ip)
        child.stdin.flush()
        got.append([child.stdout.readline() for _ in range(4)][0])
    child.stdin.close()
    p.ok(got == ["pass\n", "fail\n"] and child.wait() == 1,
         "another program asks and reads in turn", got)


def main():
    p = lib_zone.Points()
    with lib_zone.Zone(ZONE, "--timeout-as", "servfail") as z:
        one(z, p)
        many(z, p)
        in_turn(z, p)
    p.end()


main()
