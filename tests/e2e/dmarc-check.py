#!/usr/bin/env python3
"""dmarc check: policy by both standards, verdicts, destinations, bad input;
and the shared cases against a real name server."""
import lib_zone

ZONE = {
    "_dmarc.example.com": {"TXT": [
        "v=DMARC1; p=reject; sp=none; pct=50; rua=mailto:r@third.example,"
        "mailto:x@example.com!5m,mailto:no@refused.example,ftp://x.example"]},
    "example.com._report._dmarc.third.example": {"TXT": ["v=DMARC1"]},
    "example.com": {"A": ["192.0.2.1"]},
    "_dmarc.co.uk": {"TXT": ["v=DMARC1; p=reject"]},
    "_dmarc.dead.example": {"_timeout": True},
    "_dmarc.two.example": {"TXT": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]},
    "_dmarc.org.example": {"TXT": ["v=DMARC1; p=reject; sp=quarantine"]},
    "_dmarc.two.org.example": {"TXT": ["v=DMARC1; p=reject",
                                       "v=DMARC1; p=none"]},
    "two.org.example": {"A": ["192.0.2.1"]},
    "_dmarc.dead.org.example": {"_rcode": "SERVFAIL"},
    "_dmarc.t.example": {"TXT": ["v=DMARC1; p=reject; t=y"]},
    "_dmarc.tn.example": {"TXT": ["v=DMARC1; p=none; t=y"]},
    "_dmarc.slip.example": {"TXT": ["v=dmarc1 p=reject"]},
    "_dmarc.typo.example": {"TXT": [
        "v=DMARC1; p=reject; rau=mailto:x@typo.example; foo"]},
    "_dmarc.evil.example": {"TXT": ["v=DMARC1; p=reject; \x1b[31m=x"]},
}


