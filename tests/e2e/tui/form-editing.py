#!/usr/bin/env python3
"""Editors of the form: each kind of value, and what none of them may do."""
import subprocess
import sys
sys.dont_write_bytecode = True

from mock import SETTINGS, edit, go  # noqa: E402
from tui import SMEMAIL, Root, Screen, done, point  # noqa: E402

root = Root(SETTINGS)
s = Screen(root)


def find(name):
    """By the search, which leads to the row of a form."""
    s.keys("2")
    s.wait("area ")
    s.keys("/")
    s.wait("type words")
    s.type(name)
    s.wait(r"^>.*%s" % name)
    s.keys("Enter")
    s.wait(r"^>.{2}%s " % name)


s.wait("Dashboard")

# whole numbers
find("spam.reject-level")
s.keys("Enter")
s.wait(r"\[12")
s.type("9")
s.expect(r"^ ! cannot set 'spam\.reject-level': '129' is not a whole number "
         r"from 0 to 20", "each change is checked, the reason is shown")
s.keys("Enter")
s.expect(r"^>.*\[129 ", "Enter does not take what is not valid")
s.keys("Escape")
s.expect(r"^>\+ spam\.reject-level +12 ", "Esc brings the old value back")
s.keys("u")
s.expect(r"^>.*\[129 ", "u brings the typed one back")
s.keys("C-u")
s.type("11")
s.keys("Up", "Up", "Down")
s.expect(r"\[12 ", "Up and Down step a whole number")
s.keys("Down")
s.type("?")
s.expect(r"Help > Settings > Filtering/Spam",
         "a letter in a field of digits is a key: it takes the value first")
s.keys("Escape")
s.expect(r"^>\*!spam\.reject-level +11 +was 12", "which is in the draft")
s.keys("x")
s.expect(r"^>\* spam\.reject-level +0 +was 12", "x: the default")
s.keys("u")
s.expect(r"^>\*!spam\.reject-level +11 +was 12", "u: one edit back")
s.keys("u")
s.expect(r"^>\+ spam\.reject-level +12 +0$", "u: and one more")
s.keys("BSpace")
s.expect(r"x sets the default, Enter edits", "Backspace does nothing, and says")
s.keys("Z")
s.expect(r"no such key here: 'Z' \(\? help\)", "an unknown key says so")
s.paste("12\n")
s.expect(r"paste ignored: no field is open", "a paste is never taken as keys")
edit(s, "12")
s.expect(r"draft 0 ", "the stored value again is no change")

# switches and choices
find("spam.filter")
s.keys("Space")
s.expect(r"^>\* spam\.filter +\[ \] disabled  was enabled", "Space switches")
s.keys("Space")
s.expect(r"^>\+ spam\.filter +\[x\] enabled +disabled", "and back: no draft")
find("spam.sensitivity")
s.keys("Enter")
s.expect(r"│ >\d  custom", "Enter opens the numbered choices")
s.keys("Up", "Enter")
s.expect(r"^>\* spam\.sensitivity +< \w+ > +was custom", "Enter takes one")
s.keys("Right")
s.expect(r"draft 0 ", "Right steps to the next")

# lists: pasting several at once
find("rbl.sender-zones")
s.keys("Enter", "+")
s.wait(r"\[ +\]")
s.paste("dbl.spamhaus.org, rhs.example.net\n")
s.wait(r"\[dbl\.spamhaus\.org, rhs")
s.keys("Enter")
s.expect(r"entry \d of 2", "a pasted list is split")
s.keys("x")
s.expect(r"entry 1 of 1", "x removes an entry")
s.keys("+")
s.type("not/a zone!")
s.keys("Enter")
s.expect(r"^ cannot set 'rbl\.sender-zones'", "each entry is checked")
s.keys("Escape", "q")
s.expect(r"^>\*!rbl\.sender-zones +\S+ ", "the list is one draft")

# secrets
find("delivery.smarthost-password")
s.keys("Enter")
s.wait(r"^>.*\[ ")
s.type("tr0ub4dor")
s.expect(r"\[\*{9}", "a secret is typed behind stars")
s.keys("Enter")
s.wait(r"once more")
s.type("tr0ub4dor")
s.wait(r"\[\*{9}")
s.keys("Enter")
s.expect(r"^>\*.delivery\.smarthost-password +\(new, not shown\)",
         "typed twice, it is in the draft, not shown")
draft = subprocess.run(["grep", "-r", "tr0ub4dor", root.path], check=False,
                       capture_output=True, text=True).stdout
point(draft == "", "no file has it", draft)

# dangerous values are typed in full (4.21)
find("relay.require-auth")
s.keys("Space")
s.expect(r"│ ! relay\.require-auth disabled +risk: open-relay  │",
         "an open relay asks")
s.expect(r"nothing is changed yet; Esc keeps 'enabled'", "and says how to go")
s.type("disab")
s.keys("Enter")
s.expect(r"that is not 'disabled'", "a part of the word is not enough")
s.paste("led")
s.expect(r"paste ignored", "and it cannot be pasted")
s.keys("Escape")
s.expect(r"^>  relay\.require-auth +\[x\] enabled", "Esc changes nothing")
s.keys("Space")
s.wait("Type  disabled")
s.type("disabled")
s.keys("Enter")
s.expect(r"^>\*!relay\.require-auth +\[ \] disabled  was enabled",
         "the word in full puts it into the draft")

# somebody else stores a value meanwhile
find("spam.tag-level")
edit(s, "6")
subprocess.run([SMEMAIL, "--root", root.path, "set", "spam.tag-level", "8"],
               env=root.env, check=False, capture_output=True, timeout=20)
s.keys("r")
s.expect(r"^>\*!spam\.tag-level +6 +! changed: 8", "their change is shown")
s.keys("v")
s.expect(r"^>\*!Score from which", "v shows summaries")
s.keys("v", "Escape", "Escape", "Escape")
s.ended(0, "Esc leads out, level by level")
s.close()
root.remove()
done()
