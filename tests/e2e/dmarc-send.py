#!/usr/bin/env python3
"""dmarc send: valid by the schemas, to who agreed only, once a day and
domain, tried again when it failed, never twice. A real SMTP server listens."""
import email
import gzip
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading

import lib_zone

# as Mail::DMARC makes it (FL-122)
SCHEMA = """
CREATE TABLE author(id INTEGER PRIMARY KEY, org_name TEXT, email TEXT,
 extra_contact TEXT);
CREATE TABLE domain(id INTEGER PRIMARY KEY, domain TEXT);
CREATE TABLE report(id INTEGER PRIMARY KEY, begin INTEGER, end INTEGER,
 author_id INTEGER, rcpt_domain_id INTEGER, from_domain_id INTEGER, uuid TEXT);
CREATE TABLE report_policy_published(report_id INTEGER, adkim TEXT, aspf TEXT,
 p TEXT, sp TEXT, pct INTEGER, rua TEXT);
CREATE TABLE report_record(id INTEGER PRIMARY KEY, report_id INTEGER,
 source_ip BLOB, count INTEGER, disposition TEXT, dkim TEXT, spf TEXT,
 envelope_to_did INTEGER, envelope_from_did INTEGER, header_from_did INTEGER);
CREATE TABLE report_record_reason(id INTEGER PRIMARY KEY,
 report_record_id INTEGER, type TEXT, comment TEXT);
CREATE TABLE report_record_dkim(id INTEGER PRIMARY KEY,
 report_record_id INTEGER, domain_id INTEGER, selector TEXT, result TEXT,
 human_result TEXT);
CREATE TABLE report_record_spf(id INTEGER PRIMARY KEY,
 report_record_id INTEGER, domain_id INTEGER, scope TEXT, result TEXT);
"""
DAY = 1700006400
ZONE = {
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    "example.com._report._dmarc.third.example": {"TXT": ["v=DMARC1"]},
}


class Sink:
    """An SMTP server that keeps what it gets; 'mode' tells how it behaves."""

    def __init__(self):
        self.mode = "good"
        self.mails = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.socket.accept()
            with peer, peer.makefile("rwb") as f:
                try:
                    self.talk(f)
                except OSError:
                    pass

    def say(self, f, line):
        f.write(line + b"\r\n")
        f.flush()

    def talk(self, f):
        self.say(f, b"220-sink\r\n220 ready")
        to = None
        for line in f:
            verb = line[:4].upper()
            if verb == b"RCPT":
                to = line[9:-3].decode()
            if verb == b"RCPT" and self.mode in ("later", "never"):
                self.say(f, b"451 busy" if self.mode == "later"
                         else b"550 no such user \x1b[2J")
            elif verb == b"DATA":
                self.say(f, b"354 go on")
                text = b""
                for part in f:
                    if part == b".\r\n":
                        break
                    text += part[1:] if part[:1] == b"." else part
                self.mails.append((to, text))
                if self.mode == "drop":
                    return
                self.say(f, b"250 queued")
            elif verb == b"QUIT":
                self.say(f, b"221 bye")
                return
            else:
                self.say(f, b"250-sink\r\n250 SIZE 1" if verb == b"EHLO"
                         else b"250 ok")


def fill(path, rua, begin=DAY):
    db = sqlite3.connect(path)
    db.executescript(SCHEMA)
    db.execute("INSERT INTO author VALUES (1, 'Us & Co <x>', "
               "'dmarc@us.example', NULL)")
    for number, name in enumerate(("example.com", "bounce.example.com",
                                   "us.example", "a.example.com"), 1):
        db.execute("INSERT INTO domain VALUES (?, ?)", (number, name))
    db.execute("INSERT INTO report VALUES (1, ?, ?, 1, 3, 1, NULL)",
               (begin, begin + 86399))
    db.execute("INSERT INTO report_policy_published VALUES "
               "(1, 'r', 's', 'reject', NULL, 100, ?)", (rua,))
    rows = ((1, socket.inet_aton("192.0.2.1"), 3, "none", "pass", "fail", 1),
            (2, socket.inet_pton(socket.AF_INET6, "2001:db8::1"), 1, "reject",
             "fail", "fail", 4))
    for number, ip, count, done, dkim, spf, sender in rows:
        db.execute("INSERT INTO report_record VALUES "
                   "(?, 1, ?, ?, ?, ?, ?, 3, 2, ?)",
                   (number, ip, count, done, dkim, spf, sender))
    db.execute("INSERT INTO report_record_dkim VALUES "
               "(1, 1, 1, 'sel', 'pass', NULL)")
    db.execute("INSERT INTO report_record_dkim VALUES "
               "(2, 1, 1, 'b', 'invalid', 'no key\x01')")
    db.execute("INSERT INTO report_record_spf VALUES "
               "(1, 1, 2, 'mfrom', 'softfail')")
    db.execute("INSERT INTO report_record_reason VALUES "
               "(1, 2, 'weird', 'a < b')")
    db.commit()
    db.close()


