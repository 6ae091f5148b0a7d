#!/usr/bin/env python3
"""spf check, tree: verdicts, limits, bad input, what is told."""
import os
import sys
import tempfile

import lib_zone

sys.path.insert(0, lib_zone.TOP + "/tests/tools")
sys.dont_write_bytecode = True
from timely import in_time  # noqa: E402

ZONE = {
    "example.com": {
        "TXT": ["v=spf1 mx a include:_spf.isp.test "
                "include:spf.news.test ~all"],
        "MX": [[10, "mail.example.com"]], "A": ["203.0.113.25"]},
    "mail.example.com": {"A": ["203.0.113.25"]},
    "_spf.isp.test": {"TXT": ["v=spf1 include:_spf1.isp.test "
                              "include:_spf2.isp.test a:gone.isp.test ?all"]},
    "_spf1.isp.test": {"TXT": ["v=spf1 ip4:198.51.100.0/26 -all"]},
    "_spf2.isp.test": {"TXT": ["v=spf1 ip4:198.51.100.64/26 -all"]},
    "spf.news.test": {"TXT": ["v=spf1 a:out.news.test mx "
                              "exists:%{i}._s.news.test "
                              "include:_spf.third.test -all"],
                      "MX": [[10, "mx.news.test"]]},
    "out.news.test": {"A": ["192.0.2.10"]},
    "mx.news.test": {"A": ["192.0.2.11", "192.0.2.12"]},
    "_spf.third.test": {"TXT": ["v=spf1 -all"]},
    "good.example": {"TXT": ["v=spf1 mx exp=why.good.example -all"],
                     "MX": [[10, "mail.example.com"]]},
    "why.good.example": {"TXT": ["%{i} \x1b[2J is not ours"]},
    "evil.example": {"TXT": ["v=spf1 \x1b[31mred -all"]},
    "xn--bcher-kva.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
    "helo.example": {"TXT": ["v=spf1 a -all"], "A": ["192.0.2.7"]},
    "dead.example": {"_timeout": True},
    "big.example": {"TXT": [["v=spf1 "] + ["ip4:192.0.2.%d " % i
                                           for i in range(200)] + ["-all"]]},
    "slow.example": {"TXT": ["v=spf1 a:s1.slow.example a:s2.slow.example "
                             "a:s3.slow.example a:s4.slow.example mx -all"],
                     "MX": [[10, "s5.slow.example"]]},
}
for n in range(1, 6):
    ZONE["s%d.slow.example" % n] = {"A": ["192.0.2.%d" % n],
                                    "_delay_ms": 200}


def check(z, p):
    base = ("spf", "check", "--ip")
    status, got = z.json(*base, "203.0.113.25", "--sender", "a@good.example")
    p.ok(status == 0 and got["result"] == "pass" and got["mechanism"] == "mx"
         and got["lookups"] == 1 and got["voids"] == 0 and got["reason"],
         "pass: exit 0, result, mechanism, lookups, voids, reason", got)
    status, got = z.json(*base, "203.0.113.26", "--sender", "<a@good.example>")
    p.ok(status == 1 and got["result"] == "fail",
         "fail: exit 1; the sender may stand in angle brackets", got)
    status, out, err = z.run(*base, "203.0.113.26", "--sender",
                             "a@good.example")
    p.ok("\x1b" not in out + err, "foreign control characters are escaped")
    status, out, err = z.run(*base, "203.0.113.26", "--sender",
                             "a@evil.example")
    p.ok(status == 1 and out.startswith("permerror") and
         "\x1b" not in out + err, "also those of a record", out)
    status, got = z.json(*base, "192.0.2.1", "--sender",
                         "a@b\u00fccher.example")
    p.ok(got["result"] == "pass", "a domain beyond ASCII is asked as A-label",
         got)
    status, got = z.json(*base, "192.0.2.7", "--helo", "helo.example")
    p.ok(got["result"] == "pass" and got["identity"] == "helo",
         "without a sender the HELO name is checked", got)
    status, got = z.json(*base, "203.0.113.25", "--sender", "a@dead.example")
    p.ok(status == 111 and got["result"] == "temperror",
         "no answer: temperror, exit 111", got)
    status, got = z.json(*base, "192.0.2.199", "--sender", "a@big.example")
    p.ok(got["result"] == "pass", "a record of many strings, over TCP", got)
    status, got = z.json(*base, "192.0.2.99", "--sender", "a@x.example",
                         "--record", "v=spf1 ip4:192.0.2.0/24 -all")
    p.ok(got["result"] == "pass" and got["record"].endswith("-all"),
         "a record can be tried before it is published", got)


    def slow():
        _, got = z.json(*base, "192.0.2.99", "--sender", "a@slow.example")
        return got["result"], got["elapsed_ms"]
    got = in_time(slow, 800)
    p.ok(got[0] == "fail" and got[1] < 800,
         "questions of one record go out together", got)
    z.questions()
    z.run(*base, "203.0.113.25", "--sender", "a@good.example")
    p.ok(len(z.questions()) == 3, "asks for what it needs only")


