#!/usr/bin/env python3
"""A next server answers for each recipient (RFC 5321 3.3, RFC 2033 4.2): those
whom it takes a message for have it once, those whom it refuses for good are
reported to the sender (RFC 3464), those whom it declines are tried again when
the sender comes again."""
import email
import os
import shutil
import signal
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
from nexthop import new_daemon, send  # noqa: E402
from nextserver import Server  # noqa: E402

B, C, D = ("%s@local.example" % c for c in "bcd")
SENDER = "a@o.example"
GONE, LATER = "550 5.1.1 gone", "450 4.2.1 later"


def rcpt(address):
    return "RCPT TO:<%s>" % address


def who_has(server):
    """Recipients of all messages but reports, in their order."""
    return [r for sender, rcpts, _ in server.taken if sender for r in rcpts]


def reported(server):
    """Whom each report is about, and to whom it went."""
    found = []
    for sender, rcpts, text in server.taken:
        if sender:
            continue
        status = email.message_from_bytes(text).get_payload(1).get_payload()
        found.append((rcpts, [(p["Final-Recipient"].split()[1],
                               p["Diagnostic-Code"]) for p in status[1:]]))
    return found


def forget(server, replies=None):
    server.replies = replies or {}
    server.taken.clear()


def by_smtp(tap):
    server = Server()
    daemon = new_daemon("smtp", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port)
    with daemon:
        forget(server, {rcpt(C): GONE})
        code, text = send(daemon, (B, C, D), "1\r\n")
        tap.ok(code == 250 and who_has(server) == [B, D] and
               text.startswith("250 2.0.0 queued as Q0 <m@") and
               reported(server) == [([SENDER], [(C, "smtp; " + GONE)])],
               "one of three refused: 250 with the id at the next server, two "
               "have it, one is reported",
               (text, server.taken, daemon.log()[-600:]))
        forget(server, {"RCPT": GONE})
        code, text = send(daemon, (B, C), "2\r\n")
        tap.ok(code == 554 and "gone" in text and not server.taken,
               "all refused: its code is passed on, no report", text)
        forget(server, {rcpt(B): GONE, rcpt(C): "554 5.7.1 not you"})
        code, text = send(daemon, (B, C), "3\r\n")
        tap.ok(code == 554 and not server.taken, "for two reasons too", text)
        forget(server, {rcpt(C): LATER})
        codes = [send(daemon, (B, C, D), "4\r\n")[0] for _ in range(3)]
        tap.ok(codes == [451] * 3 and who_has(server) == [B, D],
               "one declined: 451, the others have it, once however often "
               "the sender comes again", (codes, who_has(server)))
        server.replies = {}
        code, text = send(daemon, (B, C, D), "4\r\n")
        tap.ok(code == 250 and who_has(server) == [B, D, C] and
               not reported(server), "then the third has it", text)
        code, _ = send(daemon, (B, C, D), "4\r\n")
        tap.ok(code == 250 and who_has(server) == [B, D, C, B, C, D],
               "after the 250 it would be another message", who_has(server))
        forget(server, {rcpt(C): LATER, rcpt(D): GONE})
        code, text = send(daemon, (B, C, D), "5\r\n")
        tap.ok(code == 451 and "later" in text and who_has(server) == [B] and
               not reported(server),
               "taken, declined, refused: 451, and no report yet", text)
        server.replies = {rcpt(D): GONE}
        code, _ = send(daemon, (B, C, D), "5\r\n")
        tap.ok(code == 250 and who_has(server) == [B, C] and
               reported(server) == [([SENDER], [(D, "smtp; " + GONE)])],
               "once it is neither: 250, and the report", server.taken)
        forget(server, {rcpt(C): LATER})
        code, _ = send(daemon, (B, C), "6\r\n")
        server.replies = {rcpt(C): GONE}
        code, _ = send(daemon, (B, C), "6\r\n")
        tap.ok(code == 250 and who_has(server) == [B] and
               [r[1] for r in reported(server)] == [[(C, "smtp; " + GONE)]],
               "declined, then refused: the other has it from before, so it "
               "is reported", server.taken)
        tap.ok("has a message for 1 of its 2 recipients already" in
               daemon.log(), "which is told", daemon.log()[-900:])
        forget(server, {rcpt(C): GONE, rcpt(SENDER): "550 5.1.1 who"})
        code, text = send(daemon, (B, C), "7\r\n")
        tap.ok(code == 554 and "gone" in text and not reported(server),
               "a report that is refused: 554, the sender's server tells it",
               text)
        for verb, reply, want in (("DATA", "554 5.6.0 no", 554),
                                  ("DATA", "451 4.3.0 no", 451),
                                  ("end.0", "552 5.3.4 big", 554),
                                  ("end.0", "452 4.3.1 disk", 451)):
            forget(server, {rcpt(C): GONE, verb: reply})
            code, text = send(daemon, (B, C), verb + reply + "\r\n")
            tap.ok(code == want and not server.taken,
                   "one refused, then %s: '%s': %d for all" %
                   (verb, reply, want), text)
        forget(server, {rcpt(C): GONE})
        server.close_after = "end"
        codes = [send(daemon, (B, C), "close %d\r\n" % i)[0]
                 for i in range(2)]
        tap.ok(codes == [250] * 2 and who_has(server) == [B] * 2 and
               len(reported(server)) == 2, "a server that closes each time",
               (codes, server.taken))


