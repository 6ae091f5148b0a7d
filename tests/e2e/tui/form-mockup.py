#!/usr/bin/env python3
"""The form at 80x24 and 40x10 as the mock-ups draw it (screens.md 4.3, 4.23)."""
import sys
sys.dont_write_bytecode = True

from mock import SETTINGS, edit, go, open_form  # noqa: E402
from tui import Root, Screen, done  # noqa: E402

root = Root(SETTINGS)
s = Screen(root)
open_form(s)
go(s, "spam.tag-level")
edit(s, "5")
go(s, "rbl.dns-zones")
s.keys("Enter")
s.expect(r"^>  zen\.spamhaus\.org$", "Enter opens the entries of a list")
s.keys("+")
s.wait(r"\[ +\]")
s.type("bl.example.net")
s.wait(r"\[bl\.example\.net")
s.keys("Enter")
s.expect(r"entry 2 of 2", "+ adds an entry")
s.keys("q")
s.wait("setting 11 of")
go(s, "spam.reject-level", down=False)
s.keys("Enter")
s.wait(r"\[12")
s.keys("C-u")
s.type("10")
s.expect_screen("""
 smemail  Settings > Delivery, Filtering/Spam, RBL                draft 2  HH:MM
   Setting                      Value                         Default
── Delivery ────────────────────────────────────────────────────────────────────
 + delivery.smarthost           smtp.isp.test:587             -
 + delivery.smarthost-auth      [x] enabled                   disabled
 + delivery.smarthost-user      example-com                   -
── Filtering/Spam ──────────────────────────────────────────────────────────────
 + spam.filter                  [x] enabled                   disabled
 + spam.sensitivity             < custom >                    medium
 * spam.tag-level               5            was 4            -
>*!spam.reject-level            [10       ]  was 12           0
 + spam.sort-junkmail           [x] enabled                   disabled
 + spam.subject-text            [SPAM]                        -
── RBL ─────────────────────────────────────────────────────────────────────────
 + rbl.dns                      [x] enabled                   disabled
 *!rbl.dns-zones                zen.spamhaus.org, bl.exampl…  -



 Score from which mail is refused at SMTP (custom only; 12 advised; 0 = never).
 0 to 20. ! may lose mail.
 setting 7 of 11   & set, draft or marked   45 at default hidden
 = smemail set spam.reject-level 10
 Enter accept  Esc old value  x default  d describe  s store  p plan 2  ? help
""", "the form at 80x24 is the mock-up")

s.resize(40, 10)
s.expect_screen("""
 smemail  Delivery, Filtering…  draft 2
 + delivery.smarth…  smtp.isp.test:587
 + delivery.smarth…  [x] enabled
 + delivery.smarth…  example-com
 + spam.filter       [x] enabled
 + spam.sensitivity  < custom >
 * spam.tag-level    5
>*!spam.reject-level [10       ]
 0-20, ! may lose mail
 Enter ok  Esc old  p plan  ? help
""", "at 40x10 the editor is kept, columns are dropped by rank")

s.resize(80, 24)
s.keys("Enter")
s.expect(r"^>\*!spam\.reject-level            10           was 12           0$",
         "the value goes into the draft with its risk")
s.resize(132, 50)
s.expect(r"^>\*!spam\.reject-level +10 .*│", "two panes from 110 columns")
s.expect(r"│ spam\.reject-level +Filtering/Spam$",
         "the right pane describes the setting")
s.keys("Q")
s.ended(0, "Q leaves from any depth")
s.close()
root.remove()
done()
