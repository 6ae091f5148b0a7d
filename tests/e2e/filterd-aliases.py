#!/usr/bin/env python3
"""Mail to a pseudonym, a group, a user's extension or an account that forwards
lands where the accounts say (ES-61, EF-13, effects.md 3), in a mail system of
smemail's own; and no copy is lost or doubled when all parts are killed."""
import itertools
import os
import resource
import shutil
import smtplib
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
import mailroot  # noqa: E402
from asked import Asked  # noqa: E402

FOLDERS = ("", ".junkmail")
USERS = "/home/e-smith/files/users"
TEXT = "From: a@out.example\r\nDate: Mon, 02 Mar 2020 10:00:00 +0000\r\n" \
    "Message-Id: <%s@out.example>\r\n\r\nhi\r\n"
ACCOUNTS = (
    ("accounts", "bob", "user", "EmailForward", "local"),
    ("accounts", "carl", "user", "EveryoneEmail", "no"),
    ("accounts", "alice.smith", "pseudonym", "Account", "alice"),
    ("accounts", "alice_smith", "pseudonym", "Account", "alice"),
    ("accounts", "boss", "pseudonym", "Account", "alice.smith"),
    ("accounts", "chief", "pseudonym", "Account", "boss"),
    ("accounts", "sales.eu", "group", "Members", "alice,bob"),
    ("accounts", "team", "pseudonym", "Account", "sales.eu"),
    ("accounts", "some", "group", "Members", "alice,bob,carl",
     "EmailExcludeUsers", "alice"),
    ("accounts", "info@other.example", "pseudonym", "Account", "bob"),
    ("accounts", "info", "pseudonym", "Account", "alice"),
    ("accounts", "hidden", "pseudonym", "Account", "bob", "Visible",
     "internal"),
    ("accounts", "gone", "pseudonym", "Account", "nobody"),
    ("domains", "other.example", "domain"),
    ("domains", "catch.example", "domain", "EmailTo", "carl"),
)


class Mail:
    """Messages sent with smtplib, and the mailboxes that got them."""

    def __init__(self, root):
        self.root = root
        self.n = 0

    def send(self, *to, source="127.7.0.9", head=""):
        """The reply: of DATA, or of a recipient that was refused."""
        self.n += 1
        with smtplib.SMTP("127.0.0.1", self.root.port, timeout=20,
                          local_hostname="c.out.example",
                          source_address=(source, 0)) as s:
            try:
                s.sendmail("a@out.example", to, head + TEXT % self.n)
                return 250, ""
            except smtplib.SMTPRecipientsRefused as e:
                return list(e.recipients.values())[0]
            except smtplib.SMTPResponseException as e:
                return e.smtp_code, e.smtp_error.decode()

    def boxes(self):
        """{mailbox: [Delivered-To]} of the message sent last."""
        found = {}
        top = self.root.path(USERS)
        for user, sub in itertools.product(os.listdir(top), FOLDERS):
            new = os.path.join(top, user, "Maildir", sub, "new")
            for name in os.listdir(new) if os.path.isdir(new) else ():
                with open(os.path.join(new, name), encoding="utf-8") as f:
                    head = f.read().split("\n\n", 1)[0].splitlines()
                if "Message-Id: <%d@out.example>" % self.n in head:
                    found.setdefault(user + sub, []).extend(
                        line[14:] for line in head
                        if line.startswith("Delivered-To: "))
        return found

    def get(self, *to, n=1, **more):
        """Who got a message, once 'n' mailboxes have it."""
        code, text = self.send(*to, **more)
        if code != 250:
            return "%d %s" % (code, text)
        filterd.wait_for(lambda: len(self.boxes()) >= n)
        boxes = self.boxes()
        if any(len(b) != 1 for b in boxes.values()):
            return "twice: %s" % boxes
        return " ".join(sorted(boxes))


