#!/usr/bin/env python3
"""queue/smtp-forward (FL-159) and queue/lmtp-forward: a server of ours that
answers as it is told."""
import email
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
from asked import Asked  # noqa: E402
from nexthop import new_daemon, send  # noqa: E402
from nextserver import Server  # noqa: E402


def plain(tap):
    server = Server(offers=["8BITMIME", "SIZE 1000000"])
    daemon = new_daemon("plain", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port, loglevel="5")
    with daemon:
        code, text = send(daemon, ("b@local.example", "c@local.example"),
                          "one\r\n..\r\n...three\r\n\r\nend\r\n")
        tap.ok(code == 250 and "queued as Q0" in text,
               '250 "queued as ID" (FL-159)', text)
        tap.ok(daemon.logged("(queue) queue::smtp_2dforward: delivered to "
                             "127.0.0.1:%d\n" % server.port),
               "the log tells where it is", daemon.log())
        tap.ok(server.heard == [
            "EHLO mx.local.example", "MAIL FROM:<a@o.example> BODY=8BITMIME",
            "RCPT TO:<b@local.example>", "RCPT TO:<c@local.example>",
            "DATA"], "EHLO me, MAIL, RCPT, DATA", server.heard)
        body = server.texts[0].split(b"\r\n\r\n", 1)[1]
        tap.ok(body == b"one\r\n..\r\n...three\r\n\r\nend\r\n",
               "dots are stuffed", server.texts)
        code, text = send(daemon, text=".dot\r\n" * 100000, sender="")
        body = server.texts[1].split(b"\r\n\r\n", 1)[1]
        # one dot is the client's stuffing (FL-28): "dot" is what it wrote
        tap.ok(code == 250 and body == b"dot\r\n" * 100000,
               "a long message out of the spool", (code, body[:60]))
        tap.ok(server.connections == 1 and
               server.heard[5].startswith("MAIL FROM:<>"),
               "the connection is used again", server.heard[5:])
    tap.ok(not [t for t in server.texts if b"\r\r" in t or
                b"\n" in t.replace(b"\r\n", b"")], "lines end in CRLF")


def answers(tap):
    server = Server()
    daemon = new_daemon("answers", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port)
    with daemon:
        cases = (
            ("MAIL", "450 4.1.0 later", 451), ("MAIL", "550 5.1.0 no", 554),
            ("RCPT", "451 4.2.0 busy", 451), ("RCPT", "550 5.1.1 gone", 554),
            ("DATA", "421 4.3.0 full", 451), ("DATA", "554 5.6.0 never", 554),
            ("end", "452 4.3.1 disk", 451), ("end", "552 5.3.4 big", 554),
            ("EHLO", "421 no", 451), ("connect", "554 go away", 451),
        )
        for verb, reply, want in cases:
            server.replies = {verb: reply}
            if verb in ("EHLO", "connect"):
                # on a fresh connection only
                server.replies["MAIL"] = "nonsense"
                send(daemon)
                server.replies = {verb: reply}
            code, text = send(daemon)
            words = reply.split(" ", 1)[1]
            shown = words in text if verb not in ("EHLO", "connect") else True
            tap.ok(code == want and shown, "%s: '%s' becomes %d" %
                   (verb, reply, want), text + daemon.log()[-500:])
        server.replies = {"RCPT TO:<c@local.example>": "550 5.1.1 no c",
                          "RCPT TO:<d@local.example>": "450 4.2.1 not now"}
        n = len(server.texts)
        code, text = send(daemon, ("c@local.example", "d@local.example"))
        tap.ok(code == 451 and "not now" in text and len(server.texts) == n,
               "a 4xx outweighs a 5xx", text)
        server.replies = {"end": "250 ok " + "x" * 3000}
        tap.ok(send(daemon)[0] in (250, 451), "an answer that is too long")
        server.replies = {"end": "250 \x1b[2J\xe9\x07ID"}
        code, text = send(daemon)
        tap.ok(code == 250 and "\x1b" not in text and "\x07" not in text,
               "control characters are not passed on", text)
        server.replies = {}
        server.close_after = "end"
        codes = [send(daemon)[0] for _ in range(3)]
        tap.ok(codes == [250] * 3, "a server that closes each time", codes)
    daemon = new_daemon("nobody", "queue/smtp-forward 127.0.0.1 1")
    with daemon:
        tap.ok(send(daemon)[0] == 451 and "refused" in daemon.log(),
               "no server there: 451", daemon.log())
    daemon = new_daemon("noname", "queue/smtp-forward no.such.invalid")
    with daemon:
        tap.ok(send(daemon)[0] == 451, "no such host: 451", daemon.log())