def check(z, p):
    status, got = z.json("dmarc", "check", "example.com")
    to = {r["uri"]: r["state"] for r in got["reports_to"]}
    p.ok(status == 0 and got["rfc9989"]["policy"] == "reject" and
         got["tags"]["pct"] == 50, "a policy: exit 0", got)
    p.ok(to == {"mailto:r@third.example": "verified",
                "mailto:x@example.com": "own",
                "mailto:no@refused.example": "not verified"},
         "who may get reports (RFC 9990, 4)", to)
    p.ok([w["tag"] for w in got["wrong"]] == ["rua"],
         "what is wrong is named", got["wrong"])
    status, got = z.json("dmarc", "check", "a.example.com", "--spf",
                         "pass:b.example.com")
    p.ok(status == 0 and got["rfc9989"]["result"] == "pass",
         "relaxed alignment", got)
    status, got = z.json("dmarc", "check", "example.com", "--spf",
                         "pass:evil.example", "--dkim", "fail:example.com",
                         "--dkim", "pass:evil.example")
    p.ok(status == 1 and got["rfc9989"]["result"] == "fail" and
         got["rfc9989"]["disposition"] == "reject", "not aligned: fail", got)
    status, got = z.json("dmarc", "check", "a.co.uk")
    p.ok(got["differ"] is True and got["rfc7489"]["policy"] is None and
         got["rfc9989"]["policy"] == "reject",
         "where the standards differ is told", got)
    status, got = z.json("dmarc", "check", "nothing.example")
    p.ok(status == 1 and got["record"] is None, "none: exit 1", got)
    status, got = z.json("--dns", "127.0.0.9:1", "dmarc", "check",
                         "example.com")
    p.ok(status == 111 and got["differ"] is None,
         "whether two untested views differ is not known", got)
    status, out, _ = z.run("--dns", "127.0.0.9:1", "dmarc", "check",
                           "example.com")
    p.ok(out.startswith("????") and "standards" not in out,
         "nor is it said", out)
    status, got = z.json("dmarc", "check", "two.example")
    p.ok(status == 1 and "has 2 DMARC records" in got["rfc9989"]["reason"] and
         "has 2 DMARC records" in got["rfc7489"]["reason"],
         "two records: none, and told why", got)
    status, got = z.json("dmarc", "check", "two.org.example")
    p.ok(status == 0 and got["rfc9989"]["record_domain"] == "org.example" and
         got["rfc9989"]["policy"] == "quarantine" and
         got["rfc7489"]["policy"] is None and
         "has 2 DMARC records" in got["rfc7489"]["reason"] and got["differ"],
         "several below: RFC 9989 4.10 goes on, RFC 7489 6.6.3 ends", got)
    status, out, _ = z.run("dmarc", "check", "dead.org.example")
    p.ok(status == 111 and "record" not in out and "pct" not in out,
         "no answer of its own: nothing is said of the record above", out)
    _, got = z.json("dmarc", "check", "dead.org.example")
    p.ok(got["record"] is None and got["tags"] is None, "so in JSON", got)
    _, got = z.json("dmarc", "check", "t.example")
    _, none = z.json("dmarc", "check", "tn.example")
    _, part = z.json("dmarc", "check", "example.com")
    p.ok(got["differ"] is True and part["differ"] is True and
         none["differ"] is False,
         "t= and pct= are of one standard each, where they soften", got)
    for results, word in ((("--spf", "fail:org.example"), "FAIL"),
                          (("--spf", "pass:org.example"), "ok"),
                          (("--dkim", "temperror:org.example"), "????")):
        _, out, _ = z.run("dmarc", "check", "org.example", *results)
        p.ok(out.startswith(word + " "), "the head is the verdict: " + word,
             out)
    status, got = z.json("dmarc", "check", "slip.example")
    p.ok(status == 1 and "has to begin with 'v=DMARC1;'" in
         got["rfc9989"]["reason"], "a slip in front is told", got)
    status, out, _ = z.run("dmarc", "check", "typo.example")
    p.ok(status == 0 and "rau=mailto:x@typo.example: not a known tag" in out
         and "foo: no '='" in out, "mistyped tags are told", out)
    status, got = z.json("dmarc", "check", "dead.example")
    p.ok(status == 111 and got["rfc9989"]["result"] == "temperror",
         "no answer: exit 111", got)
    status, out, err = z.run("dmarc", "check", "evil.example")
    p.ok("\x1b" not in out + err, "foreign bytes are escaped")
    for words in (("a b",), ("",), ("example.com", "--spf", "good"),
                  ("example.com", "--dkim", "pass:a b"), ()):
        status, out, err = z.run("dmarc", "check", *words)
        p.ok(status == 2 and not out and err, "refused: %r" % (words,), err)


def suite(p):
    """evaluate.tsv through the program."""
    zone, passed, total = {}, 0, 0
    for row in lib_zone.table("dmarc/evaluate.tsv"):
        if row[0] == "rr":
            zone.setdefault(row[1], {}).setdefault(row[2], []).append(
                lib_zone.undo(row[3]))
        elif row[0] == "fail":
            zone.setdefault(row[1], {}).setdefault("_timeout", []).append(
                row[2])
        else:
            _, name, sender, spf, domain, dkim, wanted, does = row
            words = ["--spf", spf + (":" + domain if domain else "")]
            for one in filter(None, dkim.split("|")):
                words += ["--dkim", one.replace(" ", ":")]
            with lib_zone.Zone(zone, "--timeout-as", "servfail") as z:
                _, got = z.json("dmarc", "check", sender, *words)
            view = got["rfc9989"]
            result = view["result"] or "none"
            good = result in wanted.split(",") and (
                does == "-" or view["disposition"] == does)
            if not good:
                print("# %s: %s" % (name, view))
            total += 1
            passed += good
            zone = {}
    p.ok(passed == total == 14, "%d of %d shared cases" % (passed, total))


def main():
    p = lib_zone.Points()
    with lib_zone.Zone(ZONE, "--timeout-as", "servfail") as z:
        check(z, p)
    suite(p)
    p.end()


main()
