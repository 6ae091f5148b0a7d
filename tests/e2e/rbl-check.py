#!/usr/bin/env python3
"""rbl check and rbl health against the vectors of tests/data/dnsbl (RFC
5782; FL-102): every case is asked by the command from a test server. And
what the vectors do not say: refusals, closed lists, a resolver that lies."""
import glob
import json
import os
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/tools"))
sys.dont_write_bytecode = True
from dnsfixture import Server, point, done  # noqa: E402
from timely import in_time  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", os.path.join(TOP, "build/smemail"))
FOLDER = tempfile.mkdtemp(prefix="rbl.", dir=os.environ.get("TMPDIR"))
ROOT = os.path.join(FOLDER, "root")
os.mkdir(ROOT)
with open(TOP + "/tests/data/dnsbl/differences.tsv", encoding="utf-8") as table:
    DIFFERENCES = dict(line.split("\t")[:2] for line in table
                       if not line.startswith("#"))
LISTED = {True: ("listed",), None: ("unknown",),
          False: ("clean", "refused", "wrong", "not-asked")}


def run(server, *words, json_out=True):
    env = dict(os.environ, SMEMAIL_ROOT=ROOT, LC_ALL="C.UTF-8",
               SMEMAIL_DNS=server.address)
    words = [SMEMAIL] + (["--json"] if json_out else []) + list(words)
    ran = subprocess.run(words, env=env, stdin=subprocess.DEVNULL,
                         capture_output=True, check=False)
    return ran.returncode, json.loads(ran.stdout or "null") if json_out \
        else ran.stdout.decode(), ran.stderr.decode()


def ask(server, test, zone):
    return run(server, "rbl", "check", "--timeout", "2", "--zone", zone,
               test["item"])


def judge(server, test):
    """What is wrong with our answer to one case, or nothing."""
    status, view, error = ask(server, test, test["list"])
    if not view or len(view["rows"]) != 1:
        return "status %d: %s" % (status, error)
    row = view["rows"][0]
    if row["verdict"] not in LISTED[test["listed"]]:
        return "verdict " + row["verdict"]
    if sorted(c["code"] for c in row["codes"]) != sorted(test["codes"]):
        return "codes %r" % row["codes"]
    if (row["text"] or None) != DIFFERENCES.get(test["item"], test["txt"]):
        return "text %r" % row["text"]
    for key, sign in (("mask", ":"), ("filter", "=")):
        for want, fits in test.get(key, {}).items():
            _, view, _ = ask(server, test, test["list"] + sign + want)
            if (view["rows"][0]["verdict"] == "listed") != fits:
                return "%s %s" % (key, want)
    return None


def vectors():
    passed = total = 0
    for path in sorted(glob.glob(TOP + "/tests/data/dnsbl/*.json")):
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        with Server(data["zone"], FOLDER) as server:
            for test in data["tests"]:
                wrong = judge(server, test)
                total += 1
                passed += not wrong
                point(not wrong, "%s: %s in %s%s" % (
                    data["name"], test["item"][:40] or "nothing",
                    test["list"], " (%s)" % wrong if wrong else ""))
    print("# %d of %d vectors" % (passed, total))


def zone(**names):
    return {"names": {k.replace("_", "-"): v for k, v in names.items()}}


def a(*codes):
    return {"A": list(codes)}


def believing():
    """No listing counts from a list or a resolver that fails its test."""
    names = {
        "2.0.0.127.good.test": a("127.0.0.2"),
        "10.2.0.192.good.test": dict(a("127.0.0.2"), TXT=["why \x1b[2J"]),
        "2.0.0.127.zen.spamhaus.org": a("127.255.255.254"),
        "10.2.0.192.zen.spamhaus.org": a("127.255.255.254"),
        "*.world.test": a("127.0.0.2"),
        "2.0.0.127.bl.spamcop.net": a("127.0.0.2"),
        "test.uribl.com.black.uribl.com": a("127.0.0.1"),
        "example.net.black.uribl.com": a("127.0.0.1"),
    }
    with Server({"names": names}, FOLDER) as server:
        status, view, _ = run(server, "rbl", "check", "192.0.2.10",
                              "--zone", "good.test")
        point(status == 1 and view["listed"] == 1, "a good list is believed")
        status, view, _ = run(server, "rbl", "check", "192.0.2.10",
                              "--zone", "world.test")
        row = view["rows"][0]
        point(status == 111 and row["verdict"] == "listed" and
              not row["believed"] and view["zones"][0]["health"] ==
              "lists-all", "a list that lists 127.0.0.1 is not (RFC 5782 5)")
        status, view, _ = run(server, "rbl", "check", "192.0.2.10",
                              "--zone", "zen.spamhaus.org")
        row = view["rows"][0]
        point(status == 111 and row["verdict"] == "refused" and
              not row["believed"] and "public" in row["reason"],
              "127.255.255.254 is a refusal, never a listing (FL-102)")
        status, view, _ = run(server, "rbl", "check", "example.net",
                              "--zone", "black.uribl.com")
        point(status == 111 and view["rows"][0]["verdict"] == "refused",
              "127.0.0.1 of uribl.com is a refusal (S028, T6)")
        status, view, _ = run(
            server, "rbl", "health", "good.test", "world.test",
            "zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com",
            "dnsbl.ahbl.org", "sbl-xbl.spamhaus.org", "rhsbl.sorbs.net")
        health = [z["health"] for z in view["zones"]]
        point(status == 1 and health == [
            "ok", "lists-all", "refused", "ok", "dead", "closed", "closed",
            "closed"], "health of each kind: %s" % " ".join(health))
        point(view["zones"][6]["instead"] == "zen.spamhaus.org" and
              view["zones"][5]["closed_since"] == "2015",
              "closed lists are named with what took their place (T4)")
        _, text, _ = run(server, "rbl", "check", "192.0.2.10", "--zone",
                         "good.test", json_out=False)
        point("\x1b" not in text and "why \\x1b[2J" in text,
              "the text of a list reaches the terminal escaped")
        status, _, error = run(server, "rbl", "check", "192.0.2.10",
                               "--zone", "x:99999", json_out=False)
        point(status == 2 and "is no list" in error, "a wrong mask is refused")
        status, view, _ = run(server, "rbl", "check", "192.0.2.10",
                              "--zone", "godo.test")
        row = view["rows"][0]
        point(status == 111 and row["verdict"] == "clean" and
              not row["believed"] and "no test point" in row["reason"],
              "a mistyped list says nothing about anybody")
        for who in ("300.1.1.1", "192.0.2", "a b", "two words.test"):
            status, _, error = run(server, "rbl", "check", who, "--zone",
                                   "good.test", json_out=False)
            point(status == 2 and "neither an address nor a domain" in error,
                  "'%s' is refused" % who)
        status, _, error = run(server, "rbl", "health", "no list",
                               json_out=False)
        point(status == 2 and "is no list" in error, "so is a name of a list")
        status, view, _ = run(server, "rbl", "check", "ann@b\u00fccher.test",
                              "--zone", "good.test")
        point(view["rows"][0]["item"] == "xn--bcher-kva.test",
              "the domain of an address is asked as the DNS has it",)