def hanging(tap):
    server = Server()
    daemon = new_daemon("hanging", "queue/smtp-forward localhost %d" %
                        server.port, queue_timeout="2")
    with daemon:
        for verb in ("connect", "MAIL", "DATA", "end.0"):
            server.hang_at = verb
            began = time.monotonic()
            slow = []
            thread = threading.Thread(
                target=lambda: slow.append(send(daemon)[0]))
            thread.start()
            filterd.wait_for(lambda: time.monotonic() - began > 0.3)
            server.hang_at = None
            code = send(daemon)[0]
            fast = time.monotonic() - began
            thread.join()
            took = time.monotonic() - began
            tap.ok(slow == [451] and code == 250 and fast < took < 12,
                   "a server that hangs at %s: 451 at the limit, others go "
                   "on" % verb, (slow, code, fast, took, daemon.log()))


def encrypted(tap):
    folder = tempfile.mkdtemp()
    cert, key = (os.path.join(folder, n) for n in ("cert.pem", "key.pem"))
    done = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=next.example", "-keyout", key, "-out", cert],
        capture_output=True, check=False)
    if done.returncode:
        tap.skip("TLS", "the program openssl cannot make a certificate")
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = Server(tls=context)
    daemon = new_daemon("tls", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port)
    with daemon:
        code, text = send(daemon, text="secret\r\n" * 20000)
        tap.ok(code == 250 and server.encrypted == 1 and
               server.heard.count("EHLO mx.local.example") == 2 and
               server.texts[0].endswith(b"secret\r\n" * 20000),
               "TLS when it is offered, EHLO anew behind it",
               text + daemon.log())
        code, _ = send(daemon)
        tap.ok(code == 250 and server.connections == 1,
               "and the connection is used again")
    server = Server(tls=context)
    server.tls_broken = True
    daemon = new_daemon("tlsbroken", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port)
    with daemon:
        code, text = send(daemon)
        tap.ok(code == 250 and server.connections == 2,
               "TLS that is offered and does not work: in clear",
               text + daemon.log())


def xclient(tap):
    server = Server(offers=["XCLIENT NAME ADDR PROTO HELO"])
    daemon = new_daemon("xclient", "queue/smtp-forward 127.0.0.1 %d xclient"
                        % server.port)
    with daemon:
        code, _ = send(daemon)
        wanted = "XCLIENT NAME=[UNAVAILABLE] ADDR=127.0.0.1 PROTO=ESMTP " \
            "HELO=client.example"
        tap.ok(code == 250 and server.heard[:3] == [
            "EHLO mx.local.example", wanted, "EHLO mx.local.example"],
            "XCLIENT with the attributes that the server lists", server.heard)
        server.replies["XCLIENT"] = "550 5.7.0 not you"
        tap.ok(send(daemon)[0] == 554, "refused there: passed on")
    server = Server()
    daemon = new_daemon("noxclient", "queue/smtp-forward 127.0.0.1 %d xclient"
                        % server.port)
    with daemon:
        tap.ok(send(daemon)[0] == 250 and
               not [h for h in server.heard if h.startswith("XCLIENT")],
               "none to a server that does not list it", server.heard)


