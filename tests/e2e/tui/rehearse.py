#!/usr/bin/env python3
"""The rehearsal (screens.md 4.18): now and with the draft, from the tools,
the log, the story of a message and a session of top."""
import json
import os
import re
import socket
import sys
import time
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))

import dnsfixture  # noqa: E402
import tui  # noqa: E402
from tui import Root, Screen, clockless, done, point  # noqa: E402

TAI0 = 0x4000000000000000 + 10
NAMES = {
    "supplier.test": {"MX": [[10, "mx1.supplier.test"]],
                      "TXT": [["v=spf1 ip4:198.51.100.77 -all"]]},
    "mx1.supplier.test": {"A": ["198.51.100.77"]},
    "77.100.51.198.in-addr.arpa": {"PTR": ["mx1.supplier.test"]},
}
MESSAGE = ("From: invoice@supplier.test\nDate: Mon, 16 Mar 2026 10:00:00 "
           "+0000\nSubject: Rechnung\n\nhello\n")
WORDS = "198.51.100.77 invoice@supplier.test anna@example.test"
ENVELOPE = ("--from-ip 198.51.100.77 --mail-from invoice@supplier.test "
            "--rcpt anna@example.test")
MOCK_UP = """
 smemail  Rehearse                             draft 1  mail.example.test  HH:MM
 client 198.51.100.77  helo client.invalid  from invoice@supplier.test
 to anna@example.test   message invoice.eml, 91 bytes
────────────────────────────────────────────────────────────────────────────────
   Phase    Plugin              Now                     With the draft        ms
   connect  hosts_allow         pass                    pass                  NN
   connect  earlytalker         pass not spontaneous    pass not spontan…     NN
   connect  relay               skip no match           skip no match         NN
   helo     helo                marked no forward DNS   pass                  NN
   mail     resolvable_fromhost pass has MX             pass has MX           NN
   mail     badmailfrom         pass                    pass                  NN
   mail     sender_permitted_…  pass pass, 'ip4:198.5…  pass pass, 'ip4:…     NN
   rcpt     badrcptto           pass                    pass                  NN
> !rcpt     naughty             refused (helo) HELO h…  pass clean            NN
   rcpt     check_goodrcptto    -                       pass                  NN
────────────────────────────────────────────────────────────────────────────────
 Now         550 5.7.1 (helo) HELO hostname does not exist
 With draft  250 2.0.0 Queued!
             because filter.helo-policy default
 Setting     filter.helo-policy
 Budget      NN ms used; slowest: PLUGIN
 step 9 of 14   nothing sent, stored or learned
 = smemail rehearse --from-ip 198.51.100.77 --mail-from invoice@supplier.test -…
 Enter open  d describe  = full command  t again  : rehearse  p plan 1  q back
"""


def timeless(line):
    """Times and what took longest, made the same for ever."""
    line = re.sub(r"^(.{74}) *\d+$", r"\1    NN", line)
    return re.sub(r"\d+ ms used; slowest: .*", "NN ms used; slowest: PLUGIN",
                  clockless(line))


def put(pid, text):
    """A line of the filter's log, of this moment."""
    folder = root.path + "/var/log/qpsmtpd"
    os.makedirs(folder, exist_ok=True)
    at = time.time()
    with open(folder + "/current", "a", encoding="utf-8") as f:
        f.write("@%x%08x %d %s\n" % (
            TAI0 + int(at), int(at % 1 * 1e9), pid, text))


def from_tools(screen, words):
    """Tools, Rehearse, and who sends what to whom."""
    screen.keys("9")
    screen.wait(r">1 ")
    screen.keys("End", "Up", "Up", "Up", "Up", "Up", "Up", "Enter")
    screen.wait(r"\[.*\]")
    screen.type(words)
    screen.keys("Enter")


root = Root(("db accounts set anna user",
             "filter.helo-policy=rfc"))
r = root.smemail("apply")
point(r.returncode == 0, "the root is applied first", r.stderr)
with open(root.folder + "/invoice.eml", "w", encoding="utf-8") as f:
    f.write(MESSAGE)
tui.SMEMAIL = os.path.abspath(tui.SMEMAIL)
os.chdir(root.folder)
zone = dnsfixture.Server({"zone": {"names": NAMES}}, root.folder)

s = Screen(root, SMEMAIL_DNS=zone.address)
s.wait("Dashboard")
from_tools(s, " ")
s.expect("nothing was typed", "no words: said")
s.keys("Escape")  # the dialog waits for better words
from_tools(s, WORDS.replace("198.51.100.77", "nowhere"))
s.expect("'nowhere' is not an IP address", "a client that is none: said")
s.keys("Escape")  # the dialog waits for better words
from_tools(s, WORDS + " invoice.eml")
s.expect(r"^ Now +550 5\.7\.1 \(helo\) HELO hostname does not exist$",
         "4.18: the answer of the policy in force")
