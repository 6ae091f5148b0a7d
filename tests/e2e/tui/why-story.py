#!/usr/bin/env python3
"""Why on the screen (screens.md 4.11): the list, one message, its raw lines,
the cure on the ':' line, hostile bytes, a window of 40x10."""
import os
import sys
sys.dont_write_bytecode = True

from mock import SETTINGS  # noqa: E402
from tui import Root, Screen, done, point  # noqa: E402

LABEL = "@400000005a1b6a5f%08x "
LINES = [
    "7 Connection from mx.far.test [192.0.2.7]",
    "7 (connect) earlytalker: pass",
    "7 (mail) resolvable_fromhost: pass, found MX for far.test",
    "7 (deny) logging::logterse: ` 192.0.2.7\tmx.far.test\tmx.far.test\t"
    "<news@far.test>\t<anna@example.com>\tspamassassin\t901\tspam score "
    "exceeded threshold\tYes, score=18.4 required=4.0 autolearn=no",
    "7 click, disconnecting",
    "8 Connection from ev\x1b[31mil [192.0.2.8]",
    "8 (deny) logging::logterse: ` 192.0.2.8\tev\x1b[31mil\tx;rm\t"
    "<news@far.test>\t<anna@example.com>\thelo\t903\tno \x1b]0;x\x07such "
    "name\tmsg denied before queued",
    "8 click, disconnecting",
]

root = Root(SETTINGS)
folder = os.path.join(root.path, "var/log/qpsmtpd")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "current"), "w") as log:
    for i, line in enumerate(LINES):
        log.write(LABEL % (i + 1) + line + "\n")

s = Screen(root)
s.wait("Dashboard")
s.keys(":", "why news@far.test", "Enter")
s.expect(r"^> +27 Nov 2017 .* refused +news@far.test -> anna@example.com",
         "several messages are a list, the newest first")
s.expect(r"^ message 1 of 2", "with its place")
s.keys("Down", "Enter")
s.expect(r"^ +refused .* after DATA, by spamassassin",
         "the answer stands first")
s.expect(r"^ +reason +score 18.4, limit ", "with the reason")
s.expect(r"\(connect\) earlytalker: pass", "then the evidence")
s.expect(r"= smemail why news@far.test --pick 2", "the twin command")
s.keys("v")
s.expect(r"click, disconnecting", "v shows the raw lines")
s.keys("v", "c")
s.expect(r"^ ?:lists add whitelist_from '\*@far.test'",
         "c puts the cure on the ':' line")
s.keys("Escape")
s.keys("d")
s.expect("spam.reject-level", "d describes the setting")
s.keys("q")
s.wait("after DATA")
s.keys("q")
s.expect(r"^ message 2 of 2", "q goes back to the list")
s.keys("Up", "Enter")
s.expect(r"after HELO, by helo", "the other message")
s.keys("c")
s.expect(r"^ no command is known that would change it",
         "a name that a shell would read otherwise is in no cure, and the "
         "policy is lenient already")
s.keys("q", "q")
s.keys(":", "why nobody@far.test", "Enter")
s.expect("no message matches 'nobody@far.test'", "nothing found is said")
s.close()

s = Screen(root, 40, 10)
s.wait("Dashboard")
s.keys(":", "why 192.0.2.7", "Enter")
s.expect(r"^ +refused", "one message is shown at once, in 40x10 too")
s.close()
done()
