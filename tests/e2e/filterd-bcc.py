#!/usr/bin/env python3
"""bcc (FL-148): who gets a copy, in the envelope that qmail-queue gets, in
mailboxes, on another server, and by the settings of smemail."""
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
import mailroot  # noqa: E402
from asked import Asked  # noqa: E402

QMAIL_QUEUE = """#!/bin/sh
n=$(date +%s%N).$$
cat >"${0%/*}/message.$n"
cat <&1 >"${0%/*}/envelope.$n"
"""
OWN, FAR = "b@local.example", "x@far.example"
OUT, INSIDE = "127.0.0.9", "127.0.0.5"


class Queued:
    """A daemon whose envelopes can be read."""

    def __init__(self, line, **files):
        self.folder = tempfile.mkdtemp()
        program = os.path.join(self.folder, "qmail-queue")
        with open(program, "w", encoding="ascii") as f:
            f.write(QMAIL_QUEUE)
        os.chmod(program, 0o755)
        base = {"plugins": "logging/logterse\nlogging/json_event\n" + line +
                "\nrelay\nbadrcptto\nrcpt_ok\nqueue/qmail-queue " + program,
                "relayclients": INSIDE, "loglevel": "6",
                "badrcptto": "archive@local.example\nbad@local.example"}
        base.update(files)
        self.daemon = filterd.Daemon(base)

    def taken(self, name):
        found = sorted(n for n in os.listdir(self.folder)
                       if n.startswith(name + "."))
        with open(os.path.join(self.folder, found[-1]), "rb") as f:
            text = f.read()
        for n in found:
            os.unlink(os.path.join(self.folder, n))
        return text


def send(daemon, source=OUT, rcpts=(OWN,), sender="a@out.example",
         text="hi\r\n"):
    peer = daemon.connect(source)
    try:
        code, said = peer.begin(sender, rcpts)
        if code != 354:
            return code, said
        peer.send("From: a@out.example\r\nX-Copied-To: nobody\r\n\r\n" + text +
                  ".\r\n")
        return peer.reply()
    finally:
        peer.close()


def envelopes(tap):
    """Rows: the line, the client, recipients; who gets a copy, and whether a
    header tells of it."""
    rows = (
        ("bcc mode bcc all maillog", OUT, (OWN,), ["maillog"], False),
        ("bcc mode cc all maillog", OUT, (OWN,), ["maillog"], True),
        ("bcc mode off all maillog", OUT, (OWN,), [], False),
        ("bcc incoming in@z.example outgoing out@z.example", OUT, (OWN,),
         ["in@z.example"], False),
        ("bcc incoming in@z.example outgoing out@z.example", INSIDE, (FAR,),
         ["out@z.example"], False),
        ("bcc incoming in@z.example outgoing out@z.example", INSIDE,
         (OWN, FAR), ["in@z.example", "out@z.example"], False),
        ("bcc all archive@local.example", OUT, (OWN, "c@local.example"),
         ["archive@local.example"], False),
        ("bcc mode cc all B@LOCAL.example", OUT, (OWN,), [], False),
    )
    for line, source, rcpts, wanted, told in rows:
        queued = Queued(line)
        with queued.daemon as daemon:
            code, text = send(daemon, source, rcpts)
            envelope = queued.taken("envelope")
            message = queued.taken("message")
            want = b"".join(b"T" + r.encode() + b"\0"
                            for r in list(rcpts) + wanted)
            tap.ok(code == 250 and
                   envelope == b"Fa@out.example\0" + want + b"\0",
                   "%s from %s to %s: copies for %s" %
                   (line, source, ",".join(rcpts), wanted or "nobody"),
                   (text, envelope))
            fields = [b"X-Copied-To: " + w.encode() for w in wanted] \
                if told else []
            head = message.split(b"\n\n")[0].split(b"\n")
            tap.ok([h for h in head if h.startswith(b"X-Copied-To")] ==
                   fields + [b"X-Copied-To: nobody"],
                   "a header tells of them: %s" % told, head)
            log = daemon.log()
            tap.ok(all("<%s>\tqueued" % w in log or "<%s>," % w in log
                       for w in wanted) and
                   '"recipients":%d' % (len(rcpts) + len(wanted)) in log,
                   "the logs show them", log[-900:])
        shutil.rmtree(daemon.folder)


