#!/usr/bin/env python3
"""The live log: decoded, followed, filtered, and never a danger (4.10)."""
import os
import re
import sys
sys.dont_write_bytecode = True

from tui import Pty, Root, Screen, done, point  # noqa: E402

START = 0x4000000000000000 + 10 + 1773756420  # 2026-03-17 14:07:00 UTC

root = Root(("system.domain-name=example.com",))
folder = root.path + "/var/log/qpsmtpd"
os.makedirs(folder, exist_ok=True)
current = folder + "/current"
written = 0


def log(second, text):
    """One line of the log, its stamp so many seconds after 14:07."""
    global written
    written += 1
    with open(current, "ab") as f:
        f.write(b"@%x%08x %s\n" % (START + second, 0, text))


def terse(second, host, sender, to, rule, reason, code="550"):
    """A refusal as logterse writes it."""
    fields = [host, "host.test", "helo.test", sender, to, rule, code,
              reason, "msg denied before queued"]
    log(second, b"4711 logging::logterse plugin (deny): ` " +
        "\t".join(fields).encode())


os.path.exists(current) and os.truncate(current, 0)
terse(9, "203.0.113.76", "<>", "", "earlytalker", "Connecting host started")
terse(12, "203.0.113.77", "<>", "", "dnsbl", "listed by bl.example.net")
log(15, b"4711 220 mail.example.com ESMTP")
s = Screen(root)
s.wait("Dashboard")
s.keys("5")
s.expect(r"^ smemail  Log > .*qpsmtpd.* FOLLOW", "5 opens the log, following")
s.expect(r"^ 14:07:09  qpsmtpd  refused   <?2?.*earlytalker",
         "a refusal is decoded")
s.expect(r"^>14:07:15  qpsmtpd            4711 220 mail\.example\.com ESMTP",
         "the cursor stands on the newest line")
terse(20, "198.51.100.9", "<x@mailer.test>", "<anna@example.com>", "helo",
      "You are not localhost")
s.expect(r"^>14:07:20  qpsmtpd  refused   x@mailer\.test -> anna@example\.com",
         "a new line comes by itself")

s.keys("&")
s.type("refused")
s.keys("Enter")
s.expect(r"following   keep refused   hidden 1$", "& keeps")
s.keys("&")
s.type("!203.0.113.77")
s.keys("Enter")
s.expect(r"keep refused   drop 203\.0\.113\.77   hidden 2$", "filters stack")
s.expect(r"^ = smemail log follow .*qpsmtpd --keep refused "
         r"--drop 203\.0\.113\.77$", "the command twin has them")
s.keys("&", "Enter")
s.wait(r"^ following$")
s.keys("Up")
s.wait(lambda lines: "FOLLOW" not in lines[0])
point("FOLLOW" not in s.lines()[0], "any move up stops following")
log(30, b"4711 another line")
s.keys("g")
s.expect(r"^>14:07:09", "and the cursor stays where it is put")
s.keys("e")
s.expect(r"^>14:07:12", "e: the next problem")
s.keys("/")
s.type("not LOCAL")
s.keys("Enter")
s.expect(r"0 lines with 'not LOCAL'", "a capital letter makes it exact")
s.keys("/")
s.type("not local")
s.keys("Enter")
s.expect(r"^>14:07:20", "/ finds")
s.keys("g", "/")
s.type("refused")
s.keys("Enter")
s.expect(r"3 lines with 'refused'", "/ looks at the column of verdicts")
s.keys("n")
s.expect(r"^>14:07:12", "n: the next of them")
s.keys("N", "N")
s.expect(r"^>14:07:20", "N: the one before, from the first the last")
point(len([x for x in s.lines(colours=True)
           if re.search("\x1b[^ ]*mrefused\x1b", x)]) == 3,
      "what was found is marked", s.lines(colours=True))
s.keys("/")
s.type("/qpsmtpd refused x@.*helo/")
s.keys("Enter")
s.expect(r"1 line with", "a pattern goes over the columns")
s.keys("/")
s.type("14:07:12")
s.keys("Enter")
s.expect(r"^>14:07:12", "the time is found")
s.keys("/")
s.type("helo.test")
s.keys("Enter")
s.expect(r"3 lines with 'helo.test'", "and what only the line itself has")
s.keys("&")
s.type("14:07:2|14:07:3")
s.keys("Enter")
s.expect(r"keep 14:07:2\|14:07:3   hidden 3 ", "& looks at what is shown, too")
s.keys("&", "Enter", "G")
s.keys("v")
s.expect(r"^>@40000000", "v shows raw lines")
s.keys("v", "f")
s.expect(r"FOLLOW", "f follows again")
s.keys("i")
s.expect(r"^ refused$", "i: the histogram")
s.keys("Enter")
s.expect(r"Why > pid:4711", "Enter: why, for this line")
s.keys("q", "w")
s.expect(r"^ = smemail why pid:4711 --from @\d+ --to @\d+", "w: its story")
s.keys("q")
s.wait("following")
s.keys("i")
s.expect(r"counting the hours|in these hours|^ accepted$",
         "i again: an hour a column, counted beside the screen")
