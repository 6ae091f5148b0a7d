#!/usr/bin/env python3
"""spf repair: each kind of damage, what is proposed, and that the proposal
holds when it is checked."""
import lib_zone

ZONE = {
    "big.example": {"TXT": [
        "v=spf1 mx a include:_spf.isp.test include:news.test "
        "include:b.test include:c.test include:d.test include:e.test ~all"],
        "MX": [[10, "mail.big.example"]], "A": ["203.0.113.25"]},
    "mail.big.example": {"A": ["203.0.113.25"]},
    "_spf.isp.test": {"TXT": ["v=spf1 include:_1.isp.test include:_2.isp.test "
                              "?all"]},
    "_1.isp.test": {"TXT": ["v=spf1 ip4:198.51.100.0/26 -all"]},
    "_2.isp.test": {"TXT": ["v=spf1 ip4:198.51.100.64/26 -all"]},
    "news.test": {"TXT": ["v=spf1 a:out.news.test -all"]},
    "out.news.test": {"A": ["192.0.2.10"]},
    "slip.example": {"TXT": [
        "v=spf1 ipv4:192.0.2.1 a:192.0.2.7 include=b.test "
        "ip4:mail.big.example mx:mail.big.example:25 ptr nonsense "
        "\u2013all"]},
    "two.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all",
                            "v=spf1 ip4:192.0.2.2 ip4:192.0.2.1 ~all"]},
    "dead.test": {"TXT": ["v=spf1 include:gone.test a:gone2.test "
                          "ip4:192.0.2.1 -all"]},
    "world.example": {"TXT": ["v=spf1 +all"]},
    "open.example": {"TXT": ["v=spf1 ip4:192.0.2.1"]},
    "good.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
    "none.example": {"A": ["192.0.2.1"], "MX": [[1, "mail.big.example"]]},
    "silent.example": {"_timeout": True},
}
for name in "bcde":
    ZONE[name + ".test"] = {"TXT": ["v=spf1 ip4:192.0.2.%d -all" % ord(name)]}
ZONE["e.test"] = {"TXT": ["v=spf1 include:b.test exists:%{i}.e.test -all"]}


def main():
    p = lib_zone.Points()
    wanted = {
        "slip.example": "v=spf1 ip4:192.0.2.1 ip4:192.0.2.7 include:b.test "
                        "a:mail.big.example mx:mail.big.example -all",
        "two.example": "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all",
        "dead.test": "v=spf1 ip4:192.0.2.1 -all",
        "world.example": "v=spf1 ~all",
        "open.example": "v=spf1 ip4:192.0.2.1 ~all",
        "none.example": "v=spf1 mx ~all",
    }
    # a mail exchanger of a host without one is void, so it is dropped
    wanted["slip.example"] = wanted["slip.example"].replace(
        " mx:mail.big.example", "")
    with lib_zone.Zone(ZONE, "--timeout-as", "servfail") as z:
        for name, proposal in wanted.items():
            status, got = z.json("spf", "repair", name)
            p.ok(status == 1 and got["proposal"] == proposal and
                 got["valid"] and got["changes"], name, got)
        status, got = z.json("spf", "repair", "big.example")
        p.ok(status == 1 and got["valid"] and got["lookups"] <= 10 and
             got["proposal"].startswith("v=spf1 mx "),
             "too many lookups are brought down", got)
        for ip in ("203.0.113.25", "198.51.100.1", "198.51.100.65",
                   "192.0.2.10", "192.0.2.98"):
            status, got2 = z.json("spf", "check", "--ip", ip, "--sender",
                                  "a@big.example", "--record",
                                  got["proposal"])
            p.ok(status == 0, "%s still passes" % ip, got2)
        status, got = z.json("spf", "repair", "good.example")
        p.ok(status == 0 and not got["changed"], "nothing to do: exit 0", got)
        status, got = z.json("spf", "repair", "good.example", "--ip",
                             "198.51.100.9", "--ip", "2001:db8::1")
        p.ok(got["proposal"] == "v=spf1 ip6:2001:db8::1 ip4:198.51.100.9 "
             "ip4:192.0.2.1 -all", "own addresses are added", got)
        status, got = z.json("spf", "repair", "silent.example")
        p.ok(status == 111 and got["proposal"] is None,
             "nothing is proposed when it could not be tested", got)
        status, out, err = z.run("spf", "repair", "slip.example")
        p.ok(status == 1 and 'slip.example. IN TXT "v=spf1 ip4' in out,
             "the zone file's line", out)
        status, out, err = z.run("spf", "repair", "a.example", "--ip", "x")
        p.ok(status == 2 and err, "no address: exit 2")
    p.end()


main()
