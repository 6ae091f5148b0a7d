#!/usr/bin/env python3
"""The report's screen: tables, days, chart, and where rows lead (4.19)."""
import os
import re
import subprocess
import sys
import time
sys.dont_write_bytecode = True

from tui import Root, Screen, done, point  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
root = Root(("system.domain-name=acme.test",))
logs = root.path + "/var/log"
now = int(time.time())
midnight = now - now % 86400                  # TZ is UTC
day = time.strftime("%Y-%m-%d", time.gmtime(midnight - 86400))
before = time.strftime("%Y-%m-%d", time.gmtime(midnight - 2 * 86400))
subprocess.run([sys.executable, HERE + "/../../tools/genlogs.py", "--start",
                str(midnight - 86400), "--days", "1", "--messages", "600",
                "--no-messages-file", logs], check=True,
               stdout=subprocess.DEVNULL)
text = root.smemail("report").stdout
head = re.search(r"^examined   (.*)$", text, re.M).group(1)
total = re.search(r"^All .* (\d+)  100\.0$", text, re.M).group(1)

s = Screen(root)
s.wait("Dashboard")
s.keys("9")
s.expect(r"0  Report ", "9: the tools, the report among them")
s.keys("0")
s.expect(r"^ smemail  Report > %s 00:00" % day, "the period is in the title")
s.expect(r"^ examined +" + re.escape(head), "the head as in the command")
s.expect(r"^ All .* %s 100\.0$" % total, "the sums below the hours")
s.expect(r"^>00 ", "the cursor on the first hour")
s.expect(r"hours 1 of 24 .*Tab: codes \d+", "the status: this and the others")
s.expect(r"^ = smemail report$", "the command twin")
lines = s.lines()
if "left out" in s.text():
    s.keys("v")
    s.wait(lambda new: new[4] != lines[4])
    point("Total" not in s.lines()[4], "v: the columns that had no room")
    s.keys("v")
s.keys("i")
s.expect(r"^ accepted +[░▒▓█]", "i: the chart by hours")
s.keys("i", "Tab")
s.expect(r"^>queued +\d+ ", "Tab: the next table")
s.keys("/")
s.type("dnsbl")
s.keys("Enter")
s.expect(r"^>[^\n]*dnsbl", "/ finds a row")
s.keys("BTab", "j", "Enter")
s.expect(r"log show --verdicts --from @%d --to @%d"
         % (midnight - 86400 + 3600, midnight - 86400 + 7200),
         "Enter on an hour: its connections")
s.keys("q", "Left")
s.expect(r"^ smemail  Report > %s 00:00" % before, "Left: the day before")
s.expect(r"^ no connection was examined in this period", "which was silent")
s.expect(r"^ = smemail report --day %s$" % before, "and its twin")
s.keys("Right")
s.expect(r"^>00 ", "Right: back again")
s.keys("Right", "Right")
s.wait(r"Report > %s" % time.strftime("%Y-%m-%d", time.gmtime(midnight)))
s.expect(r"that day has not begun", "not into the future")
s.keys("Left")
s.wait(r"^>00 ")
s.resize(40, 10)
s.expect(r"^ Hour .*Total +%$", "at 40x10: the last columns")
s.resize(80, 24)
s.keys("Q")
s.ended(0, "Q leads out")
s.close()

# bytes of the logs are shown, never sent
label = "@%x00000000" % (0x4000000000000000 + 10 + midnight - 80000)
fields = ["192.0.2.1", "h", "helo", "<a@b.test>",
          "<\x1b]0;x\x07bad@acme.test>", "queued", "", "<id@x>", ""]
for name in os.listdir(logs + "/qpsmtpd"):
    if name != "current":
        os.remove(logs + "/qpsmtpd/" + name)
with open(logs + "/qpsmtpd/current", "w", encoding="latin-1") as f:
    f.write(label + " 9 (queue) logging::logterse: ` " + "\t".join(fields) +
            "\n")
s = Screen(root, LC_ALL="fr_FR.UTF-8", LANGUAGE="fr")
s.wait("Tableau de bord")
s.keys("9", "0")
s.expect(r"^ Heure ", "in French")
for _ in range(9):
    s.keys("Tab")
    time.sleep(0.2)
    if "bad@" in s.text():
        break
s.expect(r"\\x1b\]0;x\\x07bad@acme\.test", "control bytes are shown as \\xNN")
s.keys("Q")
s.ended(0, "and Q leads out")
s.close()
root.remove()
done()