def bad_input(z, p):
    for words, what in (
            ((), "nothing given"),
            (("--ip", "192.0.2.1"), "no sender and no HELO"),
            (("--ip", "1.2.3", "--sender", "a@b.example"), "no address"),
            (("--ip", "192.0.2.1", "--sender", "a@b.example", "--engine",
              "x"), "unknown engine"),
            (("--ip", "192.0.2.1", "--sender", "a@b.example", "--record",
              "spf1"), "no record")):
        status, out, err = z.run("spf", "check", *words)
        p.ok(status == 2 and not out and err, what + ": exit 2", err)
    for sender in ("", "@", "a@", "a@b", "a@.", "a@" + "x" * 300, "\udcff@"):
        status, got = z.json("spf", "check", "--ip", "192.0.2.1", "--helo",
                             "h", "--sender",
                             sender.encode("utf-8", "surrogateescape"))
        p.ok(got["result"] == "none", "no domain in %r: none" % sender[:9],
             got)
    status, out, err = z.run("spf", "tree", "a b")
    p.ok(status == 2 and not out, "tree of no domain: exit 2", err)


def tree(z, p):
    status, got = z.json("spf", "tree", "example.com")
    rows = {t["term"]: t for t in got["terms"] if t["lookup"]}
    p.ok(status == 1 and got["state"] == "permerror" and
         got["lookups"] == 11 and got["voids"] == 1,
         "tree: 11 lookups are a permerror, voids are counted", got)
    p.ok(rows["include:_spf.third.test"]["state"] == "unreached" and
         rows["a:gone.isp.test"]["state"] == "void",
         "what is not reached and what is void is told", rows)
    status, out, _ = z.run("spf", "tree", "example.com",
                           env={"LC_ALL": "C.UTF-8"})
    p.ok("├─ include:_spf.isp.test" in out and "11 of 10" in out,
         "the tree is drawn", out)
    status, got = z.json("spf", "tree", "good.example")
    p.ok(status == 0 and got["state"] == "ok", "a good one: exit 0", got)
    status, got = z.json("spf", "tree", "nothing.example")
    p.ok(status == 1 and got["state"] == "none", "no record: exit 1", got)
    status, got = z.json("spf", "tree", "dead.example")
    p.ok(status == 111 and got["state"] == "untested",
         "could not test: exit 111", got)
    status, got = z.json("spf", "tree", "x.example", "--record",
                         "v=spf1 include:x.example include:loop.example -all")
    p.ok(status == 1 and got["state"] == "permerror", "loops end", got)