def lost_connection(tap):
    """What is not known to be taken is sent again, and only that."""
    server = Server()
    daemon = new_daemon("lost", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port, queue_timeout="2")
    with daemon:
        server.replies = {rcpt(B): GONE}
        for verb in (rcpt(C), "DATA", "end.0"):
            forget(server, {rcpt(B): GONE})
            server.hang_at = verb
            code, text = send(daemon, (B, C, D), verb + "\r\n")
            server.hang_at = None
            tap.ok(code == 451 and not reported(server),
                   "one refused, then silence at %s: 451" % verb, text)
            server.taken.clear()
            code, text = send(daemon, (B, C, D), verb + "\r\n")
            tap.ok(code == 250 and who_has(server) == [C, D] and
                   [r[1][0][0] for r in reported(server)] == [B],
                   "and all of it when the sender comes again",
                   (text, server.taken))


def without_id(tap):
    """A message that would not be known again stays together when one of its
    recipients is declined: nobody has it twice."""
    server = Server()
    daemon = new_daemon("noid", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port)

    def send_plain(rcpts):
        peer = daemon.connect(timeout=40)
        peer.begin(SENDER, rcpts)
        peer.send("From: a@out.example\r\n\r\nx\r\n.\r\n")
        code = peer.reply()[0]
        peer.close()
        return code
    with daemon:
        server.replies = {rcpt(C): LATER}
        codes = [send_plain((B, C)) for _ in range(2)]
        tap.ok(codes == [451] * 2 and not server.taken,
               "no Message-Id, one declined: nobody has it", server.taken)
        server.replies = {rcpt(C): GONE}
        tap.ok(send_plain((B, C)) == 250 and who_has(server) == [B] and
               len(reported(server)) == 1, "one refused: as any",
               server.taken)


def by_lmtp(tap):
    server = Server(lmtp=True)
    daemon = new_daemon("lmtp", "queue/lmtp-forward 127.0.0.1 %d" %
                        server.port)
    with daemon:
        forget(server, {"end " + C: GONE, rcpt(D): "550 5.1.6 moved"})
        code, text = send(daemon, (B, C, D), "1\r\n")
        tap.ok(code == 250 and who_has(server) == [B] and
               reported(server) == [([SENDER], [
                   (C, "smtp; " + GONE), (D, "smtp; 550 5.1.6 moved")])],
               "LMTP: one taken, one refused behind the text, one before it",
               (text, server.taken))
        forget(server, {"end " + B: LATER})
        codes = [send(daemon, (B, C, D), "2\r\n")[0] for _ in range(3)]
        tap.ok(codes == [451] * 3 and who_has(server) == [C, D],
               "the first declined behind the text: the others have it once",
               (codes, who_has(server)))
        server.replies = {}
        code, text = send(daemon, (B, C, D), "2\r\n")
        tap.ok(code == 250 and who_has(server) == [C, D, B] and
               "queued as Q0" in text, "then the first has it", text)
        forget(server)
        server.close_after = "end.0"
        code, _ = send(daemon, (B, C, D), "3\r\n")
        server.close_after = None
        tap.ok(code == 451 and who_has(server) == [B],
               "the connection ends behind the first answer: 451",
               server.taken)
        code, _ = send(daemon, (B, C, D), "3\r\n")
        tap.ok(code == 250 and who_has(server) == [B, C, D],
               "and only the others have it then", server.taken)
        forget(server, {"end": GONE})
        code, text = send(daemon, (B, C, D), "4\r\n")
        tap.ok(code == 554 and "gone" in text and not server.taken,
               "refused by all: its code is passed on", text)