def lying_resolver():
    with Server({"names": {
            "*.com": a("203.0.113.9"), "*.org": a("203.0.113.9"),
            "2.0.0.127.good.test": a("127.0.0.2"),
            "10.2.0.192.good.test": a("127.0.0.2")}}, FOLDER) as server:
        status, view, _ = run(server, "rbl", "check", "192.0.2.10",
                              "--zone", "good.test")
        point(status == 111 and view["resolver"] == "lies" and
              not view["rows"][0]["believed"],
              "through a resolver that invents answers nothing is believed")
        status, view, _ = run(server, "resolver", "check")
        state = {r["test"]: r["state"] for r in view["rows"]}
        point(status == 1 and state["truth"] == "fail" and
              view["state"] == "fail", "resolver check says so")


def own_server():
    """Without an argument: this server, in configured lists and the usual."""
    os.rmdir(ROOT)
    subprocess.run([SMEMAIL, "init", "--root", ROOT], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for words in (["set", "ExternalIP", "192.0.2.10"],
                  ["set", "SMTPSmartHost", "relay.test:587"],
                  ["setprop", "qpsmtpd", "RBLList", "good.test"],
                  ["setprop", "qpsmtpd", "UBLList", "uri.test:8-16,multi.surbl.org:8-64"]):
        subprocess.run([SMEMAIL, "config", *words], check=True,
                       env=dict(os.environ, SMEMAIL_ROOT=ROOT))
    names = {
        "2.0.0.127.good.test": a("127.0.0.2"),
        "10.2.0.192.good.test": a("127.0.0.2"),
        "mail.example.test": dict(a("192.0.2.11"), AAAA=["2001:db8::11"]),
        "relay.test": a("198.51.100.25"),
    }
    with Server({"names": names}, FOLDER) as server:
        status, view, error = run(server, "rbl", "check")
        items = [r["item"] for r in view["rows"]]
        point(status == 1 and {"192.0.2.10", "192.0.2.11", "2001:db8::11",
                               "198.51.100.25", "example.test"} <= set(items),
              "own addresses, both kinds, smarthost and domain " + error)
        zones = {z["zone"]: z["setting"] for z in view["zones"]}
        point(zones.get("good.test") == "rbl.dns-zones" and
              zones.get("uri.test") == "rbl.uri-zones" and
              "zen.spamhaus.org" in zones, "configured lists and the usual")
        point(len(zones) == len(view["zones"]), "each list once")
        status, view, _ = run(server, "rbl", "check", "--configured")
        zones = [z["zone"] for z in view["zones"]]
        point(zones == ["good.test", "uri.test", "multi.surbl.org"],
              "--configured: these alone")


def private():
    """No public list can have a private address: the outer one is named."""
    with Server({"names": {"2.0.0.127.good.test": a("127.0.0.2")}},
                FOLDER) as server:
        for item in ("10.1.2.3", "192.168.1.1", "127.0.0.1", "fd00::1", "::1"):
            status, text, error = run(server, "rbl", "check", item,
                                      json_out=False)
            point(status == 2 and not text and
                  "'%s' is a private address" % item in error and
                  "\nnext: smemail rbl check 192.0.2.10\n" in error,
                  "%s: no list can have it" % item)
        status, view, _ = run(server, "rbl", "check", "127.0.0.2",
                              "--zone", "good.test")
        point(status == 1 and view["listed"] == 1,
              "a list that is named is asked: the test point of RFC 5782")


def all_at_once():
    """Ten slow lists take as long as one."""
    names = {"2.0.0.127.slow%d.test" % n: dict(a("127.0.0.2"), _delay_ms=300)
             for n in range(10)}
    with Server({"names": names}, FOLDER) as server:
        zones = [w for n in range(10) for w in ("--zone", "slow%d.test" % n)]

        def once():
            began = time.monotonic()
            _, view, _ = run(server, "rbl", "check", "192.0.2.10", *zones)
            return view, time.monotonic() - began
        view, took = in_time(once, 2)
        point(all(z["health"] == "ok" for z in view["zones"]) and took < 2,
              "ten lists of 300 ms at once (%.2f s)" % took)


vectors()
believing()
own_server()
private()
lying_resolver()
all_at_once()
done()
