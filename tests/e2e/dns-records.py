#!/usr/bin/env python3
"""dns print, check, wait and ptr (F008, F150, F154, F158, F161): a domain's
records as they should be, as two name servers have them, and as the world
sees this server."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/tools"))
sys.dont_write_bytecode = True
from dnsfixture import Server, point, done  # noqa: E402

BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
SMEMAIL = os.environ.get("SMEMAIL", os.path.join(BUILD, "smemail"))
FOLDER = tempfile.mkdtemp(prefix="dns.", dir=os.environ.get("TMPDIR"))
ROOT = os.path.join(FOLDER, "root")
ENV = dict(os.environ, SMEMAIL_ROOT=ROOT, LC_ALL="C.UTF-8")
SOA = [["ns1.example.test", "root.example.test", 7, 1, 1, 1, 30]]


def run(server, *words, json_out=False, program=SMEMAIL):
    env = dict(ENV, SMEMAIL_DNS=server.address if server else "127.0.0.9:1")
    words = [program] + (["--json"] if json_out else []) + list(words)
    ran = subprocess.run(words, env=env, stdin=subprocess.DEVNULL,
                         capture_output=True, check=False)
    out = ran.stdout.decode()
    return ran.returncode, json.loads(out) if json_out else out, \
        ran.stderr.decode()


def setup():
    for words in (["init", "--root", ROOT],
                  ["config", "set", "ExternalIP", "192.0.2.10"],
                  ["config", "set", "SMTPSmartHost", "relay.test:587"],
                  ["dkim", "keygen", "example.test"]):
        subprocess.run([SMEMAIL, *words], check=True, env=ENV,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def zone(records):
    names = {
        "example.test": {"NS": ["ns1.example.test", "ns2.example.test"],
                         "SOA": SOA, "MX": [[10, "mail.example.test"]]},
        "ns1.example.test": {"A": ["127.0.0.1"]},
        "ns2.example.test": {"A": ["127.0.0.2"]},
        "mail.example.test": {"A": ["192.0.2.10"]},
        "relay.test": {"A": ["198.51.100.25"]},
    }
    for name, value in records.items():
        names.setdefault(name, {}).setdefault("TXT", []).append(
            [value[i:i + 255] for i in range(0, len(value), 255)])
    return {"names": names}


def records(server):
    _, view, _ = run(server, "dns", "print", json_out=True)
    return view


def states(view, kind):
    return [f["state"] for f in view["findings"] if f["id"] == kind]


def printing(server):
    view = records(server)
    rows = {r["kind"]: r for r in view["rows"]}
    point(set(rows) == {"mx", "spf", "dkim", "dmarc", "tls-rpt", "mta-sts"},
          "every kind of record is printed (F158)")
    spf = rows["spf"]["value"].split()
    point(spf[0] == "v=spf1" and spf[-1] == "-all" and
          {"mx", "a", "ip4:192.0.2.10", "a:relay.test"} <= set(spf),
          "dns.spf-record: SPF holds the real address and the smarthost")
    status, text, _ = run(server, "dns", "print")
    parts = [p for line in text.splitlines() if "_domainkey" in line
             for p in line.split('"')[1::2]]
    point(status == 0 and len(parts) == 2 and max(map(len, parts)) <= 255 and
          "".join(parts) == rows["dkim"]["value"],
          "dns.dkim-record: a long key is split into strings of at most 255 "
          "(F158)")
    point("_dmarc.example.test. IN TXT \"v=DMARC1; p=none; adkim=s; aspf=r; "
          "rua=mailto:dmarc-feedback@example.test; pct=100\"" in text,
          "dns.dmarc-record: the DMARC record of the catalogue")
    link = os.path.join(BUILD, "libexec/qpsmtpd-print-dns")
    status, same, _ = run(server, "example.test", program=link)
    point(status == 0 and same == text, "so does qpsmtpd-print-dns")
    status, _, error = run(server, "--help", program=link)
    point(status == 2 and "usage" in error, "which takes only a domain")
    status, _, error = run(server, "dns", "print", "no domain")
    point(status == 2 and "is no domain name" in error, "a bad name is refused")
    for bad in ("192.0.2.1", "", "..", "../../etc", "a/b.example"):
        status, text, error = run(server, "dns", "check", bad)
        point(status == 2 and not text and "is no domain name" in error,
              "so is '%s'" % bad)
    status, text, _ = run(server, "dns", "print", "b\u00fccher.example.")
    point(status == 0 and "_dmarc.xn--bcher-kva.example. IN TXT" in text,
          "a name beyond ASCII, with a final dot, as the DNS has it")
    status, text, _ = run(None, "dns", "print")
    point(status == 0 and "could not all be asked" in text,
          "without DNS the records are printed with a note")


def checking():
    with Server(zone({}), FOLDER) as server, \
            Server(zone({}), FOLDER, "127.0.0.2", 53) as second:
        printing(server)
        wanted = {r["name"]: r["value"] for r in records(server)["rows"]
                  if r["type"] == "TXT"}
        status, view, _ = run(server, "dns", "check", json_out=True)
        point(status == 1 and states(view, "dkim") == ["fail"] * 2 and
              states(view, "tls-rpt") == ["info"] * 2 and
              states(view, "mx") == ["ok"] * 2,
              "nothing published: needed ones fail at each server")
        server.replace(zone(wanted))
        second.replace(zone(wanted))
        status, view, _ = run(server, "dns", "check", json_out=True)
        point(status == 0 and view["result"] in ("ok", "warn") and
              states(view, "dkim") == ["ok"] * 2, "as printed: well")
        own = dict(wanted)
        own["example.test"] = "v=spf1 ip4:192.0.2.0/24 ~all"
        own["_dmarc.example.test"] = "v=DMARC1; p=reject"
        second.replace(zone(own))
        status, view, _ = run(server, "dns", "check", json_out=True)
        point(status == 0, "records of one's own that do the work are well")
        bad = dict(wanted)
        bad["example.test"] = "v=spf1 ip4:203.0.113.1 -all"
        key = next(n for n in bad if "_domainkey" in n)
        bad[key] = bad[key][:-40] + "AAAA" + bad[key][-36:]
        broken = zone(bad)
        broken["names"]["_dmarc.example.test"]["TXT"] *= 2
        second.replace(broken)
        status, view, _ = run(server, "dns", "check", json_out=True)
        point(status == 1 and states(view, "spf") == ["ok", "fail"] and
              states(view, "dkim") == ["ok", "fail"] and
              states(view, "dmarc") == ["ok", "fail"],
              "one server has a wrong key, a deaf SPF, two DMARC records")
        away = zone({n: v for n, v in wanted.items() if n != key})
        away["names"][key] = {"CNAME": ["key.provider.test"]}
        known = json.loads(json.dumps(away))
        known["names"]["key.provider.test"] = {"TXT": zone(
            {"x": wanted[key]})["names"]["x"]["TXT"]}
        server.replace(known)
        second.replace(away)
        status, view, _ = run(server, "dns", "check", json_out=True)
        point(status == 0 and states(view, "dkim") == ["ok"] * 2,
              "a key behind a CNAME into a provider's zone")
        server.replace(zone(wanted))
        waiting(server, second, wanted)
    with Server(zone(wanted), FOLDER) as alone:
        status, view, _ = run(alone, "dns", "check", "--timeout", "1",
                              json_out=True)
        point(status == 111 and states(view, "dkim") == ["ok", "unknown"],
              "a server that cannot be asked is no failure of the record")
    with Server(zone(wanted), FOLDER) as alone:
        status, text, _ = run(alone, "dns", "check", "gone.test")
        point(status == 1 and "FAIL  domain " in text and
              "gone.test does not exist" in text and
              "not known (the name does not exist)" in " ".join(text.split()) and
              "no name servers" not in text, "a domain nobody has registered: "
              + text)
    status, view, _ = run(None, "dns", "check", "--timeout", "1",
                          json_out=True)
    point(status == 111 and view["result"] == "unknown",
          "without DNS nothing fails, nothing is tested")


def waiting(server, second, wanted):
    timer = threading.Timer(1.5, second.replace, [zone(wanted)])
    timer.start()
    began = time.monotonic()
    status, _, error = run(server, "dns", "wait", "--timeout", "20")
    point(status == 0 and time.monotonic() - began < 15 and
          "not yet" in error, "dns wait returns when all servers agree")
    timer.join()
    second.replace(zone({}))
    status, _, _ = run(server, "dns", "wait", "--timeout", "1")
    point(status == 1, "and gives up when its time is over")


def reverse():
    names = zone({})["names"]
    names.update({
        "10.2.0.192.in-addr.arpa": {"PTR": ["mail.example.test"]},
        "20.2.0.192.in-addr.arpa": {"PTR": ["h20.dyn.example.net"]},
        "30.2.0.192.in-addr.arpa": {"PTR": ["a.test", "b.test"]},
        "a.test": {"A": ["192.0.2.30"]}, "b.test": {"A": ["192.0.2.30"]},
        "40.2.0.192.in-addr.arpa": {"_rcode": "SERVFAIL"},
    })
    with Server({"names": names}, FOLDER) as server:
        def ptr(*words):
            status, view, _ = run(server, "dns", "ptr", *words, json_out=True)
            return status, {f["id"]: f["state"] for f in view["findings"]}
        status, found = ptr()
        point(status == 0 and found == {"forward": "ok", "helo": "ok"},
              "this server: name, way back and HELO agree (F008)")
        status, found = ptr("192.0.2.20")
        point(status == 1 and found["forward"] == "fail", "no way back")
        status, found = ptr("192.0.2.30", "--helo", "a.test")
        point(status == 0 and found["ptr"] == "warn" and
              found["helo"] == "ok", "several names")
        status, found = ptr("192.0.2.50")
        point(status == 1 and found["ptr"] == "fail", "no reverse name")
        status, found = ptr("192.0.2.40")
        point(found["ptr"] == "unknown", "servers that fail: not tested")
        status, found = ptr("a.test")
        point(status == 0 and found["helo"] == "ok",
              "a host is tested by its addresses and its own name")
        status, text, _ = run(server, "dns", "ptr", "mail.example.test",
                              "--helo", "other.test")
        point(status == 1 and "HELO name other.test" in text and
              "smtp.helo-host" not in text,
              "another HELO name, and no advice for a foreign host: " + text)
        status, _, error = run(server, "dns", "ptr", "mail")
        point(status == 1 and "has no address" in error,
              "a name without one")
        status, _, error = run(server, "dns", "ptr", "a b")
        point(status == 2 and "is no address" in error, "no name at all")


def may_bind():
    """The second name server needs its port."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.2", 53))
        return True
    except OSError:
        return False


if not may_bind():
    print("1..0 # SKIP port 53 of 127.0.0.2 cannot be had")
    sys.exit(0)
setup()
checking()
reverse()
done()
