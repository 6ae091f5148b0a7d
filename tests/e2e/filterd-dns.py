#!/usr/bin/env python3
"""The daemon and the DNS (FL-191): a real name server, one that is silent, one
that comes back, and the resolver process killed under way."""
import os
import signal
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
from lib_zone import Zone  # noqa: E402

NAMES = {
    "9.0.0.127.in-addr.arpa": {"PTR": ["client.peer.example"]},
    "8.0.0.127.in-addr.arpa": {"_timeout": True},
    "out.example": {"MX": [[10, "mx.out.example"]]},
    "mx.out.example": {"A": ["203.0.113.5"]},
    "slow.example": {"_timeout": True},
    "9.0.0.127.bl.example": {"A": ["127.0.0.2"], "TXT": ["listed, see x"]},
}
PLUGINS = ("logging/logterse\nresolvable_fromhost\nnaughty\nrcpt_ok\n"
           "queue/maildir @MAILDIR@")


def mail(daemon, sender, source="127.0.0.9"):
    """The reply to MAIL, and a message where it is taken."""
    peer = daemon.connect(source)
    peer.reply()
    peer.ask("EHLO client.example")
    code, text = peer.ask("MAIL FROM:<%s>" % sender)
    if code == 250:
        peer.ask("RCPT TO:<b@local.example>")
        peer.ask("DATA")
        peer.ask("From: a@out.example\r\n\r\nx\r\n.")
    peer.close()
    return code, text


def names_and_senders(tap):
    with Zone(NAMES) as zone, filterd.Daemon(
            {"plugins": PLUGINS, "loglevel": "6"},
            env={"SMEMAIL_DNS": zone.dns}) as daemon:
        code, _ = mail(daemon, "a@out.example")
        tap.ok(code == 250, "a sender whose domain has an exchanger", code)
        message = (daemon.messages() + [b""])[0].decode()
        tap.ok("Received: from client.peer.example (EHLO client.example) "
               "(127.0.0.9)" in message, "FL-34: PEER is the reverse name",
               message)
        log = daemon.log()
        tap.ok("from 127.0.0.9 / client.peer.example" in log and
               "Connection from client.peer.example [127.0.0.9]" in log,
               "and the log has it", log)
        tap.ok("127.0.0.9\tclient.peer.example\t" in log,
               "and the terse line", log)
        code, text = mail(daemon, "a@gone.example")
        tap.ok(code == 450 and "#4.1.8" in text,
               "FL-85: a domain that does not resolve", (code, text))
        zone.questions()
        mail(daemon, "a@out.example")
        tap.ok(zone.questions() == [], "answers are kept for their time")


def environment(tap):
    """FL-101: RBLSMTPD stands in for the lists."""
    plugins = "dnsbl reject connect\nrcpt_ok\nqueue/maildir @MAILDIR@"
    with filterd.Daemon({"plugins": plugins},
                        env={"RBLSMTPD": "see http://x/%IP%"}) as daemon:
        reply = daemon.connect("127.0.0.9").reply()
        tap.ok(reply == (550, "550 see http://x/127.0.0.9"),
               "RBLSMTPD denies with its text", (reply, daemon.log()))


def header_tells(tap):
    """FL-35, FL-46, FL-56, FL-111: what was learnt stands in the header."""
    plugins = ("helo policy lenient\nsender_permitted_from\nrcpt_ok\n"
               "queue/maildir @MAILDIR@")
    names = dict(NAMES, **{"out.example": {"TXT": ["v=spf1 ~all"]}})
    with Zone(names) as zone, filterd.Daemon(
            {"plugins": plugins}, env={"SMEMAIL_DNS": zone.dns}) as daemon:
        peer = daemon.connect("127.0.0.9")
        peer.begin()
        code, _ = peer.ask("X-HELO: forged\r\nFrom: a@out.example\r\n\r\nx\r\n.")
        message = (daemon.messages() + [b""])[0].decode()
        tap.ok(code == 250 and
               "; auth=none;\n  spf=softfail smtp.mailfrom=out.example" in
               message and "\nX-HELO: client.example\n" in message and
               "\nReceived-SPF: softfail (" in message and
               "forged" not in message, "the header tells it", message)
        peer.ask("RSET")
        peer.close()


def nobody_waits_for_another(tap):
    """A server that does not answer costs its own session, nobody else."""
    with Zone(NAMES) as zone, filterd.Daemon(
            {"plugins": PLUGINS}, env={"SMEMAIL_DNS": zone.dns}) as daemon:
        slow = daemon.connect("127.0.0.9")
        slow.reply()
        slow.ask("EHLO client.example")
        slow.send(b"MAIL FROM:<a@slow.example>\r\n")
        begun = time.monotonic()
        good = all(mail(daemon, "a@out.example")[0] == 250 for _ in range(20))
        tap.ok(good and time.monotonic() - begun < 10,
               "others go on while one waits", time.monotonic() - begun)
        begun = time.monotonic()
        peer = daemon.connect("127.0.0.8")
        code, _ = peer.reply()
        peer.close()
        tap.ok(code == 220, "FL-191: a silent reverse zone ends with its time",
               time.monotonic() - begun)
        slow.close()  # it goes while its question is under way
        tap.ok(mail(daemon, "a@out.example")[0] == 250,
               "and one that left meanwhile hurts nobody")