def by_route(tap):
    """smtproutes beside a Maildir; reports to mailboxes here."""
    server = Server()
    daemon = new_daemon(
        "route", "queue/maildir @MAILDIR@ %l/Maildir",
        rcpthosts="local.example\nfar.example",
        smtproutes="far.example:127.0.0.1:%d" % server.port)
    x, y, z = ("%s@far.example" % c for c in "xyz")
    mine = "anna@local.example"

    def kept():
        found = [email.message_from_bytes(m) for m in daemon.messages()]
        return sorted(m["Return-Path"] for m in found)
    with daemon:
        server.replies = {rcpt(y): GONE}
        code, text = send(daemon, (B, x, y, z), "1\r\n", mine)
        there = filterd.wait_for(lambda: kept() == ["<>", "<%s>" % mine])
        tap.ok(code == 250 and who_has(server) == [x, z] and there,
               "one of three at a server: the others and ours have it, and "
               "the sender a report", (text, server.taken, kept()))
        server.replies = {rcpt(y): LATER}
        codes = [send(daemon, (B, x, y, z), "2\r\n", mine)[0]
                 for _ in range(2)]
        tap.ok(codes == [451] * 2 and who_has(server) == [x, z] * 2 and
               len(kept()) == 2, "one declined: 451, ours not yet, theirs "
               "once", (codes, server.taken, kept()))
        server.replies = {}
        code, _ = send(daemon, (B, x, y, z), "2\r\n", mine)
        tap.ok(code == 250 and who_has(server) == [x, z, x, z, y] and
               filterd.wait_for(lambda: len(kept()) == 3), "then all",
               (server.taken, kept()))
        box = os.path.join(daemon.maildir, "e")
        with open(box, "w", encoding="ascii"):
            pass
        n = len(server.taken)
        code, text = send(daemon, ("e@local.example", x, y), "4\r\n", mine)
        tap.ok(code == 451 and "queued as" not in text and
               who_has(server)[-2:] == [x, y] and len(server.taken) == n + 1,
               "theirs is taken and ours cannot be kept: 451", text)
        os.unlink(box)
        code, _ = send(daemon, ("e@local.example", x, y), "4\r\n", mine)
        tap.ok(code == 250 and len(server.taken) == n + 1 and
               filterd.wait_for(lambda: len(kept()) == 4),
               "then it is kept here, and not sent there again",
               (server.taken, kept()))
        server.replies = {rcpt(y): GONE}
        n = len(server.taken)
        code, _ = send(daemon, (x, y), "3\r\n", "w@nowhere.example")
        tap.ok(code == 554 and len(server.taken) == n,
               "no way to the sender: nobody has it, 554", server.taken)


def many(tap):
    """A thousand recipients, half of them refused, each in long words."""
    server = Server()
    daemon = new_daemon("many", "queue/smtp-forward 127.0.0.1 %d" %
                        server.port)
    everyone = ["u%d@local.example" % i for i in range(1000)]
    server.replies = {rcpt(r): "550 5.1.1 %s %s" % (r, "x" * 400)
                      for r in everyone[::2]}
    with daemon:
        code, text = send(daemon, everyone)
        told = reported(server)
        tap.ok(code == 250 and who_has(server) == everyone[1::2],
               "1000 recipients, 500 refused: the others have it",
               (text, len(server.taken), daemon.log()[-600:]))
        tap.ok(len(told) == 1 and [r for r, _ in told[0][1]] ==
               everyone[::2] and told[0][1][0][1].startswith(
                   "smtp; 550 5.1.1 u0@local.example xxx") and
               all(why.startswith("smtp; 550 5.1.1 u") for _, why in
                   told[0][1]), "all of these are in the one report",
               [t[1][:2] for t in told])
        server.replies = {rcpt(r): LATER for r in everyone[::2]}
        codes = [send(daemon, everyone, "again\r\n")[0] for _ in range(2)]
        server.replies = {}
        codes.append(send(daemon, everyone, "again\r\n")[0])
        tap.ok(codes == [451, 451, 250] and sorted(who_has(server)) ==
               sorted(everyone + everyone[1::2]),
               "500 declined and sent again: each has it once", codes)