s.expect(r"^ accepted\n +\d\d +\d\d ", "with the hours below")
s.keys("i", "@")
s.type("2026-03-17 14:07:12")
s.keys("Enter")
s.expect(r"^>14:07:12", "@ jumps to a time that is in memory")
os.makedirs(root.path + "/var/log/qmail", exist_ok=True)
with open(root.path + "/var/log/qmail/current", "wb") as old:
    for i in range(5000):
        old.write(b"@%x%08x new msg %d\n" % (START - 6000 + i, 0, i))
s.keys("@")
s.type("2026-03-17 12:30:00")
s.keys("Enter")
s.expect(r"^>12:30:00  qmail +new msg 180$",
         "and to one only the logs still have")
s.expect(r"^ = smemail log show --from @1773750600", "with its command")
s.keys("Down", "G")
s.expect(r"line 4000 of 4000", "reading on below the last line")
s.keys("@")
s.type("tomorrowish")
s.keys("Enter")
s.expect(r"'tomorrowish' is not a time", "a time that is none is told")
s.keys("f")
s.expect(r"FOLLOW", "f: back to the present")
s.expect(r"^>14:07:30", "where the newest line is")
s.keys("Right")
s.expect(r"^>14:07:30  qpsmtpd *$", "Right: behind the line's beginning")
s.keys("Left")
s.expect(r"^>14:07:30 .*another line", "Left: back")
s.keys("&")
s.type("new msg 2500")
s.keys("Enter")
s.expect(r"^>\d\d:\d\d:\d\d  qmail +new msg 2500$",
         "a filter that leaves few lines looks further back")
s.keys("&", "Enter")
s.expect(r"^>14:07:30 .*another line", "without it, the newest line again")
s.resize(132, 50)
s.expect(r"│ Time +17 Mar 2026 14:07:30\n(.*\n)+>14:07:30 4711 another line +│",
         "132x50: the line of the cursor stands in a second pane")
s.keys("Up")
s.expect(r"^ Time     Verdict  Who and why +│ Time +17 Mar 2026 14:07:20$",
         "which follows the cursor")
s.expect(r"│ Reason +helo ", "with all that is known of it")
s.resize(110, 24)
s.expect(r"│ Reason +helo ", "from 110 columns on")
s.resize(109, 24)
s.expect(r"^ Time      Service  Verdict   Host ", "below, one pane")
s.keys("f")
s.resize(40, 10)
s.expect(r"^ smemail  Log .*FOLLOW$", "at 40x10 the title keeps what matters")
s.expect(r"^ 14:07:20 refused ", "and the row the verdict")
s.keys("q", "q")
s.ended(0, "q leads out")
s.close()

# a line without a verdict has none in French either
fr = Screen(root, LC_ALL="fr_FR.UTF-8", LANGUAGE="fr")
fr.wait("Tableau de bord")
fr.keys("5")
fr.expect(r"^>14:07:30  qpsmtpd            4711 another line", "in French")
fr.keys("Q")
fr.ended(0, "Q leads out there too")
fr.close()

# bytes of the log never steer the terminal
log(40, b"4711 \x1b]0;HACKED\x07\x1b[2J\x1b[31mred \x9b5n \xe2\x80\xae\x00end")
terse(41, "203.0.113.80", "<a\x1b[7m@b.test>", "<anna@example.com>", "helo",
      "\x1b[5mblink")
t = Pty(root)
t.wait(b"quit")
t.send(b"5")
point(t.wait(b"blink"), "hostile lines are shown")
t.send(b"v")
t.wait(b"Raw line")
t.send(b"v\x1b[A\r")
t.wait(b"back a page")
t.send(b"Q")
t.end()
bad = [x for x in (b"\x1b]0;", b"\x1b[2J\x1b[31m", b"\x1b[31mred", b"\x9b5n",
                   b"\xe2\x80\xae", b"\x1b[5mblink", b"\x07")
       if x in t.seen]
point(not bad, "none of their bytes reach the terminal", repr(bad))
point(b"\\x1b[5mblink" in t.seen, "they are shown as \\xNN")
t.close()
root.remove()
done()
