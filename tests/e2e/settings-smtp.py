#!/usr/bin/env python3
"""Settings about SMTP, shown by a conversation with the running daemon: set,
plan, apply, talk, and back to the byte and to what was said before."""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
import filterd  # noqa: E402
import mailroot  # noqa: E402
import ports  # noqa: E402
from lib_zone import Zone  # noqa: E402

OUT = "127.5.0.1"   # a stranger
LISTED = "127.5.2.2"  # one that a list holds
NAMES = {
    "2.2.5.127.bl.example": {"A": ["127.0.0.2"]},
    "forged.example": {"TXT": ["v=spf1 -all"]},
    "out.example.sbl.example": {"TXT": ["is bad"]},
    "evil.example.multi.surbl.org": {"A": ["127.0.0.8"]},
    "wicked.example.uri.example": {"A": ["127.0.0.24"],
                                   "TXT": ["see our list"]},
}
LAN = "127.6.0.9"   # of a local network that may not relay by itself
DATA = os.path.join(TOP, "tests", "data", "effects")
CONFIG = mailroot.CONFIG + "/"
PEERS = CONFIG + "peers/"
CONTROL = "/var/qmail/control/"
ALL_RISKS = ("open-relay,exposes-passwords,may-lose-mail,may-block-legit,"
             "privacy,needs-reboot,changes-certificate")

# Databases of the start state: names beside what init makes.
RECORDS = (
    ("accounts", "bob", "user", "EmailForward", "local"),
    ("accounts", "sales", "group", "Members", "alice,bob"),
    ("accounts", "alice.smith", "pseudonym", "Account", "alice"),
    ("domains", "other.example", "domain"),
    ("networks", "127.6.0.0", "network", "Mask", "255.255.0.0"),
    ("configuration", "ExternalIP", "203.0.113.10"),
)


def mail(rcpt, sender="a@out.example", helo="client.example"):
    """Up to the answer to RCPT."""
    return ["EHLO " + helo, "MAIL FROM:<%s>" % sender, "RCPT TO:<%s>" % rcpt]


def message(text, rcpt="alice@example.org"):
    return mail(rcpt) + ["DATA", text]


HEADERS = "From: <a@out.example>\r\n"
NO_DATE = message(HEADERS + "\r\nhello\r\n")
OLD_MAIL = message(HEADERS + "Date: Tue, 03 Jan 2017 06:00:00 +0000\r\n"
                   "\r\nhello\r\n")
DATED = HEADERS + "Date: Mon, 02 Mar 2020 10:00:00 +0000\r\n\r\nx\r\n"
FORGED = mail("alice@example.org", "x@forged.example") + ["DATA", DATED]
LINKS = HEADERS + ("Date: Mon, 02 Mar 2020 10:00:00 +0000\r\n"
                   "Content-Type: text/html\r\n\r\n"
                   "<a href='http://www.%s/'>x</a>\r\n")
TO_EVIL = message(LINKS % "ev&#105;l.example")
TO_WICKED = message(LINKS % "wicked%2eexample")
TO_FAR = mail("x@far.example", sender="alice@example.org")
# two points of karma each, and a session that is bad by them
RUDE = ["EHLO client.example", "MAIL FROM: <a@out.example>",
        "RCPT TO: <alice@example.org>"]