s.expect(r"^> !rcpt +naughty +refused \(helo\)", "the cursor is on what refused")
s.expect(r"^ Setting +filter\.helo-policy$", "the setting behind it")
s.expect(r"^ Budget +\d+ ms used; slowest: ", "the time used")
point("With the draft" not in s.text(), "no draft: nothing to compare with",
      s.text())
s.keys("Enter")
s.expect(r"^ Now\n +refused: \(helo\) HELO hostname", "Enter opens the step")
s.keys("q")
s.wait("^> !rcpt")
s.keys("=")
s.expect(r"^ = smemail rehearse " + ENVELOPE[:50], "= shows the command")
s.keys(":")
s.expect("^ :.*" + ENVELOPE[-50:] + " invoice.eml", ": has its words")
s.keys("Escape")
s.keys("R")
s.expect(r"\[\.100\.77 invoice@supplier\.test anna@example\.test "
         r"port=25 invoice\.eml \]", "R asks for it again, with its words")
s.keys("Escape")
s.wait("^> !rcpt")
s.keys("q")
s.wait("smemail  Dashboard")
from_tools(s, WORDS + " port=25 helo=good.example invoice.eml")
s.expect(r"^ client 198.51.100.77  helo good\.example  from ", "helo= is taken")
s.keys("=")
s.expect(r"^ = smemail rehearse .*--helo good\.example ",
         "and stands in the command")
s.keys("R")
s.expect(r" anna@example\.test helo=good\.example port=25 invoice\.eml \]",
         "R keeps it")
s.keys("Escape")
s.wait("helo good.example")
s.keys("q")
s.wait("smemail  Dashboard")
from_tools(s, WORDS + " port=26")
s.expect("port 26 is none of the filter's", "a port of no service: said")
s.keys("Escape")  # the dialog waits for better words
from_tools(s, WORDS + " port=smtp")
s.expect("'smtp' is not a port", "a port that is none: said")
s.keys("Escape")  # the dialog waits for better words
from_tools(s, WORDS + " port=587 invoice.eml")
s.expect(r"message invoice\.eml, 91 bytes   port 587$", "the port is told")
s.expect(r"^ Now +530 ", "submission asks for a login")
point(not re.search("^ Setting ", s.text(), re.M),
      "a mark that nobody acted on is not why", s.text())
s.keys(":")
s.expect(r"^ :.* --port 587 invoice\.eml", ": has the port")
s.keys("Escape")
s.wait(r"^ = smemail rehearse")
s.keys("q")
s.wait("smemail  Dashboard")
from_tools(s, WORDS + " port=465 user=anna invoice.eml")
s.expect(r"port 465, user anna$", "the user is told")
s.expect(r"^ Now +250 2\.0\.0 ", "who is logged in may send")
s.keys("q")
s.wait("smemail  Dashboard")
from_tools(s, WORDS + " invoice.eml")
s.wait("^> !rcpt")
s.keys("Home", "d")
s.expect("smtp.instances-per-ip", "d describes the setting of the step")
s.keys("q")
s.wait("^>  connect +hosts_allow")
s.keys("Down", "d")
s.expect("no setting is known for this step", "or says that none is known")
s.keys("q")
s.wait("smemail  Dashboard")

# the draft takes the policy back to its default
s.keys("2")
s.wait("area 1 of 16")
s.keys("/")
s.type("helo-policy")
s.wait("1 of 251 settings")
s.keys("Enter")
s.wait(r"^>\+ filter\.helo-policy")
s.keys("x")
s.wait("draft 1 ")
s.keys("q")
s.wait("area . of 16")
s.keys("q")
s.wait("smemail  Dashboard")
from_tools(s, WORDS + " invoice.eml")
s.wait("because")
got = [timeless(x) for x in s.lines()]
want = MOCK_UP.strip("\n").split("\n")
point(got == want, "4.18: the screen is the mock-up", "\n".join(
    a if a == b else "-%s\n+%s" % (a, b) for a, b in zip(want, got)))
s.keys("Home", "e")
s.expect(r"^>  helo +helo ", "e goes to what the draft changes")
s.keys("E")
s.expect(r"^>  queue +queue::maildir +- +taken would", "E goes back, round the end")
s.keys("t")
s.expect(r"^ With draft  250 2\.0\.0", "t tests again")
s.keys("p")
s.expect(r"smemail  Plan ", "p shows the plan")
s.keys("q")
s.expect(r"^ With draft  250 2\.0\.0", "and q comes back")
s.keys("u")
s.expect(lambda lines: not re.search("With draft", "\n".join(lines)) and
         re.search("^ Budget", "\n".join(lines), re.M),
         "without the draft it is rehearsed anew, alone")
s.keys("q")
s.wait("smemail  Dashboard")

# the draft of the screen on the command line
s.keys("2")
s.wait("area 1 of 16")
s.keys("/")
s.type("helo-policy")
s.wait("1 of 251 settings")
s.keys("Enter")
s.wait(r"^>\+ filter\.helo-policy")
s.keys("x")
s.wait("draft 1 ")
r = root.smemail("rehearse", *ENVELOPE.split(), "--with", "draft", "--json",
                 SMEMAIL_DNS=zone.address)