def resolver_dies(tap):
    with Zone(NAMES) as zone, filterd.Daemon(
            {"plugins": PLUGINS}, env={"SMEMAIL_DNS": zone.dns}) as daemon:
        mail(daemon, "a@out.example")
        slow = daemon.connect("127.0.0.9")
        slow.reply()
        slow.ask("EHLO client.example")
        slow.send(b"MAIL FROM:<a@slow.example>\r\n")
        filterd.wait_for(lambda: "slow.example." in
                         [q["name"] for q in zone.questions()])
        first = daemon.parts()
        os.kill(first["resolver"], signal.SIGKILL)
        code, text = slow.reply()
        tap.ok(code == 450 and "#4.4.3" in text,
               "the resolver is killed: what it was asked stays unknown",
               (code, text))
        slow.close()
        tap.ok(filterd.wait_for(lambda: daemon.parts().get("resolver") not in
                                (None, first["resolver"])),
               "it is started anew")
        code, text = mail(daemon, "a@gone.example")
        tap.ok(code == 450 and "#4.1.8" in text, "and answers again",
               (code, text))
        again = daemon.parts()
        tap.ok(all(again[p] == first[p] for p in first if p != "resolver"),
               "no other part was lost")


def silent_servers(tap):
    """Nobody answers: after some questions nobody waits any more."""
    files = {"plugins": PLUGINS}
    zone = Zone(NAMES)
    with zone, filterd.Daemon(files, env={"SMEMAIL_DNS": zone.dns}) as daemon:
        os.kill(zone.process.pid, signal.SIGSTOP)
        begun = time.monotonic()
        threads = [threading.Thread(target=mail, args=(
            daemon, "a@d%d.example" % i)) for i in range(6)]
        for t in threads:
            t.start()
        tap.ok(daemon.logged("no name server answers", 60),
               "servers that are silent are noticed", daemon.log())
        for t in threads:
            t.join()
        tap.ok(time.monotonic() - begun < 20, "and nobody waits for them",
               time.monotonic() - begun)

        def other():
            begun = time.monotonic()
            return (*mail(daemon, "a@other.example"), time.monotonic() - begun)
        code, text, took = filterd.in_time(other, 3)
        tap.ok(code == 450 and "#4.4.3" in text and took < 3,
               "they are not asked", (code, text, took))
        os.kill(zone.process.pid, signal.SIGCONT)
        tap.ok(daemon.logged("a name server answers again", 30),
               "they are tried again", daemon.log())
        tap.ok(mail(daemon, "a@out.example")[0] == 250, "and used")


def block_list(tap):
    plugins = "dnsbl reject naughty\nnaughty\nrcpt_ok\nqueue/maildir @MAILDIR@"
    with Zone(NAMES) as zone, filterd.Daemon(
            {"plugins": plugins, "dnsbl_zones": "bl.example"},
            env={"SMEMAIL_DNS": zone.dns}) as daemon:
        peer = daemon.connect("127.0.0.9")
        peer.reply()
        peer.ask("EHLO client.example")
        peer.ask("MAIL FROM:<a@out.example>")
        code, text = peer.ask("RCPT TO:<b@local.example>")
        tap.ok(code == 550 and "(dnsbl) listed, see x" in text,
               "FL-41, FL-100: a listed peer", (code, text))
        peer.close()


def earlytalker(tap):
    """FL-45: a wait is nobody else's wait, and it can be driven in parallel."""
    plugins = "earlytalker wait 2\nrcpt_ok\nqueue/maildir @MAILDIR@"
    with filterd.Daemon({"plugins": plugins}) as daemon:
        begun = time.monotonic()
        peers = [daemon.connect("127.0.0.9") for _ in range(50)]
        good = all(p.reply()[0] == 220 for p in peers)
        took = time.monotonic() - begun
        tap.ok(good and 1.9 < took < 8, "50 peers wait 2 s together", took)
        for p in peers:
            p.close()

        def early():
            begun = time.monotonic()
            peer = daemon.connect("127.0.0.9")
            peer.send(b"EHLO x\r\n")
            return peer.reply()[0], time.monotonic() - begun
        code, took = filterd.in_time(early, 1.5)
        tap.ok(code == 550 and took < 1.5, "who speaks is answered at once",
               (code, took))


def main():
    tap = filterd.Tap()
    names_and_senders(tap)
    environment(tap)
    header_tells(tap)
    nobody_waits_for_another(tap)
    resolver_dies(tap)
    silent_servers(tap)
    block_list(tap)
    earlytalker(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
