#!/usr/bin/env python3
"""The diagnostics (screens.md 4.15 to 4.17): results as they come, from name
servers of our own on loopback."""
import os
import socket
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))

import dnsfixture  # noqa: E402
from tui import SMEMAIL, Root, Screen, done, point, skip_all  # noqa: E402

root = Root(("system.domain-name=example.com", "dkim.signing=enabled"))
root.smemail("dkim", "keygen", "example.com", "--selector", "2026a")
shown = root.smemail("dkim", "show", "example.com", "--form", "registrar")
value = [line[7:] for line in shown.stdout.splitlines()
         if line.startswith("value  ")][0]
key = [value[i:i + 255] for i in range(0, len(value), 255)]

NAMES = {
    "example.com": {
        "NS": ["ns1.example.com"], "MX": [[10, "mail.example.com"]],
        "SOA": [["ns1.example.com", "x.example.com", 1, 2, 3, 4, 5]],
        "TXT": [["v=spf1 mx include:_spf.isp.test include:gone.test "
                 "exists:%{i}._s.test ~all"]]},
    "mail.example.com": {"A": ["203.0.113.25"]},
    "ns1.example.com": {"A": ["127.0.0.2"]},
    "_spf.isp.test": {"TXT": [["v=spf1 include:_spf1.isp.test a:big.isp.test "
                               "ip4:198.51.100.0/26 -all"]]},
    "_spf1.isp.test": {"TXT": [["v=spf1 ip4:198.51.100.64/26 -all"]]},
    "big.isp.test": {"A": ["192.0.2.10", "192.0.2.11"]},
}


def zone(**more):
    return {"zone": {"names": dict(NAMES, **more)}}


KEYED = zone(**{"2026a._domainkey.example.com": {"TXT": [key]}})
try:
    authority = dnsfixture.Server(KEYED, root.folder, "127.0.0.2", 53)
except RuntimeError:
    skip_all("port 53 of 127.0.0.2 cannot be had")
resolver = dnsfixture.Server(KEYED, root.folder)


def tool(screen, digit, subject=None):
    """Tools, one of them, and what it is asked about (None: as offered)."""
    screen.keys("9")
    screen.wait(">1 ")
    screen.keys(*([digit] if isinstance(digit, str) else digit))
    screen.wait(r"\[.*\]")
    if subject is not None:
        screen.keys("C-u")
        screen.type(subject)
    screen.keys("Enter")


s = Screen(root, SMEMAIL_DNS=resolver.address)
s.wait("Dashboard")
s.keys("9")
s.expect(r"│ Tools +│\n.*\n.*> *1  Top ", "the menu of tools")
s.keys("3")
s.expect(r"\[example\.com +\]", "the primary domain is offered")
s.keys("Enter")
s.expect(r"Tools > DKIM > example\.com .*\n ok +2 remarks, 7 ok$",
         "4.16 DKIM: all is well")
s.expect(r"^>ok +setting +dkim\.signing enabled", "its rows")
s.expect(r"^ ok +ns1\.example\.com .*equals the key file",
         "C54: the name server was asked")
s.expect(r"^ ok +probe +signed as .* verified: pass", "F157: a true test")
s.expect(r"^ = smemail dkim check example\.com$", "the command twin")
s.expect(r"^ info +sent today +the logs know of no mail of this domain",
         "4.16: what of today's mail was signed")
s.keys("End")
s.expect(r"^>info +outside view +not asked", "4.16: nobody outside was asked")
s.keys("c")
s.expect(r"^ :dkim check example\.com --send-probe ADDRESS",
         "and c takes what asks to the ':' line")
s.keys("Escape", "Home")
s.expect(r"row 1 of 9   asked \d\d:\d\d:\d\d in \d+ ms", "the age of it")

# the zone loses the key: test again, and go to the problem
authority.replace(zone())
resolver.replace(zone())
s.keys("t")
s.expect(r"^ FAIL  2 failures, 2 remarks, 4 ok", "t tests again")
s.keys("e")
s.expect(r"^>FAIL +ns1", "e goes to the next problem")
s.keys("Enter")
s.expect(r"^ *ns1\.example\.com 127\.0\.0\.2$", "Enter opens the whole row")
s.keys("q")
s.expect(r"^>FAIL +ns1", "and q comes back")
s.keys("q")
s.wait("Dashboard")