TO_UNKNOWN = mail("nobody@example.org")
GOOD, MAILED = r"^250 2\.1\.5", r"^250 2\.0\.0"
RELAY_DENIED = r"^550"
# offered in clear, under TLS, or by no plugin
LOGIN = ["EHLO client.example", "AUTH PLAIN"]
ASKED, NEEDS_TLS, NO_LOGIN = r"^334", r"^538 ", r"^500 "
# a next server that is not there, as is learnt at once
NOBODY = "127.0.0.76"
COPIED = mail("alice@example.org") + ["DATA", DATED]
# what the last answer is, at first and with the setting
TALKS = [
    # id, value, target, from, what is said, first, then, files that change
    ("smtp.greeting", "mx1.example.net", None, OUT, [],
     r"^220 mail\.example\.org ", r"^220 mx1\.example\.net ",
     [CONFIG + "smtpgreeting"]),
    ("smtp.max-message-size", "20000", None, OUT,
     ["EHLO client.example", "MAIL FROM:<a@out.example> SIZE=30000"],
     r"^250 ", r"^552 ", [CONTROL + "databytes"]),
    ("lists.badmailfrom", "Black", "@spam.example", OUT,
     mail("alice@example.org", sender="x@spam.example")[:2], r"^250 ",
     r"^550 ", [CONTROL + "badmailfrom", CONFIG + "badmailfrom"]),
    ("lists.badhelo", "Black", "spam.example", OUT,
     mail("alice@example.org", helo="spam.example"), GOOD,
     r"^550 .*\(helo\)", [CONFIG + "badhelo"]),
    ("lists.whitelisthosts", "White", OUT, OUT,
     mail("alice@example.org", helo="aol.com"), r"^550 .*\(helo\)", GOOD,
     [CONFIG + "whitelisthosts", PEERS + "0"]),
    ("lists.whitelisthelo", "White", "aol.com", OUT,
     mail("alice@example.org", helo="aol.com"), r"^550 .*\(helo\)", GOOD,
     [CONFIG + "whitelisthelo", PEERS + "0"]),
    ("lists.whitelistsenders", "White", "a@out.example", OUT,
     mail("alice@example.org")[:2], r"^550 ", r"^250 ",
     [CONFIG + "whitelistsenders", PEERS + "0"]),
    ("relay.require-auth", "disabled", None, LAN, TO_FAR, RELAY_DENIED, GOOD,
     [CONFIG + "relayclients"]),
    ("relay.network-require-auth", "disabled", "127.6.0.0", LAN, TO_FAR,
     RELAY_DENIED, GOOD, [CONFIG + "relayclients"]),
    ("relay.free-clients", OUT, None, OUT, TO_FAR, RELAY_DENIED, GOOD,
     [CONFIG + "relayclients"]),
    ("user.visible", "internal", "alice", OUT, mail("alice@example.org"),
     GOOD, r"^550 5\.1\.1", [CONFIG + "badrcptto"]),
    ("group.visible", "internal", "sales", OUT, mail("sales@other.example"),
     GOOD, r"^550 5\.1\.1", [CONFIG + "badrcptto"]),
    ("pseudonym.visible", "internal", "alice.smith", OUT,
     mail("alice.smith@example.org"), GOOD, r"^550 5\.1\.1",
     [CONFIG + "badrcptto"]),
    ("delivery.unknown-user", "admin", None, OUT, TO_UNKNOWN, r"^550 ", GOOD,
     [PEERS + "0", PEERS + "local", CONFIG + "aliases",
      "/var/qmail/alias/.qmail-default"]),
    ("delivery.internal-server", NOBODY, None, OUT, TO_UNKNOWN, r"^550 ",
     GOOD, [PEERS + "0", PEERS + "local", CONFIG + "goodrcptto",
            CONTROL + "smtproutes", CONTROL + "virtualdomains"]),
    ("delivery.domain-server", NOBODY, "other.example", OUT,
     mail("nobody@other.example"), r"^550 ", GOOD,
     [PEERS + "0", PEERS + "local", CONFIG + "goodrcptto",
      CONTROL + "smtproutes", CONTROL + "virtualdomains"]),
    ("domain.add", "domain", "new.example", OUT, mail("alice@new.example"),
     r"^550 ", GOOD,
     [CONTROL + "rcpthosts", CONTROL + "virtualdomains",
      CONFIG + "goodrcptto", CONFIG + "badrcptto"]),
    ("smtp.backup-mx-domains", "a.example,b.example", None, OUT,
     mail("anybody@b.example"), r"^550 ", GOOD,
     [CONTROL + "rcpthosts", CONFIG + "goodrcptto"]),
    ("smtp.backup-mx", "enabled", None, OUT, mail("anybody@a.example"),
     r"^550 ", GOOD, [CONTROL + "rcpthosts", CONFIG + "goodrcptto"]),
    ("system.external-ip", "198.51.100.77", None, OUT,
     mail("postmaster@[198.51.100.77]"), r"^550 ", GOOD,
     [CONFIG + "badhelo", CONFIG + "goodrcptto", CONTROL + "locals",
      CONTROL + "rcpthosts", "/etc/rc.d/init.d/masq"]),
    ("smtp.port", "PORT", None, OUT, [], r"^refused", r"^220 ",
     ["/var/service/qpsmtpd/runenv"]),
    ("smtp.instances", "2", None, "PEERS 127.5.1.", [], r"^220 ",
     r"^4\d\d |^closed|^waits", ["/var/service/qpsmtpd/runenv"]),
    ("smtp.instances-per-ip", "2", None, "PEERS 127.5.0.1", [], r"^220 ",
     r"^4\d\d |^closed", ["/var/service/qpsmtpd/runenv",
                          "/var/service/sqpsmtpd/runenv"]),
    ("auth.tls-before-auth", "0", None, OUT, LOGIN, NEEDS_TLS, ASKED,
     [CONFIG + "tls_before_auth"]),
    ("auth.smtp", "disabled", None, OUT, LOGIN, NEEDS_TLS, NO_LOGIN,
     [PEERS + "0", PEERS + "local"]),
    ("relay.custom-clients", OUT, None, OUT, TO_FAR, RELAY_DENIED, GOOD,
     [CONFIG + "relayclients"]),
    ("relay.no-lan", "present", None, LAN, TO_FAR, GOOD, RELAY_DENIED,
     [CONFIG + "relayclients"]),
    ("relay.norelayclients", OUT, None, OUT, TO_FAR, GOOD, RELAY_DENIED,
     [CONFIG + "norelayclients"]),
    ("lists.from-to", "refuse", "a@out.example\tbob@example.org", OUT,
     mail("bob@example.org"), GOOD, r"^550 ", [CONTROL + "badmailfromto"]),
    ("lists.from-to-plugin-remote-new", "present", None, OUT,
     mail("bob@example.org"), GOOD, r"^550 ", [PEERS + "0"]),
    ("lists.from-to-plugin-local-new", "present", None, LAN,
     mail("bob@example.org"), GOOD, r"^550 ", [PEERS + "local"]),
    ("logs.level", "3", None, "LOG", mail("alice@example.org"),
     r"dispatching RCPT", r"^(?!.*dispatching)", [CONFIG + "loglevel"]),
    ("filter.connection-time", "installed", None, "LOG", [],
     r"^(?!.*connection_time)", r"\) connection_time: ",
     [PEERS + "0", PEERS + "local"]),
    ("filter.check-headers-remote", "disabled", None, OUT, NO_DATE, r"^552 ",
     MAILED, [PEERS + "0"]),
    ("filter.check-headers-local", "disabled", None, LAN, NO_DATE, r"^552 ",
     MAILED, [PEERS + "local"]),
    ("filter.helo-policy", "rfc", None, OUT,
     mail("alice@example.org", helo="nodot"), GOOD,
     r"^550 .*\(helo\) HELO name is not fully qualified", [PEERS + "0", PEERS + "local"]),
    ("filter.greylisting", "enabled", None, OUT,
     mail("alice@example.org") + ["DATA"], r"^354 ",
     r"^451 .*temporarily denied", [PEERS + "0"]),
    ("filter.karma", "enabled", None, "LOG", RUDE, r"^(?!.*\) karma: )",
     r"\(disconnect\) karma: negative", [PEERS + "0"]),
    ("filter.karma-negative", "100", None, "LOG", RUDE,
     r"negative, sent to penalty box", r"negative, \(msg", [PEERS + "0"]),
    ("filter.karma-strikes", "9", None, "LOG", RUDE,
     r"\(disconnect\) karma: negative", r"\(disconnect\) karma: neutral",
     [PEERS + "0"]),
    ("rbl.dns", "enabled", None, LISTED, mail("alice@example.org"), GOOD,
     r"^550 .*\(dnsbl\) listed by us", [PEERS + "0"]),
    ("rbl.dns-zones", "bl.example:listed by us", None, LISTED,
     mail("alice@example.org"), GOOD, r"^550 .*\(dnsbl\) listed by us",
     [CONFIG + "dnsbl_zones"]),
    ("rbl.sender", "enabled", None, OUT, mail("alice@example.org")[:2],
     r"^250 ", r"^550 .*Mail from out.example rejected", [PEERS + "0"]),
    ("rbl.sender-zones", "sbl.example", None, OUT,
     mail("alice@example.org")[:2], r"^250 ",
     r"^550 .*Mail from out.example rejected", [CONFIG + "rhsbl_zones"]),
    ("rbl.uri", "enabled", None, OUT, TO_EVIL, MAILED,
     r"^552 .*evil\.example in multi\.surbl\.org: 127\.0\.0\.8",
     [PEERS + "0"]),
    ("rbl.uri-zones", "uri.example:8-16,ubl.example", None, OUT, TO_WICKED,
     MAILED, r"^552 .*wicked\.example in uri\.example: see our list",
     [CONFIG + "uribl_zones"]),
    ("spf.reject-policy", "1", None, OUT, FORGED, MAILED,
     r"^552 .*SPF - fail", [PEERS + "0"]),
    ("archive.bcc", "enabled", None, "LOG", COPIED, r"^(?!.*\) bcc: )",
     r"\) bcc: cc to maillog",
     [CONFIG + "aliases", PEERS + "0", PEERS + "local"]),
    ("archive.bcc-mode", "bcc", None, "LOG", COPIED, r"\) bcc: cc to maillog",
     r"\) bcc: bcc to maillog", [PEERS + "0", PEERS + "local"]),
    ("archive.bcc-user", "admin", None, "LOG", COPIED,
     r"\) bcc: cc to maillog", r"\) bcc: cc to admin",
     [CONFIG + "aliases", PEERS + "0", PEERS + "local"]),
    ("archive.outgoing-only", "outgoing", None, "LOG", COPIED,
     r"\) bcc: cc to maillog", r"^(?!.*\) bcc: )",
     [PEERS + "0", PEERS + "local"]),
    ("smtp.status", "disabled", None, OUT, [], r"^220 ", r"^refused",
     ["/var/service/qpsmtpd/peers/local"]),
]

