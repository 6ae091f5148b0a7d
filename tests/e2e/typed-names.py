#!/usr/bin/env python3
"""Domains, hosts and addresses typed with letters beyond ASCII: each command
asks for the A-label (RFC 5891) and says so once; what is no name at all is
refused with a next step."""
import os
import re
import tempfile

import lib_zone

TYPED, ASCII = "müller.example", "xn--mller-kva.example"
ZONE = {
    ASCII: {"MX": [[10, "mx." + ASCII]], "TXT": ["v=spf1 mx -all"],
            "NS": ["ns." + ASCII], "A": ["127.0.0.2"],
            "SOA": [["ns." + ASCII, "h." + ASCII, 1, 2, 3, 4, 5]]},
    "mx." + ASCII: {"A": ["127.0.0.2"]},
    "2.0.0.127.in-addr.arpa": {"PTR": ["mx." + ASCII]},
    "_dmarc." + ASCII: {"TXT": ["v=DMARC1; p=reject"]},
}
# words, what stdout has to tell
CASES = (
    (["spf", "check", "--ip", "127.0.0.2", "--sender", "jörg@" + TYPED],
     "^pass "),
    (["spf", "check", "--ip", "127.0.0.2", "--sender", "<jörg@MÜLLER.example>"],
     "^pass "),
    (["spf", "tree", TYPED], "^ok  the record is valid"),
    (["spf", "repair", TYPED], "^nothing to change"),
    (["dmarc", "check", "Jörg@" + TYPED], "reject by p= of " + ASCII),
    (["dns", "print", TYPED], r'^%s\. IN TXT "v=spf1 ' % ASCII),
    (["dns", "check", TYPED], r"^ok +dmarc "),
    (["dns", "ptr", "mx." + TYPED], r"^ok +helo .*mx\." + ASCII),
    (["rbl", "check", TYPED, "--zone", "rbl." + TYPED], "^" + ASCII),
    (["smtp", "probe", "mx." + TYPED + ":1"], r"'127\.0\.0\.2' port 1: "),
    (["smtp", "relay-test", "mx." + TYPED + ":1"], r"'127\.0\.0\.2' port 1: "),
    (["tls", "probe", "mx." + TYPED + ":1"], r"'127\.0\.0\.2' port 1: "),
    (["mtu", "--no-tcp", "mx." + TYPED], r"^ok +mx\.%s 127\.0\.0\.2 " % ASCII),
    (["route", "joerg@" + TYPED], r"MX +10 mx\." + ASCII),
    (["dkim", "keygen", TYPED], r"^default\._domainkey\." + ASCII),
    (["dkim", "check", TYPED],
     r"^FAIL +resolver +no key at default\._domainkey\." + ASCII),
    (["dkim", "show", TYPED], r"^default\._domainkey\." + ASCII),
)
# what is refused, and what the message says to do
REFUSED = (
    (["route", "anna"], "next: smemail route anna@home.example"),
    (["route", "anna@"], "next: smemail route anna@home.example"),
    (["route", "@home.example"], "no name before the domain"),
    (["route", ""], "next: smemail route --help"),
    (["route", "a b@home.example"], "next: smemail route --help"),
    (["mtu", "n\u00f6..example"], "'n\u00f6..example' is no host name"),
    (["mtu", "n..example"], "next: smemail mtu --help"),
    (["mtu", "300.1.1.1"], "no host name and no address"),
    (["spf", "tree", "300.1.1.1"], "next: smemail spf tree --help"),
    (["spf", "check", "--ip", "1"], "next: smemail spf check --help"),
    (["dmarc", "check", "a b"], "next: smemail dmarc check --help"),
    (["dns", "check", "a b"], "next: smemail dns check --help"),
    (["dns", "ptr", "a b"], "next: smemail dns ptr --help"),
    (["rbl", "check", "a b"], "next: smemail rbl check --help"),
    (["smtp", "probe", "a b"], "next: smemail smtp probe --help"),
    (["tls", "probe", "mx.example:x"], "next: smemail tls probe --help"),
)


