#!/usr/bin/env python3
"""The screen as a dialogue: TERM=dumb, ACCESSIBLE, --accessible; a line for
each fact, numbered menus, commands at every menu (screens.md 4.24)."""
import os
import re
import subprocess
import sys
import time
sys.dont_write_bytecode = True

from tui import SMEMAIL, Pty, Root, done, point  # noqa: E402

PROMPT = b"Choice, command, or question mark: "
root = Root()
folder = root.path + "/var/log/qpsmtpd"
os.makedirs(folder, exist_ok=True)
with open(folder + "/current", "a", encoding="ascii") as f:
    f.write("@%x00000000 8 (deny) logging::logterse: ` 198.51.100.9\th.test"
            "\th\t<x@mailer.test>\t<anna@example.test>\thelo\t901\tYou are "
            "not localhost\tmsg denied before queued\t\n"
            % (0x400000000000000a + int(time.time()) - 60))


def talk(*lines, words=("tui",), **env):
    """What is said when these lines are typed, then the end of the input."""
    env = dict(root.env, **env)
    r = subprocess.run([SMEMAIL, "--root", root.path, *words], env=env,
                       input="".join(x + "\n" for x in lines), text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=60, check=False)
    return r.returncode, r.stdout


def said(text, pattern, what):
    point(re.search(pattern, text, re.M), what, text)


# a terminal that cannot move its cursor
t = Pty(root, term="dumb")
point(t.wait(PROMPT), "TERM=dumb: a question comes", repr(t.seen))
said(t.seen.decode(), r"^smemail on mail\.example\.test, SME 10\. 1 failure\.",
     "above it how the server stands")
said(t.seen.decode(), r"^FAIL: qpsmtpd: should run and does not: .*\.\r$",
     "findings begin with their state")
said(t.seen.decode(), r"^Menu: Start, 9 choices\.", "and a numbered menu")
point(b"\x1b" not in t.seen and "\u2500".encode() not in t.seen,
      "nothing is drawn", repr(t.seen))
t.seen = b""
t.send(b"\x03")
point(t.wait(PROMPT), "Ctrl-C does not end it", repr(t.seen))
t.seen = b""
t.send(b"0\n")
point(t.end() == 0, "0 on the first menu leaves", repr(t.seen))
t.close()
t = Pty(root, term="no-such-terminal")
point(t.wait(PROMPT) and b"'no-such-terminal' is not known here" in t.seen,
      "so does a terminal nobody knows, and it is told", repr(t.seen))
t.send(b"quit\n")
t.end()
t.close()

status, text = talk("", "?", "99", "nonsense", "get spam.filter",
                    ACCESSIBLE="1")
point(status == 0, "ACCESSIBLE=1: the end of the input ends it", str(status))
point(text.count("Menu: Start, 9 choices.") == 2, "an empty line repeats the "
      "menu", text)
said(text, r"A number chooses, 0 goes back", "? explains")
said(text, r"There is no choice 99: the last is 9\.", "a number too high")
said(text, r"unknown command 'nonsense'(.*\n)+Exit status 2\.",
     "a command that is none")
said(text, r": enabled$|: disabled$", "a command may be typed")
text = talk("list RBL", words=("--accessible", "tui"))[1]
said(text, r"SETTING: rbl\.dns\nSTATE: default\nVALUE: disabled\n",
     "--accessible: tables are facts, one a line")

# a setting: refused, then stored, planned, not applied
text = talk("1", "4", "4", "99", "4", "0", "4", "12", "yes", "no", "0", "0",
            ACCESSIBLE="1")[1]
said(text, r"^4: spam\.reject-level: Score from which ", "settings by area")
said(text, r"Now: 0, the default$", "a setting is described line by line")
said(text, r"'99' is not a whole number from 0 to 20", "a value is checked")
said(text, r"spam\.reject-level: 0 already", "0 is a value too")
said(text, r"Command: smemail set spam\.reject-level 12$",
     "the command is told")
said(text, r"^Show the plan\? yes or no: Command: smemail plan$",
     "the plan is offered")
said(text, r"spam\.reject-level +0 -> 12", "and shown")
said(text, r"It stays stored\.", "no leaves it stored")
point(root.get("spam.reject-level") == "12", "it is", text)
text = talk("9", "2", "yes", "3", "0", ACCESSIBLE="1")[1]
said(text, r"^9: Changes: 1 stored and not applied, draft is empty$",
     "the menu counts what waits")
said(text, r"Command: smemail apply\n", "it can be applied there")
said(text, r"WHAT: spam\.reject-level", "and stands in the history")

# why
text = talk("8", "198.51.100.9", "0", "0", ACCESSIBLE="1")[1]
said(text, r"1 message found\.\nAnswer: refused after HELO, by helo\.$",
     "why: the answer")
said(text, r"^Reason: ", "the reason")
said(text, r"^Deciding setting: filter\.helo-policy, value ", "the setting")
said(text, r"^Menu: What you can do, \d choices?\.", "what can be done")
text = talk("8", "nobody@nowhere.test", ACCESSIBLE="1")[1]
said(text, r"No message matches 'nobody@nowhere\.test' in the logs of ",
     "or that there is none")

# lists, services, people
text = talk("2", "4", "2", "spam@mailer.test", "no", "1", "0", "0", "6", "1",
            "3", "no", "0", "0", "3", "1", ACCESSIBLE="1")[1]
said(text, r"badmailfrom: \+ spam@mailer\.test, stored, not applied",
     "an entry of a list")
said(text, r"Really stop \S+\? yes or no: ", "a service is not stopped without "
     "a question")
said(text, r"^NAME: anna$|^NAME: admin$", "people, one a line")
text = talk("7", "1", words=("--accessible", "--lang", "fr", "tui"))[1]
said(text, r"^ÉCHEC: qpsmtpd: devrait tourner", "in French")
root.remove()
done()