# The same with the names of release 9.1.
TALKS_11 = [
    ("auth.smtp-scope", "public", None, OUT, LOGIN, NO_LOGIN, NEEDS_TLS,
     [PEERS + "0"]),
]
TALKS_OLD = [
    ("auth.smtp-old", "disabled", None, OUT, LOGIN, NEEDS_TLS, NO_LOGIN,
     [PEERS + "0", PEERS + "local"]),
    ("filter.max-date-offset", "366", None, OUT, OLD_MAIL, MAILED, r"^552 ",
     [PEERS + "0", PEERS + "local"]),
    ("filter.check-headers-remote", "disabled", None, OUT, NO_DATE, r"^552 ",
     MAILED, [PEERS + "0"]),
    ("filter.check-headers-local", "disabled", None, LAN, NO_DATE, r"^552 ",
     MAILED, [PEERS + "local"]),
    ("lists.from-to-plugin-remote-old", "present", None, OUT,
     mail("bob@example.org"), GOOD, r"^550 ", [PEERS + "0"]),
    ("filter.spf-plugin-old", "present", None, OUT,
     mail("alice@example.org", "x@forged.example")[:2], r"^250 ",
     r"^550 .*SPF - forgery", [PEERS + "0"]),
    ("lists.from-to-plugin-local-old", "present", None, LAN,
     mail("bob@example.org"), GOOD, r"^550 ", [PEERS + "local"]),
    ("user.visible", "internal", "alice", OUT, mail("alice@example.org"),
     GOOD, r"^550 5\.1\.1", [CONTROL + "badrcptto"]),
]

