#!/usr/bin/env python3
"""Every command with a table on a terminal of 40 columns: no line is longer,
no word is broken, nothing is lost; off a terminal nothing wraps (screens.md
2 and 6)."""
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unicodedata

SMEMAIL = os.path.abspath(os.environ.get("SMEMAIL", "build/smemail"))
WIDTH = 40
LABEL = 12
TERSE = ("@%x00000000 %d (deny) logging::logterse: ` 203.0.113.9\th.test\th\t"
         "<%s@b.test>\t<c@example.test>\t%s\t901\t%s\tx\t\n")
COMMANDS = """list RBL
list --areas
service list
user list
user show anna
group list
pseudonym list
domain list
network list
lists show
lists check
pairs show
event list
template list
profile list
profile show recommended
get --verbose spam.reject-level rbl.dns
describe spam.reject-level
history
blame spam.tag-level
status
top --once
report --since 24h
log show --lines 5
log trace b.test
why b.test
size show
access show
archive show
smarthost show
attachments show
relay show
scores list
resolver check
rehearse --client 203.0.113.9 --helo localhost --from a@b.test --to """ \
    """anna@example.test
route anna@example.test
drift
mtu 127.0.0.1
rbl check 203.0.113.9
spf tree example.test
dmarc check example.test
dkim check example.test""".split("\n")
count = 0
failed = 0


def point(good, what, detail=""):
    global count, failed
    count += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", count, what))
    if not good:
        print("\n".join("# " + x for x in detail.splitlines()))


def columns(text):
    return sum(0 if unicodedata.combining(c) else
               2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def on_terminal(words):
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, WIDTH, 0, 0))
        os.execve(SMEMAIL, ["smemail", *words], env)
    out = b""
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        out += more
    os.close(fd)
    os.waitpid(pid, 0)
    return out.decode("utf-8", "replace").replace("\r", "").split("\n")


def too_long(line):
    """Longer than the terminal, though there was a place to break it; commands
    and records stay whole, to be copied."""
    return (columns(line) > WIDTH and not line.startswith("next: ") and
            not re.search(r"v=(spf1|DMARC1)", line) and
            max(columns(x) for x in line.split()) < WIDTH - LABEL)


folder = tempfile.mkdtemp(prefix="smemail-narrow.")
root = folder + "/root"
env = {"PATH": os.environ["PATH"], "HOME": folder, "TZ": "UTC",
       "TERM": "xterm", "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
       "SMEMAIL_ROOT": root,
       "SMEMAIL_FILTERD": os.path.abspath(
           os.environ.get("FILTERD", "build/smemail-filterd"))}


def run(*words):
    return subprocess.run([SMEMAIL, *words], env=env, check=False, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)


run("init", "--root", root, "--domain", "example.test", "--user", "anna")
run("set", "rbl.dns-zones=zen.spamhaus.org,bl.example.net,b.example.org")
now = int(time.time())
with open(root + "/var/log/qpsmtpd/current", "a", encoding="utf-8") as log:
    for n, rule in enumerate(("helo", "check_goodrcptto", "dnsbl") * 2):
        log.write(TERSE % (0x400000000000000a + now - 90 + n, n, "日本語日本語",
                           rule, "a reason that is told in many words"))
for command in COMMANDS:
    lines = on_terminal(command.split())
    bad = [x for x in lines if too_long(x)]
    point(not bad and any(lines), "40 columns: smemail " + command,
          "\n".join(bad if any(lines) else ["no output"]))

lines = on_terminal(["list", "RBL"])
values = "".join(x.strip() for x in lines)
point("zen.spamhaus.org,bl.example.net,b.example.org" in values and
      "…" not in values, "nothing is cut", "\n".join(lines))
text = run("list", "RBL").stdout
point(re.search(r"^rbl\.dns-zones +pending +zen\.spamhaus\.org,bl\.example\."
                r"net,b\.example\.org +-$", text, re.M),
      "off a terminal a row is one line", text)
shutil.rmtree(folder)
print("1..%d" % count)
sys.exit(1 if failed else 0)