# what cannot be tested says why
tool(s, "3", "no.such.test")
s.expect(r"^ (FAIL|\?\?\?\?|ok) .*\n(.*\n)* = smemail dkim check no\.such\.test$",
         "another domain")
s.keys("q")
s.wait("Dashboard")
tool(s, "7")
s.expect(r"^.FAIL +dkim +", "DNS: the records of the domain")
s.keys("q")
s.wait("Dashboard")
tool(s, ("End", "Up", "Up", "Up", "Up", "Enter"), "nobody@example.com")
s.expect(r"Tools > Route > nobody@example\.com", "route")
s.keys("q")
s.wait("Dashboard")
tool(s, "2", "b\u00fccher.example")
s.expect(r"SPF > bücher\.example (.*\n)*^ 'bücher\.example' is "
         r"'xn--bcher-kva\.example' in the DNS$", "as typed, and as asked")
s.keys("q")
s.wait("Dashboard")
tool(s, "3", "")
s.expect("nothing was typed, nothing is tested", "no subject, no test")
s.keys("Escape")

tool(s, "2")
s.expect(r"^ FAIL  permerror: 'include:gone\.test' of 'example\.com': that",
         "4.15 SPF: the verdict first")
s.expect(r"^ v=spf1 mx include:_spf\.isp\.test include:gone\.test ",
         "the record")
s.expect(r"^>├─ mx +1  203\.0\.113\.25$", "a term, its lookup, what it gives")
s.expect(r"^ │  ├─ include:_spf1\.isp\.test +3$", "what it includes")
s.expect(r"^ c  a record with the same meaning, 5 of 10 lookups:\n"
         r" +v=spf1 mx include:_spf\.isp\.test exists:%\{i\}\._s\.test ~all\n"
         r" +smemail spf repair example",
         "4.15: the proposal itself, and what helps")
s.expect(r"^ +mail from elsewhere: permerror after \d lookup",
         "4.15: what becomes of forged mail")
s.expect(r"^ +libspf2 (agrees|differs: .*)$", "4.15: libspf2 beside it")
s.keys("t")
s.expect(r"^ +the record is the same since today \d\d:\d\d:\d\d$",
         "4.15: whether the record changed since the last look")
s.keys("c")
s.expect(r"^ :spf repair example\.com", "c takes it to the ':' line")
s.keys("Escape")

# the tree folds
s.keys("Down", "Enter")
s.expect(r"^>├─ include:_spf\.isp\.test \[\+\d\] +2$", "Enter folds a branch")
s.expect(r"^ ├─ include:gone\.test +5 ", "what follows it is shown next")
point("├─ include:_spf1" not in s.text(), "and what is in it is not")
s.keys("Right")
s.expect(r"^>├─ include:_spf\.isp\.test +2$", "Right unfolds it")
s.expect(r"^ │  ├─ include:_spf1\.isp\.test +3$", "with all that is in it")
s.keys("Down", "Down")
s.expect(r"^>│  │  ", "two levels down")
s.keys("Left")
s.expect(r"^>│  ├─ include:_spf1\.isp\.test +3$",
         "Left goes to the branch of a leaf")
s.keys("Left")
s.expect(r"^>│  ├─ include:_spf1\.isp\.test \[\+2\] +3$", "and folds it")
s.keys("Left", "Left")
s.expect(r"^>├─ include:_spf\.isp\.test \[\+\d\] +2$",
         "then those above, one after the other")
s.keys("e")
s.expect(r"^>├─ include:gone\.test +5  FAIL  that domain has no SPF record$",
         "e goes to a problem in sight: what is wrong")
s.keys("Up", "Enter", "Enter")
s.expect(r"^>├─ include:_spf\.isp\.test \[\+6\] +2$", "Enter twice")
s.keys("q")
s.wait("smemail  Dashboard")

tool(s, "4", "127.0.0.1")
s.expect(r"^ ok +127\.0\.0\.1: path MTU 65535", "4.17 MTU: smallest first")
s.expect(r"^>  1  127\.0\.0\.1 .* ms  65535  reached$", "the hops")
s.expect(r"^ tcp +not tested: .*refused", "and TCP")
s.keys("q")
s.wait("smemail  Dashboard")

