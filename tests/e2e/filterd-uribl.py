#!/usr/bin/env python3
"""uribl in the daemon (FL-106, FL-107): a real client, a real name server."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
import filterd  # noqa: E402
from lib_zone import SMEMAIL, Zone  # noqa: E402

NAMES = {
    "evil.example.bl.example": {"A": ["127.0.0.2"], "TXT": ["see the list"]},
    "evil.co.uk.bl.example": {"A": ["127.0.0.2"]},
    "evil.example.hdr.example": {"A": ["127.0.0.4"]},
    "77.2.0.192.bl.example": {"A": ["127.0.0.2"]},
    "good.example.black.uribl.com": {"A": ["127.0.0.1"]},
    "slow.example.bl.example": {"_timeout": True},
}
PLUGINS = ("logging/logterse\nuribl action deny\nrcpt_ok\n"
           "queue/maildir @MAILDIR@")
HEAD = "From: a@out.example\r\nX-Uribl-Match: forged\r\n"


def send(daemon, body, head=HEAD, source=None):
    """The reply to the final dot."""
    peer = daemon.connect(source)
    peer.begin()
    peer.send(head + "\r\n" + body + "\r\n.\r\n")
    reply = peer.reply()
    peer.close()
    return reply


def rehearsed(tap, daemon, zone):
    """rehearse with FILE tells what the daemon would."""
    for link, wanted in (("http://evil.example/", 1), ("http://ok.example", 0)):
        with tempfile.NamedTemporaryFile("w", suffix=".eml") as f:
            f.write("From: a@out.example\n\n%s\n" % link)
            f.flush()
            done = subprocess.run(
                [SMEMAIL, "rehearse", "--config", daemon.config, "--dns",
                 zone.dns, "--from-ip", "127.0.0.9", "--rcpt",
                 "b@local.example", "--json", f.name], check=False,
                stdout=subprocess.PIPE, encoding="utf-8",
                env=dict(os.environ, SMEMAIL_ROOT=daemon.folder))
        view = json.loads(done.stdout)
        step = [s for s in view["steps"] if s["plugin"] == "uribl"][-1]
        tap.ok(done.returncode == wanted and
               (step["result"], step["text"]) ==
               (("refused", "evil.example in bl.example: see the list")
                if wanted else ("pass", "1 names")) and
               (view["setting"] == "rbl.uri-zones") == bool(wanted),
               "rehearse FILE: %s" % link, done.stdout)


def decisions(tap):
    cases = (
        ("a listed link", "see http://www.evil.example/x", HEAD, 552),
        ("below a public suffix", "http://a.b.evil.co.uk/", HEAD, 552),
        ("an address", "http://0xc000024d/", HEAD, 552),
        ("a list that refuses to answer", "http://good.example/", HEAD, 250),
        ("a link that no list has", "http://fine.example/", HEAD, 250),
        ("no link", "hello", HEAD, 250),
        ("in base64", base64.b64encode(b"http://evil.example/").decode(),
         HEAD + "Content-Transfer-Encoding: base64\r\n", 552),
        ("in HTML, quoted-printable", "<a href=3D\"http://ev=\r\nil.example\">",
         HEAD + "Content-Type: text/html\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n", 552),
    )
    zones = "bl.example\nblack.uribl.com 2"
    with Zone(NAMES) as zone, filterd.Daemon(
            {"plugins": PLUGINS, "uribl_zones": zones, "loglevel": "6"},
            env={"SMEMAIL_DNS": zone.dns}) as daemon:
        for what, body, head, wanted in cases:
            code, text = send(daemon, body, head)
            tap.ok(code == wanted, "FL-107: %s: %d" % (what, wanted),
                   (code, text, daemon.log()))
        code, text = send(daemon, cases[0][1])
        tap.ok("evil.example in bl.example: see the list" in text,
               "FL-106: the reply says why", text)
        tap.ok("\turibl\t901\tevil.example in bl.example: see the list\t"
               in daemon.log(), "and the terse line has it", daemon.log())
        rehearsed(tap, daemon, zone)
        zone.questions()
        send(daemon, "http://c.d.evil.co.uk/ http://x.fine.example/")
        asked = {q["name"].lower().rstrip(".") for q in zone.questions()}
        tap.ok("d.evil.co.uk.bl.example" in asked and
               "x.fine.example.black.uribl.com" in asked and
               not {"co.uk.bl.example", "example.bl.example"} & asked,
               "every parent down to the registered domain", asked)


def fields(tap):
    plugins = PLUGINS.replace("action deny", "check-headers yes")
    files = {"plugins": plugins, "uribl_zones": "bl.example\nhdr.example",
             "uribl_whitelist_domains": "spared.example"}
    with Zone(NAMES) as zone, filterd.Daemon(
            files, env={"SMEMAIL_DNS": zone.dns}) as daemon:
        code, _ = send(daemon, "x", HEAD + "Subject: http://evil.example\r\n")
        message = (daemon.messages() + [b""])[0].decode()
        tap.ok(code == 250 and
               "\nX-URIBL-Match: evil.example in bl.example: see the list\n"
               "X-URIBL-Match: evil.example in hdr.example: 127.0.0.4\n"
               in message, "FL-106: a field for each zone that has it",
               message)
        tap.ok("forged" not in message, "one that came in is dropped", message)
        zone.questions()
        send(daemon, "http://www.spared.example/")
        asked = [q["name"] for q in zone.questions()]
        tap.ok(not [name for name in asked if "spared" in name],
               "a spared domain is not asked for", asked)


def nobody_waits(tap):
    """25 MB of links, and others who go on (FL-193)."""
    files = {"plugins": PLUGINS.replace("deny", "deny timeout 2"),
             "uribl_zones": "bl.example"}
    line = "http://same.example/ =3D %41 &#46; www.\r\n"
    body = line * (25000000 // len(line)) + "http://evil.example/"
    with Zone(NAMES) as zone, filterd.Daemon(
            files, env={"SMEMAIL_DNS": zone.dns}) as daemon:

        def meanwhile():
            """The answer to all of it, how many others were served, and the
            longest wait of one as a share of the time for it."""
            got = {}
            begun = time.monotonic()

            def large():
                got["reply"] = send(daemon, body)
                got["took"] = time.monotonic() - begun
            thread = threading.Thread(target=large)
            thread.start()
            waits = []
            while thread.is_alive():
                at = time.monotonic()
                peer = daemon.connect()
                peer.reply()
                peer.ask("QUIT")
                peer.close()
                waits.append(time.monotonic() - at)
            thread.join()
            return got["reply"], len(waits), max(waits) / got["took"]
        reply, served, share = filterd.in_time(meanwhile, 0.5)
        tap.ok(reply[0] == 552, "25 MB are read to their end", reply)
        tap.ok(served > 5 and share < 0.5, "and others are served meanwhile",
               (served, share))
        code, _ = send(daemon, "http://fine.example/")
        tap.ok(code == 250, "and afterwards", code)
        # a peer that leaves while its lists are silent
        peer = daemon.connect()
        peer.begin()
        peer.send(HEAD + "\r\nhttp://slow.example/\r\n.\r\n")
        filterd.wait_for(lambda: "slow.example.bl.example." in
                         [q["name"].lower() for q in zone.questions()])
        peer.close()
        code, _ = send(daemon, "http://evil.example/")
        tap.ok(code == 552, "one that leaves while a list is silent", code)


def main():
    tap = filterd.Tap()
    decisions(tap)
    fields(tap)
    nobody_waits(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