def lmtp(tap):
    server = Server(lmtp=True)
    daemon = new_daemon("lmtp", "queue/lmtp-forward 127.0.0.1 %d" %
                        server.port)
    both = ("b@local.example", "c@local.example")
    with daemon:
        code, text = send(daemon, both)
        tap.ok(code == 250 and "queued as Q1" in text and
               server.heard[0] == "LHLO mx.local.example",
               "LMTP: LHLO, an answer for each recipient", text)
        for replies, want in (
                ({"end": "452 4.2.2 full"}, 451),
                ({"end": "550 5.2.0 no"}, 554),
                ({"end.0": "550 5.2.0 no", "end.1": "450 4.0.0 later"}, 451)):
            server.replies = replies
            code, text = send(daemon, both)
            tap.ok(code == want, "answers %s become %d" %
                   (sorted(replies.values()), want), text)
        server.replies = {}
        tap.ok(send(daemon, both)[0] == 250 and server.connections == 1,
               "all on one connection", server.connections)


def routes(tap):
    """smtproutes beside a Maildir: each domain's own server."""
    one, two = Server(), Server()
    folder = os.path.join(tempfile.tempdir, "routes")
    os.makedirs(os.path.join(folder, "spool"))
    daemon = new_daemon(
        "routes", "queue/maildir @MAILDIR@ %l/Maildir", relayclients="127.",
        plugins="relay\nrcpt_ok\nqueue/maildir @MAILDIR@ %l/Maildir",
        rcpthosts="local.example\none.example", loglevel="5",
        spool_dir=os.path.join(folder, "spool"),
        smtproutes="one.example:127.0.0.1:%d\n:127.0.0.1:%d" %
        (one.port, two.port))
    everyone = ("b@local.example", "c@one.example", "d@two.example",
                "e@local.example", "f@one.example")

    def boxes():
        return sorted(os.path.relpath(w, daemon.maildir).split(os.sep)[0]
                      for w, _, names in os.walk(daemon.maildir)
                      if os.path.basename(w) == "new" for _ in names)
    with daemon:
        for size in (1, 300000):
            one.heard.clear()
            two.heard.clear()
            before = boxes()
            code, text = send(daemon, everyone, "x" * 70 + "\r\n" +
                              "y\r\n" * size)
            rcpts = [[h for h in s.heard if h.startswith("RCPT")]
                     for s in (one, two)]
            tap.ok(code == 250 and rcpts == [
                ["RCPT TO:<c@one.example>", "RCPT TO:<f@one.example>"],
                ["RCPT TO:<d@two.example>"]],
                "each server has its recipients (%d lines)" % size,
                (text, rcpts, daemon.log()))
            tap.ok(daemon.logged(
                "delivered to Maildir of b, 127.0.0.1:%d, 127.0.0.1:%d, "
                "Maildir of e" % (one.port, two.port)), "the log tells it",
                daemon.log())
            tap.ok(filterd.wait_for(
                lambda: boxes() == sorted(before + ["b", "e"])),
                "and the Maildir ours", boxes())
            tap.ok(one.texts[-1].endswith(b"y\r\n" * size) and
                   two.texts[-1] == one.texts[-1], "the same text")
        code, text = send(daemon, ("c@one.example",))
        tap.ok(code == 250, "to one server only", text)
        before = boxes()
        two.replies = {"end": "451 4.3.0 not now"}
        code, text = send(daemon, everyone)
        tap.ok(code == 451 and "not now" in text and boxes() == before,
               "one of them declines: 451, and nothing is kept here", text)
        two.replies = {"RCPT": "550 5.1.1 nobody"}
        code, text = send(daemon, everyone)
        tap.ok(code == 554 and boxes() == before, "refuses: 554", text)
        tap.ok(send(daemon, ("b@local.example",))[0] == 250 and
               filterd.wait_for(lambda: len(boxes()) == len(before) + 1),
               "mail for here is not touched by that")