def typed(p, z, env):
    for words, says in CASES:
        _, out, err = z.run(*words, env=env)
        note = [line for line in err.splitlines()
                if line.endswith("' in the DNS")]
        p.ok(re.search(says, out, re.M) and note and
             ASCII in note[0] and "xn--" not in note[0].split(" is ")[0],
             " ".join(words[:2]) + ": as typed and as asked",
             out + err)
    _, got = z.json("route", "joerg@" + TYPED, env=env)
    p.ok(got["address"] == "joerg@" + ASCII, "in JSON it is the A-label", got)
    status, out, err = z.run("route", "Jörg@" + TYPED, env=env)
    p.ok(status == 1 and "SMTPUTF8" in out,
         "a name beyond ASCII: refused, and why", out + err)
    status, out, err = z.run("route", "joerg@" + ASCII, env=env)
    p.ok(status == 0 and err == "",
         "without such letters nothing is said of it", err)
    z.run("db", "domains", "set", ASCII, "domain", env=env)
    status, out, err = z.run("domain", "show", TYPED, env=env)
    p.ok(status == 0 and ASCII in err, "domains of this server too", out + err)


# words of logs and lists that may be other things too: what is said
WORDS = (
    (["why", TYPED], 1, "matches '%s', '%s'" % (ASCII, TYPED)),
    (["why", "@" + TYPED], 1, "matches '@%s', " % ASCII),
    (["log", "trace", "j\u00f6rg@" + TYPED], 1, "about 'j\u00f6rg@%s'" % ASCII),
    (["lists", "add", "badmailfrom", "@" + TYPED], 0,
     r"badmailfrom: \+ @%s, stored" % ASCII),
    (["lists", "remove", "badmailfrom", "@" + TYPED], 0,
     r"badmailfrom: - @%s, stored" % ASCII),
    (["lists", "add", "badhelo", "M\u00dcLLER.example"], 0, r"\+ " + ASCII),
    (["lists", "add", "blacklist_from", "*@*." + TYPED], 0,
     r"\+ \*@\*\." + ASCII),
    (["lists", "add", "badmailfrom", "@m\u00fc*.example"], 2, "is no entry"),
    (["pairs", "add", "j\u00f6rg@" + TYPED, "anna@home.example"], 0,
     "j\u00f6rg@%s" % ASCII),
)


def told(p, z, env, root):
    log = root + "/var/log/qpsmtpd"
    os.makedirs(log, exist_ok=True)
    with open(log + "/current", "w", encoding="utf-8") as f:
        f.write("@4000000069baa8e200000000 7 logging::logterse plugin (deny): "
                "` 192.0.2.7\tUnknown\tx\t<a@home.example>\t\tdnsbl\t550\t"
                "listed\tmsg denied before queued\n")
    z.run("db", "domains", "delete", ASCII, env=env)
    for typed_words, status, says in WORDS:
        got, out, err = z.run(*typed_words, env=env)
        p.ok(got == status and re.search(says, out + err),
             " ".join(typed_words), out + err)
    # a client may have sent it in either form
    with open(log + "/current", "a", encoding="utf-8") as f:
        for n, name in enumerate((ASCII, TYPED)):
            f.write("@4000000069baa8e30000000%d 8 logging::logterse plugin "
                    "(deny): ` 192.0.2.7\tUnknown\tmx.%s\t<a@%s>\t\tdnsbl\t"
                    "550\tlisted\tmsg denied before queued\n"
                    % (n, name, name))
    for word in ("from:@" + TYPED, "helo:mx.M\u00dcLLER.example".lower(),
                 "a@" + TYPED, TYPED):
        _, out, err = z.run("log", "search", word, env=env)
        p.ok(len(out.splitlines()) == 2, "log search " + word, out + err)
    _, out, err = z.run("why", TYPED, env=env)
    p.ok(ASCII in out and "found by '%s'" % ASCII in err, "why tells it",
         out + err)


def main():
    p = lib_zone.Points()
    with tempfile.TemporaryDirectory() as top, \
            lib_zone.Zone(ZONE, "--timeout-as", "servfail") as z:
        os.chmod(top, 0o711)
        env = dict(os.environ, SMEMAIL_ROOT=os.path.join(top, "root"),
                   LC_ALL="C.UTF-8")
        z.run("init", "--domain", "home.example", env=env)
        typed(p, z, env)
        for words, says in REFUSED:
            status, out, err = z.run(*words, env=env)
            p.ok(status == 2 and says in err and out == "",
                 "%s: a next step" % " ".join(words), out + err)
        told(p, z, env, os.path.join(top, "root"))
        _, out, _ = z.run("__complete", "--", "dkim", "check", "", env=env)
        p.ok(out.startswith("home.example\t"), "own domains are offered", out)
    p.end()


main()
