#!/usr/bin/env python3
"""The dashboard: findings, the mail of a day by hour, queue, certificate; what
is not known says so and why; nothing waits (screens.md 4.1)."""
import os
import shutil
import sys
import time
sys.dont_write_bytecode = True

from tui import Root, Screen, done, point  # noqa: E402

HOUR = 3600
TERSE = ("@%x00000000 %d (deny) logging::logterse: ` 203.0.113.9\th.test\th\t"
         "<a@b.test>\t<c@example.test>\t%s\t%s\t%s\tx\t\n")
root = Root()
now = int(time.time())
now -= now % HOUR
log = root.path + "/var/log/qpsmtpd/current"
os.makedirs(os.path.dirname(log), exist_ok=True)
with open(log, "a", encoding="ascii") as f:
    n = 0
    for hours, count, rule, code, text in [
            (30, 9, "helo", 901, "too old"),
            (20, 8, "naughty", 901, "(dnsbl) listed"),
            (19, 4, "dnsbl", 901, "listed"),
            (19, 1, "queued", "", "<1@b.test>"),
            (18, 1, "loadcheck", 902, "busy")]:
        for _ in range(count):
            n += 1
            f.write(TERSE % (0x400000000000000a + now - hours * HOUR, n, rule,
                             code, text))
for folder in ("mess", "local", "remote"):
    os.makedirs(root.path + "/var/qmail/queue/" + folder + "/0")
for folder in ("mess", "remote"):
    path = root.path + "/var/qmail/queue/" + folder + "/0/4711"
    with open(path, "w", encoding="ascii"):
        pass
    os.utime(path, (now - 50 * HOUR, now - 50 * HOUR))

s = Screen(root)
s.expect(r"^ FAIL  1 failure, 1 warning +checked \d\d:\d\d$",
         "the first line counts what is wrong, and when it was looked at")
s.expect(r"^>FAIL  qpsmtpd +should run and does not: ",
         "the worst finding has the cursor")
s.expect(r"^ WARN  queue +1 message \(local 0, remote 1\), oldest 2 d 2 h$",
         "then the next")
s.expect(r"^ Last 24 hours +\d\d    \d\d    \d\d .*\n"
         r" accepted +1    +░░\n refused +12    +██▒▒\n"
         r" deferred +1    +░░$",
         "an hour is two columns, each count in its row")
s.expect(r"^ refused by +dnsbl 12$", "by what it was refused")
s.expect(r"^ Queue +1 message ", "the queue")
s.expect(r"^ Certificate +mail\.example\.test, until .* \(\d+ days\)$",
         "until when the certificate is good")
s.expect(r"^ finding 1 of 2   Tab next block   logs read up to ",
         "how far the logs were read")
s.keys("Tab")
s.expect(r"^>Services ", "Tab goes to the facts")
s.keys("Tab", "Enter")
s.expect(r"^ What helps:\n   smemail service status qpsmtpd$",
         "Enter on a finding says what helps")
s.keys("q")
s.wait("Last 24 hours")

# what cannot be told says why, and an old answer does not stay
shutil.rmtree(root.path + "/var/service/qpsmtpd/config/ssl")
s.keys("r")
s.expect(r"^ \?\?\?\?  certificate +cannot (open|read) ", "a certificate that "
         "cannot be read is not tested")
s.resize(132, 50)
s.expect(r"^ Last 24 hours ", "132x50 shows the same")
s.resize(40, 10)
s.wait(r"^ Queue +1 message \(local 0, remote…$")
s.keys("End")
s.expect(r"^ Changes +draft 0; stored 0$", "40x10: the short forms, no chart")
s.resize(20, 4)
s.expect(r"…$", "20x4 shows that something is cut")
s.resize(80, 24)
s.expect(r"^ Last 24 hours ", "and back")
shutil.rmtree(root.path + "/var/log/qpsmtpd")
s.keys("r")
s.expect(r"^ Last 24 hours +\?\?\?\?  no mail logs in ", "no logs: said, not 0")
s.close()

# a log that never ends its reading holds neither paint nor key
os.makedirs(os.path.dirname(log))
with open(log, "wb") as f:
    f.truncate(1 << 36)
s = Screen(root)
s.expect(r"^ Last 24 hours +the logs are being counted$",
         "counting is said while it goes on")
s.keys("2")
s.expect(r"^ area 1 of 16", "keys are heard meanwhile")
pid = s.pid()
s.keys("Q")
s.ended(0, "and the way out is free")
with os.popen("pgrep -P %d" % pid) as children:
    point(children.read() == "", "the counting ends with the screen")
s.close()
root.remove()
done()
