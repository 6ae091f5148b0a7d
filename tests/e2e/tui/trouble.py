#!/usr/bin/env python3
"""What gets in an administrator's way: keys left out, words cut, texts that
lead nowhere (screens.md 2, 4.1, 4.6, 4.9, 4.10, 4.17)."""
import os
import sys
import time
sys.dont_write_bytecode = True

from tui import Root, Screen, done, point  # noqa: E402

TAI0 = 0x4000000000000000 + 10
DAYS = 86400
root = Root()
folder = root.path + "/var/log/qpsmtpd"
os.makedirs(folder, exist_ok=True)


def log(ago, text):
    with open(folder + "/current", "a", encoding="ascii") as f:
        f.write("@%x%08x %s\n" % (TAI0 + int(time.time()) - ago, 0, text))


TERSE = "logging::logterse: ` 198.51.100.9\thost.test\thelo.test\t"
log(3 * DAYS, "7 (queue) " + TERSE + "<a@b.test>\t<c@example.test>\tqueued\t\t"
    "<1@b.test>\t")
log(60, "8 (deny) " + TERSE + "<x@mailer.test>\t<anna@example.test>\thelo\t901\t"
    "You are not localhost\tmsg denied before queued")

s = Screen(root, words=("--lang", "fr", "tui"), width=40, height=10)
s.wait("Tableau de bord")
s.expect(r"^ Changements +brouillon 0, en base 0$", "40x10: no label of the dashboard "
         "is cut")
s.expect(r"^ Dernière appl\. +aucune", "the longest neither")
s.expect(r" \?( aide)?$", "the key of the help is always in the key bar")
s.keys("o")
s.expect(r"^│ >1  Tableau de bord  ce qui est nou… │$",
         "what a dialog cuts is marked, columns are in line")
s.keys("Escape")
s.close()

s = Screen(root)
s.wait("Dashboard")
s.keys("0")
s.expect(r"^ Nothing to apply", "an empty plan")
s.expect(r"^ 2 settings  u history  r read again  \? help  q back$",
         "offers no key that does nothing")
s.keys("4", "Tab")
s.expect(r"none yet: the server-manager adds one, or: smemail db accounts",
         "an empty list says what to do")
s.expect(r"^ Tab others ", "and offers no row to edit")
s.keys("5")
s.wait("FOLLOW")
s.expect(r" i hist  \?$", "the log's key bar ends in the help")
s.keys("Enter")
s.expect(r"^  refused  today \d\d:\d\d:\d\d  after HELO, by helo$",
         "Enter opens its story, with the day as the command says it")
s.keys("q", "Up")
s.expect(r"^ line 1 of 2   \d\d [A-Z][a-z]{2} \d{4}$",
         "the day of a row that is not of today")
s.keys("w")
s.expect(r"^  reason    it was taken; no log tells how it was delivered$",
         "taken without a delivery in the logs is said in words")
s.keys("q", "9")
s.wait("Rehearse")
s.keys(*["Down"] * 9, "Enter")
s.wait("blanks between")
s.type("nonsense")
s.keys("Enter")
s.expect(r"^ 'nonsense' is not an IP address", "a refusal")
s.expect(r"\[nonsense +\]", "what was typed stays")
s.keys("Escape", "1")
s.wait("Last apply")
log(5, "9 Accepted connection 0/40 from 203.0.113.9 / Unknown")
log(5, "9 Connection from Unknown [203.0.113.9]")
s.keys(":")
s.type("why 203.0.113.9")
s.keys("Enter")
s.expect(r"^  running  today ", "a session without an end is not dropped")
s.keys("q", ":")
s.type("set spam.reject-level 99")
s.keys("Enter")
s.expect(r"from 0 to\n 20$", "the words of a command are not cut")
s.keys("q")
s.wait("Last apply")
database = root.path + "/home/e-smith/db/configuration"
with open(database, "rb") as f:
    saved = f.read()
with open(database, "wb") as f:
    f.write(b"x=\0y\n")
s.keys("r")
s.expect(r"^ FAIL  1 failure .*\n[> ]FAIL  databases +.*configuration",
         "a damaged database is the first row")
with open(database, "wb") as f:
    f.write(saved)
s.close()
root.remove()
done()