def rules(tap):
    queued = Queued("bcc mode bcc all log@z.example\nbogus_bounce deny",
                    max_rcpts="1",
                    bcc_ignore_mailfrom="quiet@out.example\n@mute.example",
                    bcc_ignore_rcptto="secret")
    copy = b"Tlog@z.example\0\0"
    with queued.daemon as daemon:
        code, text = send(daemon, rcpts=("bad@local.example",))
        tap.ok(code == 503 and not [n for n in os.listdir(queued.folder)
                                    if n.startswith("env")],
               "a copy alone is no recipient: all refused, no DATA", text)
        code, text = send(daemon)
        tap.ok(code == 250 and queued.taken("envelope").endswith(copy),
               "no limit of recipients counts it", text)
        code, text = send(daemon, sender="")
        tap.ok(code == 250 and queued.taken("envelope").endswith(copy),
               "a bounce with one recipient still has one (FL-187)", text)
        for sender in ("Quiet@out.example", "x@mute.example"):
            send(daemon, sender=sender)
            tap.ok(queued.taken("envelope").endswith(b"local.example\0\0"),
                   "no copy of mail from %s" % sender)
        send(daemon, rcpts=("secret@local.example",))
        tap.ok(queued.taken("envelope").endswith(b"secret@local.example\0\0"),
               "none of mail to a bare user name that is ignored")
        peer = daemon.connect(OUT)
        peer.reply()
        peer.ask("EHLO x")
        for _ in range(3):
            peer.ask("MAIL FROM:<a@out.example>")
            peer.ask("RCPT TO:<b@local.example>")
            peer.ask("DATA")
            peer.send("From: a@b\r\n\r\n" + "x\r\n" * 300000 + ".\r\n")
            tap.ok(peer.reply()[0] == 250 and
                   queued.taken("envelope").count(copy[:-1]) == 1,
                   "one copy of each message of a session, long ones too")
        peer.ask("MAIL FROM:<a@out.example>")
        peer.ask("RCPT TO:<b@local.example>")
        peer.ask("RSET")
        peer.close()
    queued = Queued("bcc", bcc="mode cc\nall log@z.example")
    with queued.daemon as daemon:
        send(daemon)
        tap.ok(queued.taken("envelope").endswith(copy) and
               b"\nX-Copied-To: log@z.example\n" in queued.taken("message"),
               "file bcc in place of arguments")


def elsewhere(tap):
    """A mailbox of its own, or a server that smtproutes names."""
    server = Asked()
    daemon = filterd.Daemon({
        "plugins": "bcc mode bcc all log all far@fwd.example\nrcpt_ok\n"
                   "queue/maildir @MAILDIR@ %l/Maildir",
        "smtproutes": "fwd.example:127.0.0.1:%d" % server.port})
    with daemon:
        code, text = send(daemon)
        boxes = sorted(os.path.relpath(w, daemon.maildir).split(os.sep)[0]
                       for w, _, names in os.walk(daemon.maildir)
                       if os.path.basename(w) == "new" for _ in names)
        tap.ok(code == 250 and boxes == ["b", "log"] and
               "RCPT TO:<far@fwd.example>" in server.heard[0] and
               len(server.texts) == 1,
               "one into the copy's mailbox, one to its server",
               (text, boxes, server.heard))
        tap.ok(not [m for m in daemon.messages() if b"log" in
                    m.split(b"\n\n")[0] and b"Delivered-To: b" in m],
               "the other mailbox is not told")


def by_setting(tap):
    what = "smemail archive enable"
    if not shutil.which("runsvdir"):
        tap.skip(what, "needs runsvdir")
        return
    root = mailroot.Root()
    root.env["SMEMAIL_DNS"] = "127.0.0.9:1"

    def mail():
        peer = root.connect("127.7.0.9")
        peer.begin("a@out.example", ("alice@example.org",))
        peer.send("From: a@out.example\r\nDate: Mon, 02 Mar 2020 10:00:00 "
                  "+0000\r\n\r\nhi\r\n.\r\n")
        code = peer.reply()[0]
        peer.close()
        return code

    def box(user):
        folder = root.path("/home/e-smith/files/users/%s/Maildir/new" % user)
        texts = []
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) \
                else []:
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                texts.append(f.read())
        return texts
    try:
        root.must("up")
        tap.ok(mail() == 250 and not box("maillog"), "no copy at first")
        root.must("archive", "enable", "--accept", "all")
        root.must("apply")
        tap.ok("bcc mode cc all maillog" in
               root.read(mailroot.CONFIG + "/peers/0").splitlines() and
               not root.check(), "the line is written, --check takes it")
        tap.ok(mail() == 250 and filterd.wait_for(
            lambda: len(box("maillog")) == 1 and len(box("alice")) == 2) and
            "\nX-Copied-To: maillog\n" in box("maillog")[0] and
            "\nX-Copied-To: maillog\n" in box("alice")[1],
            "%s: Bcc gets maillog a copy, told of" % what, box("maillog"))
        root.must("archive", "enable", "--hidden", "--user", "admin",
                  "--accept", "all")
        root.must("apply")
        tap.ok(mail() == 250 and filterd.wait_for(
            lambda: len(box("admin")) == 1) and len(box("maillog")) == 1 and
            "X-Copied-To" not in box("admin")[0] + box("alice")[-1],
            "BccUser and BccMode: another gets it, not told of",
            box("admin"))
        log = root.read("/var/log/qpsmtpd/current")
        tap.ok("<alice@example.org>,<admin>\tqueued" in log,
               "the log shows the recipients", log[-600:])
        status, out, err = root.run(
            "rehearse", "--no-dns", "--from-ip", "127.7.0.9", "--mail-from",
            "a@out.example", "--rcpt", "alice@example.org")
        tap.ok(status == 0 and "bcc to admin" in out,
               "rehearse shows it, and nothing is delivered", out + err)
        root.must("archive", "disable")
        root.must("apply")
        tap.ok(mail() == 250 and len(box("admin")) == 1, "and no copy again")
    finally:
        root.close()


def main():
    tap = filterd.Tap()
    by_setting(tap)  # its path must be short
    folder = tempfile.mkdtemp(prefix="filterd-bcc.")
    tempfile.tempdir = folder
    try:
        for test in (envelopes, rules, elsewhere):
            test(tap)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