def addresses(tap, mail):
    for to, wanted, why in (
            ("alice@example.org", "alice", "a user"),
            ("ALICE@Example.ORG", "alice", "in capitals"),
            ("alice.smith@example.org", "alice", "firstname.lastname"),
            ("alice_smith@other.example", "alice", "at every domain"),
            ("chief@example.org", "alice", "a chain of three"),
            ("alice-lists@example.org", "alice", "user-ext"),
            ("alice-lists-c@example.org", "alice", "user-ext-ext"),
            ("sales.eu@example.org", "alice bob", "a group"),
            ("team@example.org", "alice bob", "a pseudonym of a group"),
            ("some@example.org", "bob carl", "a group but for one"),
            ("info@example.org", "alice", "a pseudonym"),
            ("info@other.example", "bob", "one of a single domain"),
            ("postmaster@example.org", "admin", "postmaster"),
            ("postmaster", "admin", "the bare postmaster"),
            ("abuse@example.org", "admin", "abuse, by postmaster"),
            ("mailer-daemon@example.org", "admin", "mailer-daemon"),
            ("root@example.org", "admin", "root"),
            ("admin@example.org", "admin", "admin"),
            ("bob@catch.example", "carl", "a domain for one account")):
        got = mail.get(to, n=wanted.count(" ") + 1)
        tap.ok(got == wanted, "%s: %s" % (why, wanted), got)
    got = mail.get("everyone@example.org", n=3, source="127.0.0.1")
    tap.ok(got == "admin alice bob", "everyone, but who does not want it",
           got)
    tap.ok(mail.get("everyone@example.org").startswith("5"),
           "and not from outside (Visible internal)", got)
    tap.ok(mail.get("hidden@example.org").startswith("5") and
           mail.get("hidden@example.org", source="127.0.0.1") == "bob",
           "a pseudonym that is internal")
    got = mail.get("alice@example.org", "sales.eu@example.org",
                   "chief@other.example", n=2)
    tap.ok(got == "alice bob" and
           mail.boxes()["bob"] == ["sales.eu@example.org"],
           "one message, three ways: a copy each, and it says for whom",
           mail.boxes())


def refusals(tap, mail):
    before = sorted(os.listdir(mail.root.path(USERS)))
    for to in ("nobody@example.org", "bobby@example.org"):
        tap.ok(mail.get(to).startswith("550"), "%s: refused at RCPT" % to)
    got = mail.get("gone@example.org")
    tap.ok(got.startswith("554") and "nobody here has the mailbox 'gone'" in
           got, "a pseudonym of nobody: refused at DATA", got)
    got = mail.get("nobody@example.org", source="127.0.0.1")
    tap.ok(got.startswith("554") and "'nobody'" in got,
           "a client of our own that misspells is told", got)
    got = mail.get("x@elsewhere.example", source="127.0.0.1")
    tap.ok(got.startswith("554") and "no server is known for mail to "
           "'elsewhere.example'" in got,
           "as for a domain that no server is known for", got)
    tap.ok(sorted(os.listdir(mail.root.path(USERS))) == before,
           "and no mailbox was made")
    log = mail.root.read("/var/log/qpsmtpd/current")
    tap.ok("'gone' leads to no mailbox" in log, "the log tells at the start")


def rehearsed(tap, root):
    """The dry run says what the daemon would."""
    for to, status, text in (
            ("team@example.org", 0, "would be queued: alice, bob"),
            ("nobody@example.org", 1,
             "nobody here has the mailbox 'nobody'"),
            ("x@elsewhere.example", 1, "no server is known for mail to "
                                       "'elsewhere.example'")):
        got, out, _ = root.run(
            "rehearse", "--no-dns", "--from-ip", "127.0.0.1", "--mail-from",
            "a@out.example", "--rcpt", to)
        tap.ok(got == status and text in out, "rehearse: %s" % to, (got, out))