def side_by_side(tap):
    """The shares of one message, and the one answer to all of them."""
    servers = [Asked() for _ in range(12)]
    names = ["d%d.example" % i for i in range(12)]
    daemon = new_daemon(
        "shares", "queue/maildir @MAILDIR@ %l/Maildir",
        rcpthosts="local.example\n" + "\n".join(names),
        smtproutes="\n".join("%s:127.0.0.1:%d" % (n, s.port)
                             for n, s in zip(names, servers)))
    everyone = ["b@local.example"] + ["u@" + n for n in names]
    most = [0]
    done = threading.Event()

    def look():
        while not done.wait(0.01):
            most[0] = max(most[0], sum(s.busy for s in servers))
    with daemon:
        for s in servers:
            s.delay = 1.0
        watcher = threading.Thread(target=look)
        watcher.start()
        began = time.monotonic()
        code, text = send(daemon, everyone)
        took = time.monotonic() - began
        done.set()
        watcher.join()
        got = [[h for talk in s.heard for h in talk if h.startswith("RCPT")]
               for s in servers]
        tap.ok(code == 250 and took < 8 and
               got == [["RCPT TO:<u@%s>" % n] for n in names] and
               [len(s.texts) for s in servers] == [1] * 12 and
               len(daemon.messages()) == 1,
               "12 servers that take a second each: side by side",
               (text, took, got))
        tap.ok(2 <= most[0] <= 8, "at most 8 of one message at once", most)
        for s in servers:
            s.delay = 0
        for replies, want, words in (
                ({0: "550 5.1.1 gone"}, 554, "gone"),
                ({0: "550 5.1.1 gone", 3: "450 4.2.1 later"}, 451, "later"),
                ({3: "450 4.2.1 later", 5: "550 5.1.1 gone"}, 451, "later"),
                ({11: "451 4.3.0 not now"}, 451, "not now")):
            for i, s in enumerate(servers):
                s.replies = {"RCPT": replies[i]} if i in replies else {}
            # each a message of its own: none has its share already
            code, text = send(daemon, everyone, "%s\r\n" % replies)
            tap.ok(code == want and words in text and
                   len(daemon.messages()) == 1,
                   "%s: one answer, %d, and nothing is kept here" %
                   (sorted(replies.values()), want), text)
        servers[0].replies = {"RCPT": "550 no"}
        servers[7].delay = 2.0
        began = time.monotonic()
        code, text = send(daemon, everyone, "another\r\n")
        tap.ok(code == 554 and time.monotonic() - began > 1.9,
               "the answer waits for all that are under way", text)
        for s in servers:
            s.replies, s.delay = {}, 0
        tap.ok(send(daemon, everyone)[0] == 250 and
               len(daemon.messages()) == 2, "and all again")


def comes_again(tap):
    """A server that took its share has it once, however often the sender is
    told to come again because of another; a disk of our own is another."""
    servers = [Server() for _ in range(3)]
    names = ["d%d.example" % i for i in range(3)]
    daemon = new_daemon(
        "again", "queue/maildir @MAILDIR@ %l/Maildir",
        rcpthosts="local.example\n" + "\n".join(names),
        smtproutes="\n".join("%s:127.0.0.1:%d" % (n, s.port)
                             for n, s in zip(names, servers)))
    everyone = ["b@local.example"] + ["u@" + n for n in names]

    def got():
        return [len(s.texts) for s in servers] + [len(daemon.messages())]
    with daemon:
        servers[1].replies = {"RCPT": "450 4.2.1 later"}
        codes = [send(daemon, everyone)[0] for _ in range(3)]
        tap.ok(codes == [451] * 3 and got() == [1, 0, 1, 0],
               "while one says later, others have their share once",
               (codes, got()))
        code, _ = send(daemon, everyone, "another text\r\n")
        tap.ok(code == 451 and got() == [2, 0, 2, 0],
               "another text under the same Message-Id is another message",
               got())
        code, _ = send(daemon, ["b@local.example", "v@d0.example",
                                "u@d1.example"])
        tap.ok(code == 451 and got() == [3, 0, 2, 0],
               "and so is a share with other recipients", got())
        code, _ = send(daemon, everyone, sender="z@o.example")
        tap.ok(code == 451 and got() == [4, 0, 3, 0],
               "and one of another sender", got())
        servers[1].replies = {}
        code, _ = send(daemon, everyone)
        tap.ok(code == 250 and got() == [4, 1, 3, 1],
               "then the rest is sent, and ours is kept", (code, got()))
        code, _ = send(daemon, everyone)
        tap.ok(code == 250 and got() == [5, 2, 4, 2],
               "after a 250 nothing is held against who sends it anew",
               got())
        servers[1].replies = {"RCPT": "450 4.2.1 later"}
        send(daemon, everyone, "third\r\n")
        servers[1].replies = {"RCPT": "550 5.1.1 gone"}
        code, text = send(daemon, everyone, "third\r\n")
        tap.ok(code == 554 and "gone" in text and got() == [6, 2, 5, 2],
               "a server that refuses it in the end", (code, text, got()))
        tap.ok("'127.0.0.1' has its share of a message already" in
               daemon.log(), "it is told", daemon.log())