# What people write by hand: a plain file, or a fragment of a list of plugins.
NOISE = ["EHLO client.example"] + ["FROB"] * 2
FRAGMENT = "/etc/e-smith/templates-custom%s%s/12count_unrecognized_commands"
BY_HAND = [
    ("filter.hosts-allow", CONFIG + "hosts_allow",
     OUT + " DENY_DISCONNECT spam source\n", OUT, [], r"^220 ", r"^550 "),
    ("filter.plugins-remote", FRAGMENT % (PEERS, "0"),
     "count_unrecognized_commands 2\n", OUT, NOISE, r"^500 ", r"^521 "),
    ("filter.plugins-local", FRAGMENT % (PEERS, "local"),
     "count_unrecognized_commands 2\n", LAN, NOISE, r"^500 ", r"^521 "),
]

PAIR = ("lists.from-to", "refuse", "a@out.example\tbob@example.org")
KARMA = ("filter.karma", "enabled", None)
# Set first, and taken back behind: what a row takes for granted.
WITH = {
    "smtp.backup-mx-domains": [("smtp.backup-mx", "enabled", None)],
    "smtp.backup-mx": [("smtp.backup-mx-domains", "a.example", None)],
    "lists.whitelistsenders": [("lists.badmailfrom", "Black",
                                "@out.example")],
    "archive.bcc-mode": [("archive.bcc", "enabled", None)],
    "archive.bcc-user": [("archive.bcc", "enabled", None)],
    "archive.outgoing-only": [("archive.bcc", "enabled", None)],
    "relay.no-lan": [("relay.require-auth", "disabled", None)],
    "relay.norelayclients": [("relay.free-clients", OUT, None)],
    "lists.from-to": [("lists.from-to-plugin-remote-new", "present", None)],
    "filter.karma-negative": [KARMA],
    "filter.karma-strikes": [KARMA],
    "rbl.dns": [("rbl.dns-zones", "bl.example:listed by us", None)],
    "rbl.dns-zones": [("rbl.dns", "enabled", None)],
    "rbl.sender": [("rbl.sender-zones", "sbl.example", None)],
    "rbl.sender-zones": [("rbl.sender", "enabled", None)],
    "rbl.uri-zones": [("rbl.uri", "enabled", None)],
    "lists.from-to-plugin-remote-new": [PAIR],
    "lists.from-to-plugin-local-new": [PAIR],
    "lists.from-to-plugin-remote-old": [PAIR],
    "lists.from-to-plugin-local-old": [PAIR],
}
# The value that was there, where init stores another than the default.
BACK = {
    "smtp.port": "PORT OF INIT",
    "smtp.status": "enabled",
    "logs.level": "6",
    "system.external-ip": "203.0.113.10",
}