def changes(tap, root, mail):
    """What apply writes is in force at once."""
    def apply(*args):
        root.must(*args)
        root.must("apply")

    status, out, err = root.run("pseudonym", "set", "boss", "account", "chief")
    tap.ok(status == 2 and "'chief' leads back to it" in err,
           "a circle of pseudonyms is refused", (status, out, err))
    root.must("pseudonym", "set", "boss", "account", "bob")
    tap.ok("+boss: bob" in root.must("plan"), "plan shows the line")
    root.must("apply")
    tap.ok(mail.get("chief@example.org") == "bob", "a pseudonym moves")
    apply("set", "delivery.unknown-user", "admin")
    tap.ok(mail.get("nobody@example.org") == "admin" and
           mail.get("bob-x@example.org") == "bob",
           "EmailUnknownUser: an account")
    apply("set", "delivery.unknown-user", "alice")
    tap.ok(mail.get("nobody@example.org") == "alice", "another one")
    apply("unset", "delivery.unknown-user")
    tap.ok(mail.get("nobody@example.org").startswith("550"), "and none")
    apply("archive", "enable", "--accept", "all")
    tap.ok(mail.get("bob@example.org", n=2) == "bob maillog",
           "copies of mail have a mailbox")
    apply("archive", "disable")


def forwarding(tap, root, mail):
    def forward(how, to):
        root.must("user", "set", "bob", "forward-address", to)
        root.must("user", "set", "bob", "forward", how)
        root.must("apply")

    forward("forward", "bob@far.example")
    tap.ok(mail.get("bob@example.org") == "bob",
           "no server is known for the address: it stays here")
    tap.ok(not root.check(), "--check takes the configuration")
    server = Asked({"RCPT TO:<bad@": "550 5.1.1 no such user"})
    root.must("set", "delivery.smarthost", "127.0.0.1:%d" % server.port)
    root.must("apply")
    n = len(server.texts)
    got = mail.get("sales.eu@example.org")
    rcpts = [line for session in server.heard for line in session
             if line.startswith("RCPT")]
    tap.ok(got == "alice" and len(server.texts) == n + 1 and
           rcpts[-1] == "RCPT TO:<bob@far.example>",
           "forward: the smarthost has his copy, he has none",
           (got, server.heard))
    forward("both", "bob@far.example")
    tap.ok(mail.get("sales.eu@example.org", n=2) == "alice bob" and
           len(server.texts) == n + 2, "both: the two have it")
    forward("both", "bad@far.example")
    got = mail.get("sales.eu@example.org", n=2)
    tap.ok(got == "alice bob" and b"no such user" in server.texts[-1] and
           b"Final-Recipient: rfc822; bad@far.example" in server.texts[-1],
           "one copy that is refused: others have theirs, and the sender is "
           "told", (got, server.texts[-1:]))
    forward("forward", "alice@other.example")
    tap.ok(mail.get("bob@example.org") == "alice", "to one who is here")
    forward("local", "alice@other.example")
    tap.ok(mail.get("bob@example.org") == "bob", "local again")


def junk(tap, root, mail):
    """F017, F019, ES-61: what is marked as spam goes to each one's folder
    junkmail, unless the server or the user does not want that."""
    def marked(value, n=1, to="sales.eu@example.org"):
        return mail.get(to, n=n, head="X-Spam-Status: %s\r\n" % value)

    def apply(*args):
        root.must(*args)
        root.must("apply")

    apply("set", "spam.sort-junkmail", "enabled")
    tap.ok(marked("Yes, score=7.1 required=5", 2) ==
           "alice.junkmail bob.junkmail", "marked mail goes to junkmail")
    told = []
    tap.ok(filterd.wait_for(lambda: told.append(root.json(
        "why", "sales.eu@example.org")["rows"][0]) or
        told[-1]["delivered_to"] == "junkmail of alice, junkmail of bob"),
        "LG-47: why names the folders", told[-1:])
    tap.ok(marked("No, score=1.0 required=5", 2) == "alice bob" and
           mail.get("alice@example.org", head="X-Spam-Level: Yes\r\n") ==
           "alice", "other mail does not")
    apply("user", "set", "bob", "spam.user-sort", "disabled")
    got = marked("Yes", 2)
    tap.ok(got == "alice.junkmail bob", "F017: one does not want it", got)
    apply("set", "spam.sort-junkmail", "disabled")
    got = marked("Yes", 2)
    tap.ok(got == "alice bob", "F019: nobody has it", got)
    apply("user", "set", "alice", "spam.user-sort", "enabled")
    got = marked("Yes", to="alice@example.org")
    tap.ok(got == "alice.junkmail", "one wants it all the same", got)


