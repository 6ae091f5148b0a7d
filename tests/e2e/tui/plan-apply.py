#!/usr/bin/env python3
"""The plan, applying it, storing only, and a failure (screens.md 4.6, 4.7)."""
import os
import sys
sys.dont_write_bytecode = True

from mock import SETTINGS, edit, go, open_form  # noqa: E402
from tui import Root, Screen, done, point  # noqa: E402

root = Root(SETTINGS)
r = root.smemail("apply")
point(r.returncode == 0, "the root is applied first", r.stderr)
s = Screen(root)
open_form(s)
go(s, "spam.tag-level")
edit(s, "5")
go(s, "spam.reject-level")
edit(s, "10")
go(s, "rbl.dns-zones")
s.keys("Enter")
s.wait("entry 1 of 1")
s.keys("+")
s.wait(r"\[ +\]")
s.type("bl.example.net")
s.keys("Enter")
s.wait("entry 2 of 2")
s.keys("p")
s.wait("^ 3 settings")
s.expect_screen("""
 smemail  Plan                                  draft 3  mail.example.com  HH:MM
 3 settings, 2 files, 1 event, 0 services. Nothing is written yet.
── Settings ────────────────────────────────────────────────────────────────────
>  spam.tag-level      4 -> 5                                             draft
  !spam.reject-level   12 -> 10   may lose mail                           draft
  !rbl.dns-zones       + bl.example.net   may block legit                 draft
── Files ───────────────────────────────────────────────────────────────────────
   /etc/mail/spamassassin/local.cf                                      -1 +1
    report_safe 0
   -required_score 3.99
   +required_score 4.99
    skip_rbl_checks 0
   /var/service/qpsmtpd/config/dnsbl_zones                              -0 +1
    zen.spamhaus.org
   +bl.example.net
   the other NN files of the event stay as they are
── Event ───────────────────────────────────────────────────────────────────────
   email-update   expands NN files (2 differ)
   interruption   none: no service is touched


 line 3 of 18   ! 2 risks   base of HH:MM
 = smemail plan
 a apply  e next risk  Enter open  x drop from draft  s store only  ? help  q
""", "the plan is the mock-up")
s.keys("e")
s.expect(r"^> !spam\.reject-level", "e goes to the next risk")
before = root.get("spam.reject-level")
s.keys("a")
s.expect(r"apply, with 2 risks marked '!'\? \(y yes\)", "risks are asked about")
s.keys("n")
s.expect(r"nothing is applied; the draft is kept", "any other key is no")
point(root.get("spam.reject-level") == before == "12", "nothing is stored")
s.keys("a", "y")
s.expect(r"change \d+ applied", "y applies")
s.expect(r"^.ok +event +email-update", "each step is a line")
point(root.get("spam.reject-level") == "10" and
      root.get("spam.tag-level") == "5", "the values are stored")
state = root.path + "/var/lib/smemail"
point(not [f for f in os.listdir(state) if f.startswith("draft.")],
      "the draft is empty")
r = root.smemail("plan", "--exit-code")
point(r.returncode == 0, "nothing is left to apply", r.stdout)
s.keys("q", "q")
s.expect(r"draft 0 ", "q returns to the form")
go(s, "spam.reject-level", down=False)

# x drops from the draft, s stores only
edit(s, "9")
s.wait(r"draft 1 ")
s.keys("p")
s.wait(r"10 -> 9")
s.keys("x")
s.expect(r"Nothing to apply", "x drops a setting from the draft")
s.keys("q")
s.wait(r"draft 0 ")
edit(s, "8")
s.wait(r"draft 1 ")
s.keys("s")
s.expect(r"store 1 setting\?", "s asks: anyone's event brings it into force")
s.keys("y")
s.expect(r"1 setting stored, not applied", "and stores")
point(root.get("spam.reject-level") == "8", "in the database")
s.keys("p")
s.expect(r"10 -> 8 .* stored$", "the plan has it as stored")

# a failure tells what is and is not done
custom = root.path + ("/etc/e-smith/templates-custom/var/service/qpsmtpd/"
                      "config/peers/0")
os.makedirs(custom)
with open(custom + "/05broken", "w", encoding="ascii") as f:
    f.write("no_such_plugin_at_all\n")
s.keys("q", "p")
failing = s.wait(r"(?i)no_such_plugin_at_all|cannot")
point(failing is not None, "a broken fragment is seen in the plan", s.text())
s.keys("a", "y")
lines = s.wait(r"┌─.*\n.*FAIL")
point(lines is not None, "a failure opens a dialog", s.text())
point(root.get("spam.reject-level") == "8", "what was stored stays")
s.keys("2", "Q")
s.ended(0, "and is left")
s.close()
root.remove()
done()