# Why the daemon cannot show it: a plugin that is not built yet, by its name
# as the plugin list of the daemon has it.
PLUGIN = {
    "attachments.block": "virus/pattern_filter",
    "attachments.pattern": "virus/pattern_filter",
    "attachments.pattern-add": "virus/pattern_filter",
    "delivery.disclaimer": "disclaimer",
    "delivery.disclaimer-text": "disclaimer",
    "delivery.disclaimer-text-domain": "disclaimer",
    "dkim.signing": "dkim", "dkim.domain-signing": "dkim",
    "dkim.default-key": "dkim", "dkim.default-public": "dkim",
    "dkim.domain-key": "dkim", "dkim.selector": "dkim",
    "dkim.old-algorithm": "dkim_sign", "dkim.old-dk-method": "dkim_sign",
    "dkim.old-dkim-method": "dkim_sign", "dkim.old-key": "dkim_sign",
    "dkim.old-keys": "dkim_sign", "dkim.old-selector": "dkim_sign",
    "dmarc.reject": "dmarc", "dmarc.reporting": "dmarc",
    "filter.tnef": "tnef2mime",
    "spam.filter": "spamassassin", "spam.max-size": "spamassassin",
    "spam.reject-level": "spamassassin", "spam.sensitivity": "spamassassin",
    "spam.subject-tag": "spamassassin", "spam.subject-text": "spamassassin",
    "spam.tag-level": "spamassassin",
    "virus.clamd-status": "virus/clamav", "virus.max-scan-size":
    "virus/clamav", "virus.scan": "virus/clamav",
}
# Other reasons: nothing that the daemon says depends on it.
SILENT = {
    "auth.lan-fragment": "in the local list by itself",
    "auth.smtps-old": "of smtps: filterd-login.py shows it",
    "auth.tls-ciphers": "ciphers of TLS 1.2: filterd-tls.py shows them",
    "filter.geoip-bad-countries":
        "127/8 is in no country: filterd-geoip.py shows it",
    "filter.smtp-forward-check": "set by itself; filterd-next-hop.py shows it",
    "filter.resolvable-from": "of SME 7; tests/unit/filter_dns_test.c",
    "filter.max-load": "the load of the machine; tests/unit/filter_dns_test.c",
    "delivery.concurrency-local": "of qmail's deliveries",
    "delivery.concurrency-remote": "of qmail's deliveries",
    "delivery.double-bounce-to": "of qmail's bounces",
    "delivery.queue-lifetime": "of qmail's queue",
    "delivery.smarthost": "of qmail's deliveries",
    "delivery.smarthost-auth": "of qmail's deliveries",
    "smtp.helo-host": "of qmail's deliveries",
    "dmarc.reports-db": "made by the daemon, never set",
    "logs.keep-smtp": "of the logger",
    "logs.keep-smtps": "of the logger",
    "logs.qplogsumm": "of the logger",
    "smtps.status": "of smtps, which starts anew with the root (up)",
    "smtp.workers": "how many processes: up-down.sh counts them",
    "smtps.port": "of smtps, which starts anew with the root (up)",
    "smtps.instances": "of smtps, which starts anew with the root (up)",
    "submission.status": "of submission, which starts anew with the root (up)",
    "smtp.access": "the access files are those of tcpsvd",
    "smtp.stray-databytes": "no value: a file to remove",
    "pseudonym.account": "whom qmail delivers to",
    "system.domain-name": "shown by the files in settings-accounts.sh",
}
# Limits have a test of their own, where each waits for its time to be over.
SILENT.update(dict.fromkeys((
    "rbl.timeout", "auth.login-timeout", "auth.login-delay",
    "auth.login-failures", "smtp.bare-lf", "smtp.idle-timeout",
    "smtp.session-timeout", "smtp.handshake-timeout", "smtp.text-rate",
    "smtp.text-rate-window", "smtp.max-recipients",
    "smtp.instances-per-network", "smtp.dns-timeout", "smtp.queue-log",
    "smtp.queue-timeout", "smtp.queue-failures", "smtp.queue-pause",
    "smtp.queue-connections", "smtp.recipient-check-timeout"),
    "settings-limits.py shows it"))