def reported(tap):
    """RFC 5321 6.1: who has its share keeps it; a share that is refused for
    good is reported to the sender, by a way that there must be."""
    servers = [Server() for _ in range(4)]
    names = ["d%d.example" % i for i in range(3)] + ["home.example"]
    daemon = new_daemon(
        "reported", "queue/maildir @MAILDIR@ %l/Maildir",
        rcpthosts="local.example\n" + "\n".join(names),
        aliases="b: b\npostmaster: b\nanna: anna", loglevel="6",
        smtproutes="\n".join("%s:127.0.0.1:%d" % (n, s.port)
                             for n, s in zip(names, servers)))
    everyone = ["b@local.example"] + ["u@" + n for n in names[:3]] + \
        ["v@d1.example"]
    home = servers[3]

    def kept(n):
        filterd.wait_for(lambda: len(daemon.messages()) >= n)
        return [email.message_from_bytes(m) for m in daemon.messages()]

    def got():
        return [len(s.texts) for s in servers]
    with daemon:
        servers[1].replies = {"RCPT": "550 5.1.1 gone"}
        code, text = send(daemon, everyone, sender="anna@home.example")
        tap.ok(code == 250 and got() == [1, 0, 1, 1] and len(kept(1)) == 1,
               "one of three refuses: 250, the others and ours have it, and "
               "the sender's server has a report", (code, text, got()))
        tap.ok("; but some recipients are refused, which the sender is told"
               in daemon.log(),
               "where it went is not all that the log tells", daemon.log())
        tap.ok(home.heard[1:3] == ["MAIL FROM:<>",
                                   "RCPT TO:<anna@home.example>"],
               "from nobody, to the sender", home.heard)
        report = email.message_from_bytes(home.texts[-1])
        parts = [p for p in report.walk() if not p.is_multipart()]
        status = report.get_payload(1).get_payload()
        tap.ok(report.get_content_type() == "multipart/report" and
               report.get_param("report-type") == "delivery-status" and
               report["Auto-Submitted"] == "auto-replied" and
               report["Date"] and report["Message-Id"] and
               not report.defects and
               [p.get_content_type() for p in report.get_payload()] ==
               ["text/plain", "message/delivery-status",
                "text/rfc822-headers"], "RFC 3462, RFC 3834",
               home.texts[-1].decode())
        tap.ok(status[0]["Reporting-MTA"] == "dns; mx.local.example" and
               [(p["Final-Recipient"], p["Action"], p["Status"],
                 p["Remote-MTA"], p["Diagnostic-Code"])
                for p in status[1:]] == [
                    ("rfc822; %s@d1.example" % who, "failed", "5.1.1",
                     "dns; [127.0.0.1]", "smtp; 550 5.1.1 gone")
                    for who in "uv"], "RFC 3464: who, why, which server",
               home.texts[-1].decode())
        tap.ok("Message-Id: <m@out.example>" in parts[-1].get_payload() and
               "\nx\n" not in home.texts[-1].decode().replace("\r", ""),
               "with the header of the message and without its text",
               parts[-1].get_payload())
        send(daemon, everyone, sender="anna@local.example")
        mine = [m for m in kept(3) if m["Return-Path"] == "<>"]
        tap.ok(len(mine) == 1 and mine[0]["To"] == "<anna@local.example>",
               "a sender of ours has it in the mailbox", mine)
        send(daemon, everyone, sender="")
        mine = [m for m in kept(5) if m["Return-Path"] == "<>" and
                m["To"] == "<postmaster@mx.local.example>"]
        tap.ok(len(mine) == 1 and got() == [3, 0, 3, 1],
               "of a message without a sender the postmaster", mine)
        for what, replies, sender, want in (
                ("the report is refused", {"RCPT": "550 5.1.1 who"},
                 "anna@home.example", 554),
                ("the report is declined", {"RCPT": "451 4.2.1 later"},
                 "anna@home.example", 554),
                ("nobody here", {}, "nobody@local.example", 554),
                ("no way there", {}, "anna@far.example", 554)):
            home.replies = replies
            n = len(daemon.messages())
            code, text = send(daemon, everyone, what + "\r\n", sender)
            tap.ok(code == want and "gone" in text and
                   len(daemon.messages()) == n,
                   "%s: the message is refused as a whole" % what,
                   (code, text))
        home.replies = {}
        n, before = len(daemon.messages()), got()
        servers[2].replies = {"RCPT": "451 4.2.1 later"}
        code, _ = send(daemon, everyone, "later\r\n", "anna@home.example")
        tap.ok(code == 451 and got()[3] == before[3] and
               len(daemon.messages()) == n,
               "one refuses, one declines: nothing is reported yet",
               (code, got()))
        servers[2].replies = {}
        code, _ = send(daemon, everyone, "later\r\n", "anna@home.example")
        tap.ok(code == 250 and [a - b for a, b in zip(got(), before)] ==
               [1, 0, 1, 1] and len(kept(n + 1)) == n + 1,
               "then it is, once", (code, got()))
        servers[0].replies = servers[2].replies = servers[1].replies
        before = got()
        code, text = send(daemon, everyone[1:], "all\r\n",
                          "anna@home.example")
        tap.ok(code == 554 and got() == before,
               "refused by all: 554, and no report", (code, text))
        n = len(home.texts)
        codes, began = [], time.monotonic()
        while 554 not in codes and len(codes) < 400:
            codes.append(send(daemon, everyone, "%d\r\n" % len(codes),
                              "anna@home.example")[0])
        told = len(home.texts) - n
        most = 60 * (2 + int((time.monotonic() - began) / 60))
        tap.ok(40 < told <= most and codes == [250] * told + [554],
               "at most 60 reports a minute", (told, most, codes))