def in_root(tap):
    if not shutil.which("runsvdir"):
        tap.skip("a mail system of its own", "needs runsvdir")
        return
    root = mailroot.Root()
    root.env["SMEMAIL_DNS"] = "127.0.0.9:1"
    try:
        for record in ACCOUNTS:
            root.must("db", record[0], "set", *record[1:])
        root.must("signal-event", "email-update")
        root.must("up")
        mail = Mail(root)
        addresses(tap, mail)
        refusals(tap, mail)
        rehearsed(tap, root)
        changes(tap, root, mail)
        forwarding(tap, root, mail)
        junk(tap, root, mail)
    finally:
        root.close()


def new_daemon(name, **files):
    folder = os.path.join(tempfile.tempdir, name)
    boxes, spool = os.path.join(folder, "boxes"), os.path.join(folder, "s")
    os.makedirs(boxes)
    os.makedirs(spool)
    base = {"plugins": "logging/logterse\nrcpt_ok\nqueue/maildir %s %%l"
                       % boxes,
            "rcpthosts": "local.example", "spool_dir": spool,
            "queue_log": str(4 << 20)}
    base.update(files)
    daemon = filterd.Daemon(base, folder=folder)
    daemon.boxes = boxes
    return daemon


def count(daemon, user):
    new = os.path.join(daemon.boxes, user, "new")
    return len(os.listdir(new)) if os.path.isdir(new) else 0


def killed(tap):
    """T-4: 250 was said, then everything dies at once; thrice."""
    users = ["u%d" % i for i in range(20)]
    daemon = new_daemon("killed", aliases="all: %s\n%s" % (
        ", ".join(users), "".join("%s: %s\n" % (u, u) for u in users)))
    taken = 0
    for _ in range(3):
        daemon.start()
        peer = daemon.connect()
        peer.reply()
        peer.ask("EHLO c.example")
        for _ in range(15):
            peer.ask("MAIL FROM:<a@out.example>")
            peer.ask("RCPT TO:<all@local.example>")
            peer.ask("DATA")
            peer.send(TEXT % taken + ".\r\n")
            taken += peer.reply()[0] == 250
        daemon.kill_all()
    daemon.start()
    filterd.wait_for(lambda: all(count(daemon, u) == taken for u in users))
    counts = {count(daemon, u) for u in users}
    daemon.stop()
    tap.ok(taken == 45 and counts == {45},
           "45 messages to 20 people each, killed thrice: each has all once",
           (taken, counts))


def many(tap):
    """One message for more mailboxes than files may be open, half of which are
    not there yet: the keeper answers for it, and for another session beside
    it, before they are made. Last: the limit stays."""
    n = 600
    resource.setrlimit(resource.RLIMIT_NOFILE, (900, 900))
    daemon = new_daemon("many", aliases="".join(
        "u%d: u%d\nall: u%d\n" % (i, i, i) for i in range(n)))
    for i in range(0, n, 2):
        for sub in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(daemon.boxes, "u%d" % i, sub))
    with daemon:
        codes = []
        for _ in range(2):
            peers = [daemon.connect(timeout=60) for _ in range(2)]
            for peer, to in zip(peers, ("all", "u1")):
                peer.begin(rcpts=(to + "@local.example",))
            for peer in peers:
                peer.send(TEXT % 1 + ".\r\n")
            codes += [peer.reply()[0] for peer in peers]
            for peer in peers:
                peer.close()
        good = filterd.wait_for(lambda: all(
            count(daemon, "u%d" % i) == 2 + 2 * (i == 1)
            for i in (0, 1, n // 2, n - 1)), 60)
        total = sum(count(daemon, "u%d" % i) for i in range(n))
    tap.ok(codes == [250] * 4 and good and total == 2 * n + 2,
           "two messages for %d people, and others beside them" % n,
           (codes, total, daemon.log()[-600:]))


def main():
    tap = filterd.Tap()
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        in_root(tap)
        killed(tap)
        many(tap)
        tempfile.tempdir = None
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