class Bench:
    def __init__(self, z, sink, top):
        self.z, self.sink, self.top = z, sink, top
        self.root = top + "/root"
        self.db = self.root + "/var/lib/qpsmtpd/dmarc/reports.sqlite"

    def fresh(self, rua, begin=DAY):
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run([lib_zone.SMEMAIL, "init", "--root", self.root],
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        os.makedirs(os.path.dirname(self.db), exist_ok=True)
        fill(self.db, rua, begin)
        self.sink.mails.clear()
        self.sink.mode = "good"

    def send(self, *words):
        status, got = self.z.json(
            "dmarc", "send", "--root", self.root, "--smtp",
            "127.0.0.1:%d" % self.sink.port, *words)
        return status, got.get("reports", got)

    def due(self):
        db = sqlite3.connect(self.db)
        db.execute("UPDATE smemail_report_sent SET next_at = 0")
        db.commit()
        db.close()


def attachment(text):
    mail = email.message_from_bytes(text)
    part = [p for p in mail.walk() if p.get_filename()][0]
    return mail, part.get_filename(), gzip.decompress(
        part.get_payload(decode=True))


def valid(xml, form, top):
    """By xmllint and the schema; the namespace is set aside, as its README
    tells."""
    path = top + "/report.xml"
    with open(path, "wb") as f:
        f.write(xml.replace(b' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', b""))
    return subprocess.run(
        ["xmllint", "--noout", "--schema", "%s/tests/data/dmarc/xsd/"
         "%s-no-namespace.xsd" % (lib_zone.TOP, form), path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def once(b, p):
    b.fresh("mailto:r@third.example, mailto:a@example.com!10m,"
            "mailto:no@refused.example,https://example.com/x")
    status, rows = b.send("--dry-run")
    p.ok(status == 0 and not b.sink.mails and len(rows) == 4,
         "a dry run sends nothing", rows)
    status, rows = b.send()
    state = {r["to"]: r["state"] for r in rows}
    p.ok(status == 0 and state == {
        "mailto:r@third.example": "sent", "mailto:a@example.com": "sent",
        "mailto:no@refused.example": "not sent",
        "https://example.com/x": "not sent"},
         "sent to who agreed only", rows)
    p.ok(sorted(m[0] for m in b.sink.mails) ==
         ["a@example.com", "r@third.example"], "the server got them")
    status, rows = b.send()
    p.ok(status == 0 and len(b.sink.mails) == 2, "the next run sends nothing")
    mail, name, xml = attachment(b.sink.mails[0][1])
    p.ok(name.endswith("!example.com!%d!%d.xml.gz" % (DAY, DAY + 86399)) and
         "Report Domain: example.com Submitter: " in mail["Subject"] and
         mail["From"] == "<dmarc@us.example>", "named as the RFC says", name)
    done = valid(xml, "rfc9990", b.top)
    p.ok(done.returncode == 0, "valid by the schema of RFC 9990", done.stdout)
    p.ok(b"2001:db8:0:0:0:0:0:1" in xml and b"Us &amp; Co" in xml and
         b"<count>3</count>" in xml, "with what was stored", xml)
    path = b.top + "/own.eml"
    with open(path, "wb") as f:
        f.write(b.sink.mails[0][1])
    _, got = b.z.json("dmarc", "reports", path)
    p.ok(got["reports"][0]["messages"] == 4 and got["reports"][0]["failed"]
         == 1, "our own reader reads it", got)
    _, got = b.z.json("dmarc", "reports", "--root", b.root)
    p.ok(got["reports"][0]["sent"] == "sent", "and reports tells it", got)


def forms(b, p):
    b.fresh("mailto:a@example.com")
    b.send("--form", "rfc7489", "--from", "me@us.example")
    mail, _, xml = attachment(b.sink.mails[0][1])
    done = valid(xml, "rfc7489", b.top)
    p.ok(done.returncode == 0 and mail["From"] == "<me@us.example>",
         "valid by the schema of RFC 7489", done.stdout)
    b.fresh("mailto:a@example.com!1k")
    status, rows = b.send()
    p.ok(not b.sink.mails and rows[0]["state"] == "refused",
         "the size an address takes is kept", rows)
    import time
    b.fresh("mailto:a@example.com", int(time.time()) - 3600)
    _, rows = b.send()
    p.ok(rows == [] and not b.sink.mails, "a day that goes on is not due")


def again(b, p):
    b.fresh("mailto:a@example.com")
    b.sink.mode = "later"
    status, rows = b.send()
    p.ok(status == 111 and rows[0]["state"] == "retry" and
         "451 busy" in rows[0]["reason"], "451: to be tried again", rows)
    b.sink.mode = "good"
    status, rows = b.send()
    p.ok(status == 111 and not b.sink.mails, "not before its time", rows)
    b.due()
    status, rows = b.send()
    p.ok(status == 0 and rows[0]["state"] == "sent" and
         len(b.sink.mails) == 1, "then it is sent", rows)
    b.fresh("mailto:a@example.com")
    status, rows = b.send("--smtp", "127.0.0.1:1")
    p.ok(status == 111 and rows[0]["state"] == "retry",
         "no server: to be tried again", rows)
    b.fresh("mailto:a@example.com")
    b.sink.mode = "never"
    status, rows = b.send()
    b.due()
    b.send()
    p.ok(status == 0 and rows[0]["state"] == "refused" and not b.sink.mails,
         "550: refused for good", rows)
    b.fresh("mailto:a@example.com")
    b.sink.mode = "drop"
    b.send()
    b.sink.mode = "good"
    b.due()
    status, rows = b.send()
    p.ok(len(b.sink.mails) == 1 and rows[0]["state"] == "sending",
         "no reply after the end of DATA: never sent twice", rows)


def together(b, p):
    b.fresh("mailto:a@example.com,mailto:r@third.example")
    runs = [subprocess.Popen(
        [lib_zone.SMEMAIL, "dmarc", "send", "--root", b.root, "--smtp",
         "127.0.0.1:%d" % b.sink.port], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(os.environ, SMEMAIL_DNS=b.z.dns)) for _ in range(4)]
    for r in runs:
        r.communicate()
    p.ok(len(b.sink.mails) == 2, "four runs at once send each once",
         len(b.sink.mails))


def counted(b, p):
    """LG-54.4: the mail report knows such a mail by whom it goes to."""
    b.fresh("mailto:Rep%6Frts@example.com!10m,https://x.example/y")
    log = b.root + "/var/log/qpsmtpd"
    os.makedirs(log, exist_ok=True)
    with open(log + "/current", "w") as f:
        for to in "reports@example.com", "other@example.com":
            f.write("@400000005a1b59ac2920511a 42 (queue) logging::logterse: "
                    "` 127.0.0.1\tlocalhost\tsme.us.example\t<p@us.example>"
                    "\t<%s>\tqueued\t\t<m@us.example>\t\n" % to)

    def kinds():
        return b.z.json("report", "--root", b.root, "--from", "2017-11-01",
                        "--to", "2017-12-30")[1]["qpsmtpd"]["verdict_by_kind"]
    got = kinds()
    p.ok(got == {"dmarc_report/queued": 1, "webmail/queued": 1},
         "the mail report tells reports from webmail", got)
    with open(b.db, "w") as f:
        f.write("no database")
    got = kinds()
    p.ok(got == {"webmail/queued": 2}, "as far as the database is one", got)


def trouble(b, p):
    b.fresh("mailto:a@example.com")
    status, out, err = b.z.run("get", "dmarc.reports-db", "--root", b.root)
    p.ok(out.strip() == "/var/lib/qpsmtpd/dmarc/reports.sqlite",
         "dmarc.reports-db: the database that is read", out + err)
    os.unlink(b.db)
    status, out, err = b.z.run("dmarc", "send", "--root", b.root)
    p.ok(status == 1 and "reports.sqlite" in err, "no database", err)
    with open(b.db, "w") as f:
        f.write("no database at all, but long enough to look at" * 100)
    status, out, err = b.z.run("dmarc", "send", "--root", b.root)
    p.ok(status == 100 and "reports.sqlite" in err, "a broken one", err)
    for words in (("--form", "x"), ("--smtp", "x"), ("--smtp", "[::1]:x"),
                  ("--from", "a b@us.example"), ("--from", "us.example"),
                  ("--from", "a@us.example>\r\nRCPT TO:<b@c.example"),
                  ("--from", "")):
        status, out, err = b.z.run("dmarc", "send", "--root", b.root, *words)
        p.ok(status == 2 and err, "refused: %s" % (words,), err)


def main():
    p = lib_zone.Points()
    if shutil.which("xmllint") is None:
        print("1..0 # SKIP xmllint is missing")
        sys.exit(0)
    with tempfile.TemporaryDirectory(prefix="smemail-send.") as top, \
            lib_zone.Zone(ZONE, "--timeout-as", "servfail") as z:
        b = Bench(z, Sink(), top)
        for part in (once, forms, again, together, counted,
                     trouble):
            part(b, p)
    p.end()


main()