class Tried:
    """One root, its daemon up, and what the rows do to it."""

    def __init__(self, tap, release, dns):
        self.tap = tap
        self.root = mailroot.Root(release)
        self.root.env["SMEMAIL_DNS"] = dns
        self.other = ports.free_port()
        self.held = []

    def prepare(self):
        for record in RECORDS:
            self.root.must("db", record[0], "set", *record[1:])
        self.root.must("signal-event", "email-update")
        self.root.must("up")

    def value(self, text):
        return {"PORT": str(self.other),
                "PORT OF INIT": str(self.root.port)}.get(text, text)

    def hold(self, peers):
        """Three connections at once; the answer to the last."""
        answer = "refused"
        for i in range(1, 4):
            source = peers + str(i) if peers.endswith(".") else peers
            peer = self.root.connect(source, timeout=3.0)
            self.held.append(peer)
            try:
                answer = peer.reply()[1] or "closed"
            except TimeoutError:
                answer = "waits"
        return answer

    def said(self, source, lines, port):
        """The answer to the last line; to none of them: the greeting."""
        try:
            peer = self.root.connect(source, port)
        except OSError:
            return "refused"
        answer = peer.reply()[1]
        for line in lines:
            if "\r\n" in line:
                peer.send(line + ".\r\n")
                answer = peer.reply()[1]
            else:
                answer = peer.ask(line)[1]
        peer.close()
        return answer.splitlines()[-1] if answer else "closed"

    def logged(self, lines):
        """What a conversation leaves in the log."""
        before = self.log_size()
        self.said(OUT, lines, None)
        filterd.wait_for(lambda: "click, disconnecting" in self.log(before),
                         1)
        return " ".join(self.log(before).split())

    def log_size(self):
        return len(self.root.read("/var/log/qpsmtpd/current") or "")

    def log(self, at):
        return (self.root.read("/var/log/qpsmtpd/current") or "")[at:]

    def ask(self, row):
        setting, _, _, source, lines = row[:5]
        if source == "LOG":
            return self.logged(lines)
        if not source.startswith("PEERS "):
            return self.said(source, lines,
                             self.other if setting == "smtp.port" else None)
        answer = self.hold(source.split(" ", 1)[1])
        for peer in self.held:
            peer.close()
        self.held = []
        return answer

    def answers(self, row, wanted):
        """Is the answer the wanted one, at last; and what it is."""
        said = []

        def good():
            said.append(self.ask(row))
            return re.search(wanted, said[-1], re.S)
        return filterd.wait_for(good, step=0.1), said[-1]

    def heed(self, row, wanted, what):
        good, said = self.answers(row, wanted)
        self.tap.ok(good, what, said)

    def change(self, setting, value, target):
        """Store and apply; the reason it failed, or nothing."""
        command = ["set", setting, str(self.value(value)), "--accept",
                   ALL_RISKS]
        if value is None:
            command = ["unset", setting]
        if target is not None:
            command += ["--for", target]
        if setting == "domain.add":
            command = ["db", "domains", "delete", target]
        for words in (command, ["apply"]):
            status, out, err = self.root.run(*words)
            if status:
                return "%s: exit %d\n%s%s" % (" ".join(words), status, out,
                                              err)
        return ""

    def stored(self, setting, value, target):
        command = ["set", setting, self.value(value), "--accept", ALL_RISKS]
        if target is not None:
            command += ["--for", target]
        return self.root.run(*command)

    def plan_is(self, files):
        plan = self.root.json("plan")
        told = sorted(f["path"] for f in plan["files"])
        return told == sorted(files), "plan: %s" % told

    def row(self, row):
        setting, value, target, _, _, first, then, files = row
        tap = self.tap
        for also in WITH.get(setting, ()):
            told = self.change(*also)
            if told:
                tap.ok(False, "%s: what it needs" % setting, told)
                return
        before = self.root.generated()
        self.heed(row, first, "%s: at first" % setting)
        status, out, err = self.stored(setting, value, target)
        tap.ok(status == 0, "%s: set" % setting, out + err)
        good, detail = self.plan_is(files)
        tap.ok(good, "%s: plan tells these files" % setting, detail)
        status, out, err = self.root.run("apply")
        tap.ok(status == 0, "%s: apply" % setting, out + err)
        told = self.root.check()
        tap.ok(not told, "%s: --check takes it" % setting, told)
        self.heed(row, then, "%s: the daemon heeds it" % setting)
        told = self.change(setting, BACK.get(setting), target)
        tap.ok(not told, "%s: back" % setting, told)
        after = self.root.generated()
        other = sorted(k for k in {**before, **after}
                       if before.get(k) != after.get(k) and
                       # a file of pairs stays, without a pair
                       (k in before or says(after[k])))
        tap.ok(not other, "%s: every file as before" % setting, other)
        self.heed(row, first, "%s: and the daemon" % setting)
        for also in WITH.get(setting, ()):
            self.change(also[0], None, also[2])


    def by_hand(self, setting, path, text, source, lines, first, then):
        """A file is written, its event signalled, and both taken back."""
        tap, root = self.tap, self.root
        row = (setting, None, None, source, lines)
        real = root.path(path)
        before = root.generated()
        self.heed(row, first, "%s: at first" % setting)
        os.makedirs(os.path.dirname(real), exist_ok=True)
        with open(real, "w", encoding="utf-8") as f:
            f.write(text)
        root.must("signal-event", "email-update")
        self.heed(row, then, "%s: the daemon heeds it" % setting)
        os.unlink(real)
        root.must("signal-event", "email-update")
        tap.ok(root.generated() == before, "%s: every file as before" %
               setting)
        self.heed(row, first, "%s: and the daemon" % setting)


