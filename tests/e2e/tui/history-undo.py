#!/usr/bin/env python3
"""The history of changes, taking one back, stopping an apply between steps
(screens.md 3 and 4.7: u, Ctrl-C, the dialog after a stop)."""
import os
import sys
sys.dont_write_bytecode = True

from mock import SETTINGS, edit, go, open_form  # noqa: E402
from tui import Root, Screen, done, point  # noqa: E402

root = Root(SETTINGS)
root.smemail("apply")
root.smemail("set", "smtp.greeting", "a.test")
root.smemail("apply")
root.smemail("set", "spam.tag-level=5", "spam.reject-level=9")
root.smemail("apply")
s = Screen(root)
s.wait("Dashboard")
s.keys("u")
s.expect_screen("""
 smemail  History                                        mail.example.com  HH:MM
>  3      HH:MM        root      spam.tag-level, spam.reject-level
   2      HH:MM        root      smtp.greeting
   1      HH:MM        root      delivery.smarthost, delivery.smarthost-user, s…











── Change 3 ────────────────────────────────────────────────────────────────────
   spam.tag-level   4 -> 5
   spam.reject-level   12 -> 9



 change 1 of 3
 = smemail history
 u take it back  Enter show it  p plan  ? help  q back
""", "u without a draft opens the history")
s.keys("Enter")
s.expect(r"^ spam.reject-level   12 -> 9$", "Enter shows the change")
s.keys("q")
s.wait("change 1 of 3")
s.keys("u")
s.expect(r"take change 3 back\? \(y yes\)", "u asks")
s.keys("n")
s.expect("nothing is taken back", "any other key is no")
point(root.get("spam.tag-level") == "5", "and nothing is")
s.keys("u", "y")
s.expect(r"^ Applied as change 4", "y takes it back, with its steps")
point(root.get("spam.tag-level") == "4", "the value is that of before")
s.keys("q")
s.expect(r"^> +4 .* undo: spam.tag-level", "the history has it")
s.expect(r"^ +3 .* undone: spam.tag-level", "and what was undone")
s.keys("Down", "u")
s.expect("taken back already, by change 4", "once is enough")

# Ctrl-C stops an apply after the step it is in
folder = root.path + "/etc/e-smith/events/email-update"
os.makedirs(folder, exist_ok=True)
slow, begun, seen = folder + "/S01slow", *(
    root.folder + name for name in ("/begun", "/seen"))
with open(slow, "w", encoding="ascii") as f:
    f.write("#!/bin/sh\ntouch %s\nuntil [ -e %s ]; do sleep 0.05; done\n" %
            (begun, seen))
os.chmod(slow, 0o755)
s.keys("q")
open_form(s)
go(s, "spam.tag-level")
s.keys("d")
s.wait("u history of it")
s.keys("u")
s.expect(r"4 -> 5", "u on a description shows the history of the setting")
s.keys("q", "q")
s.wait(r"^>.*spam.tag-level")
edit(s, "6")
s.keys("p")
s.wait(r"4 -> 6")
s.keys("a")
s.wait(lambda lines: os.path.exists(begun))
s.keys("C-c")
s.expect("it stops after the step it is in", "Ctrl-C asks it to stop")
open(seen, "w", encoding="ascii").close()
s.expect(r"Stopped", "it stops, and says so")
s.expect(r"take back what is stored", "and offers to take it back")
os.unlink(slow)
s.keys("1")
s.expect(r"^ Applied as change 5", "which is done")
point(root.get("spam.tag-level") == "4", "the value is that of before")
r = root.smemail("plan", "--exit-code")
point(r.returncode == 0, "and nothing waits", r.stdout)
s.keys("Q")
s.close()

s = Screen(root, width=40, height=10, words=("--lang", "fr", "tui"))
s.wait("smemail")
s.keys("u")
s.expect(r"^>? +3 +\d\d:\d\d  annul.\s:", "40x10, in French")
s.keys("Q")
s.close()
root.remove()
done()