def report_in_shares(tap):
    """A report may be a message in shares too: to a mailbox here and to a
    server; when it is answered nothing of it is left in the keeper."""
    server = Server()
    daemon = new_daemon(
        "both", "queue/maildir @MAILDIR@ %l/Maildir",
        aliases="b: b\nanna: anna\nteam: anna\n"
                "team: z@far.example\n",
        rcpthosts="local.example\nfar.example",
        smtproutes="far.example:127.0.0.1:%d" % server.port)
    server.replies = {rcpt("y@far.example"): GONE}

    def held():
        folder = "/proc/%d/fd" % daemon.parts()["keeper"]
        found = 0
        for fd in os.listdir(folder):
            try:
                found += "memfd:job" in os.readlink(
                    os.path.join(folder, fd))
            except OSError:
                pass
        return found
    with daemon:
        codes = [send(daemon, (B, "y@far.example"), "%d\r\n" % i,
                      "team@local.example")[0] for i in range(3)]
        there = filterd.wait_for(lambda: len(daemon.messages()) == 6)
        tap.ok(codes == [250] * 3 and there and
               [t for t, _ in reported(server)] == [["z@far.example"]] * 3,
               "reports to a mailbox here and to a server",
               (codes, server.taken, daemon.log()[-1500:]))
        tap.ok(filterd.wait_for(lambda: held() == 0),
               "nothing of them is left behind", held())


def kill_keeper(daemon):
    """The one in its place has the policy when it says what it found."""
    pid = daemon.parts()["keeper"]
    os.kill(pid, signal.SIGKILL)
    return filterd.wait_for(lambda: daemon.parts().get("keeper")
                            not in (None, pid))


def remembered(tap):
    """Who has a message is known to the next keeper (RFC 5321 6.1): killed
    between a 451 and the sender's next try, or with a share under way."""
    servers = [Server() for _ in range(2)]
    names = ["d%d.example" % i for i in range(2)]
    spool = os.path.join(tempfile.tempdir, "spool")
    record = os.path.join(spool, "queue-shares")
    os.mkdir(spool)
    daemon = new_daemon(
        "remembered", "queue/maildir @MAILDIR@ %l/Maildir", spool_dir=spool,
        rcpthosts="local.example\n" + "\n".join(names),
        smtproutes="\n".join("%s:127.0.0.1:%d" % (n, s.port)
                             for n, s in zip(names, servers)))
    everyone = [B] + ["u@" + n for n in names]

    def got():
        return [len(s.taken) for s in servers] + [len(daemon.messages())]

    def until(want):
        return filterd.wait_for(lambda: got() == want)
    with daemon:
        send(daemon, everyone, "plain\r\n")
        send(daemon, [B], "ours\r\n")
        tap.ok(until([1, 1, 2]), "what all take", got())
        servers[1].replies = {"RCPT": LATER}
        codes = [send(daemon, everyone)[0]]
        for _ in range(2):
            kill_keeper(daemon)
            codes.append(send(daemon, everyone)[0])
        tap.ok(codes == [451] * 3 and got() == [2, 1, 2],
               "keepers killed after each 451: who has it has it once",
               (codes, got(), daemon.log()[-2000:]))
        daemon.kill_all()
        daemon.start()
        servers[1].replies = {}
        code, _ = send(daemon, everyone)
        tap.ok(code == 250 and until([2, 2, 3]),
               "and the daemon as a whole: then all have it once", got())
        kill_keeper(daemon)
        code, _ = send(daemon, everyone)
        tap.ok(code == 250 and until([3, 3, 4]),
               "after a 250 nothing is known any more", got())

        servers[1].hang_at = "DATA"
        peer = daemon.connect(timeout=40.0)
        peer.begin("a@o.example", everyone)
        peer.send("From: a@out.example\r\nMessage-Id: <m@out.example>\r\n"
                  "\r\nhanging\r\n.\r\n")
        filterd.wait_for(lambda: got()[0] == 4 and
                         servers[1].heard[-1] == "DATA")
        servers[1].hang_at = None
        kill_keeper(daemon)
        code, _ = peer.reply()
        peer.close()
        again, _ = send(daemon, everyone, "hanging\r\n")
        tap.ok((code, again) == (451, 250) and until([4, 4, 5]),
               "killed with a share under way: the other one is not sent "
               "again", (code, again, got()))

        servers[1].replies = {"RCPT": LATER}
        send(daemon, everyone, "third\r\n")
        pid = daemon.parts()["keeper"]
        os.kill(pid, signal.SIGSTOP)
        with open(record, "r+b") as f:
            f.write(b"garbage" * 20)
        os.kill(pid, signal.SIGCONT)
        kill_keeper(daemon)
        servers[1].replies = {}
        code, _ = send(daemon, everyone, "third\r\n")
        tap.ok(code == 250 and until([6, 5, 6]) and
               os.path.exists(record + ".bad") and
               "queue-shares' is damaged" in daemon.log(),
               "a record that is damaged is set aside, and told", got())


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-recipients.")
    tempfile.tempdir = folder
    try:
        for test in (by_smtp, lost_connection, without_id, by_lmtp, by_route,
                     report_in_shares, remembered, many):
            test(tap)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
