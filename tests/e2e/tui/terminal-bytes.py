#!/usr/bin/env python3
"""What reaches the terminal, and how it is left: colours, signs, signals."""
import os
import re
import signal
import subprocess
import sys
import termios
sys.dont_write_bytecode = True

from mock import SETTINGS  # noqa: E402
from tui import DEADLINE, SMEMAIL, Pty, Root, Screen, done, point  # noqa: E402

COLOUR = re.compile(rb"\x1b\[[0-9;]*(3[0-9]|4[0-9]|9[0-7])(;[0-9]+)*m")
CURSOR_BACK = b"\x1b[?1049l"
PASTE_ON, PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"

root = Root(SETTINGS)

t = Pty(root)
point(t.wait(b"Dashboard") and t.wait(b"quit"), "the first screen comes")
point(PASTE_ON in t.seen, "pastes are marked")
point(COLOUR.search(t.seen), "colours where the terminal has them")
during = termios.tcgetattr(t.fd)
point(not during[3] & (termios.ISIG | termios.ECHO | termios.ICANON),
      "keys come raw: Ctrl-C and Ctrl-S are ours")
t.send(b"\x03")
point(t.wait(b"q leaves"), "Ctrl-C does not end it")
t.send(b"q")
point(t.end() == 0, "q ends it with 0")
point(t.seen.endswith(CURSOR_BACK) or CURSOR_BACK in t.seen[-60:],
      "the terminal's own screen comes back", repr(t.seen[-80:]))
point(PASTE_OFF in t.seen, "pastes are not marked any more")
t.close()

for name, env in (("NO_COLOR", {"NO_COLOR": "1"}), ("--color=never", {})):
    words = ("tui",) if env else ("--color=never", "tui")
    t = Pty(root, words, **env)
    t.wait(b"quit")
    t.send(b"q")
    t.end()
    point(not COLOUR.search(t.seen) and b"Dashboard" in t.seen,
          "%s: no colour sequence" % name, repr(t.seen[:400]))
    t.close()

t = Pty(root, term="vt100")
t.wait(b"quit")
t.send(b"2\r")
t.wait(b"setting 1 of")
t.send(b"Q")
t.end()
point(re.search(rb"--.{0,12}Access.{0,12}---", t.seen),
      "vt100: signs are ASCII")
point(all(c < 0x80 for c in t.seen), "vt100: nothing else is sent")
t.close()

t = Pty(root, ("--ascii", "tui"))
t.wait(b"quit")
t.send(b"2\r")
t.wait(b"setting 1 of")
t.send(b"Q")
t.end()
point("─".encode() not in t.seen and
      re.search(rb"-.{0,30}Access.{0,30}-", t.seen),
      "--ascii: signs are ASCII on any terminal")
t.close()

t = Pty(root, LC_ALL="C")
t.wait(b"quit")
t.send(b"2\r")
t.wait(b"setting 1 of")
t.send(b"Q")
t.end()
point(all(c < 0x80 for c in t.seen), "LC_ALL=C: nothing but ASCII is sent")
t.close()


def dialogue(what, **env):
    """Another test looks at what it says; here at what is sent."""
    p = Pty(root, **env)
    p.wait(b"question mark: ")
    p.send(b"0\n")
    status = p.end()
    p.close()
    point(status == 0 and b"Menu: Start" in p.seen, what, repr(p.seen))
    point(b"\x1b" not in p.seen, what + ": nothing is drawn", repr(p.seen))


dialogue("TERM=dumb", term="dumb")
dialogue("an unknown TERM", term="no-such-terminal")
dialogue("ACCESSIBLE=1", ACCESSIBLE="1")
p = Pty(root, words=("top",), term="dumb")
status = p.end()
point(status == 2 and re.search(rb"next: smemail .*top --once", p.seen),
      "a screen that is no dialogue says what to use", repr(p.seen))
p.close()
r = root.smemail("tui", TERM="xterm")
point(r.returncode == 2 and "not a terminal" in r.stderr,
      "without a terminal: a message, status 2", r.stderr)
r = subprocess.run([SMEMAIL, "--root", root.folder + "/nothing", "tui"],
                   env=root.env, capture_output=True, text=True,
                   timeout=DEADLINE, check=False)
point(r.returncode != 0 and "next:" in r.stderr,
      "a root that is none: a message and the next step", r.stderr)

# a lost line keeps the draft; the next start tells
t = Pty(root)
t.wait(b"quit")
t.send(b"2/tag-level\r")
t.wait(b"setting 3 of")
t.send(b"\r\x157\r")
t.wait(b"set spam.tag-level 7")
os.kill(t.pid, signal.SIGHUP)
point(t.end() == 129, "SIGHUP ends it")
point(CURSOR_BACK in t.seen and PASTE_OFF in t.seen,
      "and leaves the terminal as it was")
t.close()
state = root.path + "/var/lib/smemail"
drafts = [f for f in os.listdir(state) if f.startswith("draft.")]
point(len(drafts) == 1 and
      os.stat(state + "/" + drafts[0]).st_mode & 0o777 == 0o600,
      "the draft is kept, for its owner alone", str(drafts))
t = Pty(root)
point(t.wait(b"draft of 1 change kept from"), "the next start tells of it")
os.kill(t.pid, signal.SIGSEGV)
point(t.end() == -signal.SIGSEGV and CURSOR_BACK in t.seen and
      PASTE_OFF in t.seen, "even a crash puts the terminal right")
t.close()

s = Screen(root, 20, 3)
s.expect(r"window too small:\s+20x4 needed", "20x3 is too small, and says so")
s.resize(80, 24)
s.expect(r"^>FAIL  qpsmtpd ", "a larger window draws it all")
s.resize(20, 4)
s.expect(r"^>FAIL  qpsmtpd ", "20x4 is enough")
s.resize(12, 2)
s.wait("window too")
s.keys("q")
s.ended(0, "q leads out of a window too small")
s.close()
root.remove()
done()