def says(text):
    """What is in a file but comments."""
    return [line for line in text.splitlines()
            if line and not line.startswith(b"#")]


class Kept:
    """Test points of one thread, told when all are done."""

    def __init__(self):
        self.points = []

    def ok(self, *args):
        self.points.append(args)
        return args[0]

    def tell(self, tap):
        for point in self.points:
            tap.ok(*point)


def group(release, rows, dns):
    """Rows on a root of their own."""
    kept = Kept()
    tried = Tried(kept, release, dns)
    try:
        tried.prepare()
        for row in rows:
            if row in BY_HAND:
                tried.by_hand(*row)
            else:
                tried.row(row)
    except (OSError, RuntimeError) as e:
        kept.ok(False, "%s: %s" % (release, type(e).__name__), e)
    finally:
        tried.root.close()
    return kept


def settings_of_smtp():
    """Rows of the effects table whose files the daemon reads."""
    found = []
    with open(os.path.join(DATA, "effects.tsv"), encoding="utf-8") as f:
        for line in list(f)[1:]:
            row = line.split("\t")
            if re.search("/qpsmtpd|/var/qmail/control", row[1]) and \
                    "(view)" not in row[4]:
                found.append(row[0])
    return found


def plugins_are_missing(tap):
    """A reason that no longer holds is an error of this table."""
    for plugin in sorted(set(PLUGIN.values())):
        daemon = filterd.Daemon({"plugins": plugin + "\nqueue/maildir /x"})
        done = subprocess.run(daemon.command("--check"), check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8")
        shutil.rmtree(daemon.folder)
        for setting in sorted(k for k, v in PLUGIN.items() if v == plugin):
            what = "%s: a conversation" % setting
            if "not built yet" in done.stdout:
                tap.skip(what, "%s is not built yet" % plugin)
            else:
                tap.ok(False, what, "%s is built: write its conversation" %
                       plugin)


def main():
    tap = filterd.Tap()
    for needed in ("runsvdir", "svlogd"):
        if not any(os.access(os.path.join(p, needed), os.X_OK)
                   for p in os.environ["PATH"].split(":")):
            print("1..0 # SKIP %s is not installed" % needed)
            return 0
    shown = [row[0] for row in TALKS + TALKS_11 + TALKS_OLD +
             BY_HAND]
    for setting in settings_of_smtp():
        if setting not in shown and setting not in PLUGIN and \
                setting not in SILENT:
            tap.ok(False, "%s: has a conversation or a reason" % setting)
    groups = [("10", TALKS[i::4]) for i in range(4)] + [
        ("9.1", TALKS_OLD), ("10", BY_HAND), ("11", TALKS_11)]
    with Zone(NAMES) as zone, \
            concurrent.futures.ThreadPoolExecutor(len(groups)) as pool:
        for kept in pool.map(lambda g: group(*g, zone.dns), groups):
            kept.tell(tap)
    plugins_are_missing(tap)
    for setting, why in sorted(SILENT.items()):
        tap.skip("%s: a conversation" % setting, why)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