def many_recipients(tap):
    """As many as the setting allows: answers to each take little memory."""
    server = Server()
    daemon = new_daemon("recipients", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port, max_rcpts="10000")
    rcpts = ["someone.%d@local.example" % i for i in range(10000)]
    with daemon:
        code, text = send(daemon, rcpts, timeout=120)
        heard = [line for line in server.heard if line.startswith("RCPT")]
        tap.ok(code == 250 and len(server.texts) == 1 and
               heard == ["RCPT TO:<%s>" % to for to in rcpts],
               "10,000 recipients, by one message", (text, daemon.log()))


def at_once(tap):
    server = Server()
    daemon = new_daemon("many", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port)
    with daemon:
        codes = []
        threads = [threading.Thread(target=lambda: codes.extend(
            send(daemon)[0] for _ in range(10))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tap.ok(codes == [250] * 200 and len(server.texts) == 200,
               "200 messages, 20 at once, over %d connections" %
               server.connections, codes)
        tap.ok(server.connections <= 40, "connections are used again",
               server.connections)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-forward.")
    tempfile.tempdir = folder
    try:
        for test in (plain, answers, hanging, encrypted, xclient, lmtp,
                     routes, side_by_side, comes_again, reported,
                     many_recipients, at_once):
            test(tap)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