tool(s, "5", "203.0.113.25")
s.expect(r"^ \?\?\?\?  0 listed, 0 not, 10 not tested",
         "RBL: no listing is believed from lists that do not work")
s.expect(r"^>\?\?\?\?  zen\.spamhaus\.org +not listed\?  ", "each with why")
s.keys("q")
s.wait("smemail  Dashboard")
s.keys("9")
s.wait("List health")
s.keys("6")
s.expect(r"^ ok +127\.0\.0\.1:\d+ +truth +says so", "resolver check")
s.expect(r"servers from SMEMAIL_DNS", "with the servers of the command line")

# hops as they come, while a mail server that says nothing is waited for
mute = socket.create_server(("127.0.0.3", 25))
tool(s, "4", "127.0.0.3")
s.expect(r"^ run .*\n(.*\n)*>  1  127\.0\.0\.3 .* ms  65535  reached$",
         "MTU: the hops are shown while the rest is tested")
s.keys("C-c")
s.expect(r"^>  1  127\.0\.0\.3 ", "and stay when it is stopped")
s.keys("q")
s.wait("smemail  Dashboard")
mute.close()

# rows as they come: a list that answers at once, and one that says nothing
quick = dnsfixture.Server({"zone": {"names": {
    "2.0.0.127.quick.test": {"A": ["127.0.0.2"]},
    "25.113.0.203.quick.test": {"A": ["127.0.0.2"]},
    "2.0.0.127.slow.test": {"_timeout": True},
    "1.0.0.127.slow.test": {"_timeout": True},
    "25.113.0.203.slow.test": {"_timeout": True}}}}, root.folder)
root.smemail("set", "rbl.dns-zones", "quick.test,slow.test")
s.close()
s = Screen(root, SMEMAIL_DNS=quick.address)
s.wait("Dashboard")
tool(s, "5", "203.0.113.25")
s.expect(r"^ run .*\n(.*\n)*.FAIL +quick\.test +listed ",
         "RBL: what is in is shown while others are waited for")
s.expect(r"^.wait +slow\.test", "a row that waits says so")
s.keys("C-c")
s.expect(r"^ \?\?\?\?  stopped", "Ctrl-C stops it")
s.expect(r"^.FAIL +quick\.test +listed ", "what came stays")
s.keys("q")
s.wait("smemail  Dashboard")
quick.__exit__()

# a name server that says nothing: the screen answers all the same
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 0))
s.close()
s = Screen(root, SMEMAIL_DNS="127.0.0.1:%d" % silent.getsockname()[1])
s.wait("Dashboard")
tool(s, "3")
s.expect(r"^ run   testing for [1-9] s; Ctrl-C stops it",
         "what runs is shown, and for how long")
s.keys("C-c")
s.expect(r"^ \?\?\?\?  stopped: not everything was tested", "Ctrl-C stops it")
s.keys("t")
s.wait("^ run ")
s.keys("q")
s.expect(r"smemail  Dashboard", "q leaves a test at once")
s.close()
silent.close()

for width, height in ((40, 10), (60, 16)):
    s = Screen(root, width, height, SMEMAIL_DNS=resolver.address,
               NO_COLOR="1")
    s.wait("Dashboard")
    tool(s, "3")
    s.expect(r"^ FAIL  2 failures", "%dx%d" % (width, height))
    s.close()

if os.path.exists(os.path.dirname(SMEMAIL) + "/locale/fr"):
    s = Screen(root, words=("--lang", "fr", "tui"),
               SMEMAIL_DNS=resolver.address)
    s.wait("Tableau de bord")
    s.keys("9")
    s.expect(r"Outils *│\n(.*\n)*.* 8  DNS inverse +adresse, nom", "French menu")
    s.keys("3")
    s.wait(r"\[example")
    s.keys("Enter")
    s.expect(r"^ ÉCHEC 2 échecs, 2 remarques, 4 ok", "and verdict")
    s.close()

authority.__exit__()
resolver.__exit__()
root.remove()
done()