view = json.loads(r.stdout)
point(r.returncode == 1 and view["verdict"] == "refused" and
      view["verdict_with"] == "accepted" and
      view["because"] == "filter.helo-policy default",
      "--with draft compares with the draft of the screen", r.stdout)
s.close()

# R: from a line of the log, its story, a session of top
put(7, "Accepted connection 0/40 from 198.51.100.77 / mx1.supplier.test")
put(7, "Connection from mx1.supplier.test [198.51.100.77]")
put(7, "(deny) logging::logterse: ` 198.51.100.77\tmx1.supplier.test\t"
    "mx1.supplier.test\t<invoice@supplier.test>\t<anna@example.test>\t"
    "spamassassin\t901\tspam score exceeded threshold\tYes, score=18.4")
put(7, "click, disconnecting")
put(8, "Accepted connection 0/40 from 198.51.100.77 / mx1.supplier.test")
put(8, "Connection from mx1.supplier.test [198.51.100.77]")
put(8, "dispatching EHLO mx1.supplier.test")
put(8, "dispatching MAIL FROM:<bill@supplier.test>")
TOLD = (r"^ client 198\.51\.100\.77  helo mx1\.supplier\.test  from %s\n"
        r" to %s   message a small one of its own\n")
s = Screen(root, SMEMAIL_DNS=zone.address)
s.wait("Dashboard")
s.keys("5")
s.wait("dispatching MAIL")
s.keys("Home", "e")
s.wait(r"^>.* refused ")
s.keys("R")
s.expect(TOLD % ("invoice@supplier.test", "anna@example.test"),
         "R in the log rehearses the message of the line")
s.expect(r"^ With draft  250 2\.0\.0", "and has its answer")
s.keys("q")
s.wait(r"^>.* refused ")
s.keys("w")
s.wait("after DATA")
s.keys("R")
s.expect(TOLD % ("invoice@supplier.test", "anna@example.test"),
         "R in the story of a message too")
s.wait("Budget")
s.keys("q")
s.wait("after DATA")
s.keys("q")
s.wait(r"^>.* refused ")
s.keys("q")
s.wait("smemail  Dashboard")
s.keys("9")
s.wait("Rehearse")
s.keys("1")
s.wait(r"^>.* 198\.51\.100\.77 ")
s.keys("R")
s.expect(TOLD % ("bill@supplier.test", "postmaster@example.test"),
         "R on a session without a recipient: to postmaster")
s.expect("^ Budget", "with its answer")
s.close()

# a name server that says nothing: keys stay live, nothing stays behind
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 0))
os.mkdir(root.folder + "/scratch")
s = Screen(root, SMEMAIL_DNS="127.0.0.1:%d" % silent.getsockname()[1],
           TMPDIR=root.folder + "/scratch")
s.wait("Dashboard")
from_tools(s, WORDS)
s.expect(r"^ Now +testing for [0-9] s; Ctrl-C stops it", "what runs is shown")
s.expect(r"^.. connect  earlytalker ", "with the steps that are known")
s.keys("End")
s.keys("C-c")
s.expect(r"^ Now +stopped: not everything was tested", "Ctrl-C stops it")
s.keys("t")
s.wait("^ Now +testing")
s.keys("q")
s.expect("smemail  Dashboard", "q leaves at once")
s.close()
silent.close()
point(os.listdir(root.folder + "/scratch") == [],
      "no scratch folder is left", os.listdir(root.folder + "/scratch"))

for width, height in ((40, 10), (60, 16), (132, 40)):
    s = Screen(root, width, height, SMEMAIL_DNS=zone.address, NO_COLOR="1")
    s.wait("Dashboard")
    from_tools(s, WORDS)
    s.expect(r"^> ! ?(rcpt +)?naughty +refused *.*pass", "%dx%d: the step" %
             (width, height))
    s.expect(r"^ Now +550 5\.7\.1 ", "%dx%d: the answer" % (width, height))
    s.expect(r"^ With draft +250", "%dx%d: and the other" % (width, height))
    s.close()

s = Screen(root, words=("--ascii", "tui"), SMEMAIL_DNS=zone.address)
s.wait("Dashboard")
from_tools(s, WORDS)
s.wait("because")
point(s.text().isascii(), "ASCII alone", s.text())
s.close()

if os.path.exists(os.path.dirname(tui.SMEMAIL) + "/locale/fr"):
    s = Screen(root, words=("--lang", "fr", "tui"), SMEMAIL_DNS=zone.address)
    s.wait("Tableau de bord")
    from_tools(s, WORDS)
    s.expect(r"^ Actuel +550", "French: the answer")
    s.expect(r"^> !rcpt +naughty +refusé ", "and the words")
    s.close()
zone.__exit__()
root.remove()
done()