def own_mail(z, p):
    """For a domain of this server: what its own mail gets, and by what."""
    with tempfile.TemporaryDirectory(prefix="smemail-spf.") as root:
        env = {"SMEMAIL_ROOT": root}
        for words in (("init", "--root", root),
                      ("config", "set", "DomainName", "example.com"),
                      ("config", "set", "ExternalIP", "203.0.113.25")):
            z.run(*words, env=env)
        _, got = z.json("spf", "tree", "example.com", env=env)
        own = {o["ip"]: o for o in got["own_mail"]}
        p.ok(own["203.0.113.25"]["result"] == "pass" and
             own["203.0.113.25"]["lookups"] == 1, "its own address", own)
        _, out, _ = z.run("spf", "tree", "example.com", env=env)
        p.ok("your mail leaves by 203.0.113.25 (record ExternalIP): pass "
             "after 1 lookup\n" in out, "in words", out)
        p.ok("203.0.113.25, given by mx: needless" in out,
             "what is given already is told", out)
        p.ok(got["same_since"] is None and got["changed_since"] is None,
             "4.15: nothing is known of the first look", got)
        p.ok("\na record with the same meaning, 10 of 10 lookups:\n"
             "v=spf1 mx include:_spf.isp.test include:spf.news.test ~all\n"
             in out and got["proposal"] == "v=spf1 mx include:_spf.isp.test "
             "include:spf.news.test ~all", "4.15: the proposal", out)
        p.ok("\nthe record is the same since today " in out,
             "4.15: at the second it is the same", out)
        p.ok(got["other_mail"]["result"] == "permerror" and
             "\nmail from elsewhere: permerror after 1" in out,
             "4.15: what becomes of forged mail", out)
        # libspf2 counts the limit of 10 in another way
        p.ok(own["203.0.113.25"]["libspf2"] == "pass" and
             got["libspf2"] in ("agrees", "differs") and
             "\nlibspf2 " in out, "4.15: libspf2 beside it", got)
        _, got = z.json("spf", "tree", "good.example", env=env)
        p.ok(got["libspf2"] == "agrees" and
             got["libspf2_text"] == "libspf2 agrees",
             "4.15: libspf2 agrees", got)
        noted = os.path.join(root, "var/lib/smemail/spf/good.example")
        with open(noted, "w", encoding="ascii") as f:
            f.write("1700000000 1700000100\nv=spf1 -all")
        _, got = z.json("spf", "tree", "good.example", env=env)
        p.ok(got["changed_since"] == "2023-11-14T22:15:00+00:00",
             "4.15: the record changed since the last look", got)
        for text in (b"", b"x", b"1 x\n", b"\0" * 80000):
            with open(noted, "wb") as f:
                f.write(text)
            status, got = z.json("spf", "tree", "good.example", env=env)
            p.ok(status == 0 and got["same_since"] is None and
                 got["changed_since"] is None, "a memory that cannot be read "
                 "is none", got)
        _, got = z.json("spf", "tree", "good.example", env=env)
        p.ok(got["same_since"] is not None, "and is made anew", got)
        _, got = z.json("spf", "tree", "good.example", "--record",
                        "v=spf1 -all", env=env)
        p.ok(got["libspf2"] == "untested" and got["same_since"] is None and
             "only what is published" in got["libspf2_text"],
             "a record that is tried is compared with nothing", got)
        _, got = z.json("spf", "tree", "good.example", env=env)
        p.ok(got["own_mail"] == [], "nothing of a domain of others", got)
        z.run("config", "set", "SMTPSmartHost", "out.news.test", env=env)
        _, got = z.json("spf", "tree", "example.com", "--record",
                        "v=spf1 a:out.news.test -all", env=env)
        p.ok([(o["ip"], o["smarthost"], o["result"])
              for o in got["own_mail"]] == [("192.0.2.10", True, "pass")],
             "by a smarthost: its addresses, and the record that is tried",
             got["own_mail"])


def needless(z, p):
    """Which a and mx give nothing new."""
    for record, wanted in (
            ("a:out.news.test ip4:192.0.2.10 -all", []),
            ("ip4:192.0.2.0/24 a:out.news.test -all", ["a:out.news.test"]),
            ("ip4:192.0.2.0/24 a:out.news.test/16 -all", []),
            ("-ip4:192.0.2.0/24 a:out.news.test -all", []),
            ("?a:out.news.test a:out.news.test -all", []),
            ("a:out.news.test ?a:out.news.test -all", []),
            ("a:mx.news.test a:out.news.test a:mx.news.test -all",
             ["a:mx.news.test"]),
            ("ip4:192.0.2.11 ip4:192.0.2.12 a:mx.news.test -all",
             ["a:mx.news.test"])):
        _, got = z.json("spf", "tree", "x.example", "--record",
                        "v=spf1 " + record)
        found = [t["term"] for t in got["terms"]
                 if "needless" in (t["note"] or "")]
        p.ok(found == wanted, "needless in '%s'" % record, found)


def main():
    p = lib_zone.Points()
    with lib_zone.Zone(ZONE, "--timeout-as", "servfail") as z:
        check(z, p)
        bad_input(z, p)
        tree(z, p)
        own_mail(z, p)
        needless(z, p)
    p.end()


main()
