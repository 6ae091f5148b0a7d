#!/usr/bin/env python3
"""Areas, search, describe, help, screens, command line (screens.md 4.2-4.5)."""
import os
import sys
sys.dont_write_bytecode = True

from mock import SETTINGS, open_form  # noqa: E402
from tui import Root, Screen, done, point  # noqa: E402

root = Root(SETTINGS)
s = Screen(root)
s.wait("Dashboard")
s.keys("2")
s.wait("area 1 of 16")
s.keys("Down", "Down", "Space", "Down", "Space", "Down", "Down", "Space",
       "Up", "Up")
s.expect_screen("""
 smemail  Settings                               mail.example.com  SME 10  HH:MM
   Area                   Shown   Set  Draft  State  Covers
   Access                     9     6         ok     who may read mail, and how
   Reception                 20     7         ok     ports, HELO name, fetching
 x Delivery                  21     3         ok     provider server, queue
>x Filtering/Spam            27     6         ok     score, HELO, karma, headers
   Bayes                     15               ok     learning filter
 x RBL                        8     2         ok     DNS blacklists
   Antivirus                 37     1         ok     clamd, freshclam, limits
   Attachments                4               ok     refused file types
   Lists                     14               ok     generated list files
   Relay & Auth              15               ok     login, relay clients
   Domain authentication     13               ok     DKIM, SPF, DMARC
   Limits                    29               ok     sizes, connections, quotas
   Users & Groups            10     -         ok     mail of accounts
   Webmail                    4               ok     Horde
   Logs                      21     1         ok     detail, kept files, report
   System                     4     2         ok     MTU, domain name, mode

 Marked: Delivery, Filtering/Spam, RBL (56 settings).

 area 4 of 16   251 of 282 settings shown: the others belong to other releases
 = smemail list --areas
 Enter open 3 marked  Space mark  / search all  & set only  p plan  ? help  q
""", "the areas are the mock-up")

s.keys("/")
s.wait("type words")
s.type("reject")
s.expect_screen("""
 smemail  Settings > search                              mail.example.com  HH:MM
   Setting                      Value           Matched in
>+ spam.reject-level            12              id; property RejectLevel
   dmarc.reject                 [ ] disabled    id; property DMARCReject
   spf.reject-policy            0               id; property SPFRejectPolicy
   delivery.unknown-user        returntosender  summary "reject is recommended."
 + spam.sensitivity             < custom >      summary "tag and reject levels."

 Same meaning
   refuse                       16 settings: Tab searches for it

 Not on this release
   spam.spf-fail-score          until SME 9.1   summary "the example: rejected)…







 Score from which mail is refused at SMTP (custom only; 12 advised; 0 = never).
 5 of 251 settings, 0 commands, 1 of another release
 /reject
 Enter go there  Up Down choose  Tab same meaning  Esc back to where you were
""", "the search is the mock-up")
s.keys("Tab")
s.expect(r"^ /refuse$", "Tab searches for the word of the same meaning")
s.keys("C-u")
s.type("RBL")
s.expect(r"^>. rbl\.", "words match ids whatever their case")
s.keys("C-u")
s.type("62tnef")
s.expect(r"^>. \S+ +.* file 62tnef2mime$", "4.5: and names of fragments")
s.keys("Escape")
s.expect(r"area 4 of 16", "Esc goes back to where it was")
s.keys("/")
s.type("follow log")
s.expect(r"^>  log follow ", "commands are found too")
s.keys("Escape")

s.keys("/")
s.type("reject-level")
s.wait(r"^>. spam\.reject-level")
s.keys("Enter")
s.expect(r"^>\+ spam\.reject-level", "Enter goes to the row of the form")
s.keys("d")
s.expect(r"^ spam\.reject-level +Filtering/Spam$", "d describes it")
s.expect(r"^ Now +12 ", "the value in force")
s.expect(r"^ +config setprop spamassassin RejectLevel 12$",
         "the command of the wiki")
s.keys("=")
s.expect(r"^ = smemail describe spam\.reject-level$", "= shows the twin")
s.keys("/")
s.type("signal")
s.keys("Enter")
s.expect(r"1 line with 'signal'", "a text is searched")
s.keys("q", "q")

s.keys("?")
s.expect(r"Help > Settings", "? lists the keys valid here")
s.type("undo")
s.wait("with 'undo'")
s.keys("BSpace", "BSpace", "BSpace", "BSpace")
s.type("plan")
s.wait("with 'plan'")
s.keys("Enter")
s.expect(r"^ smemail  Plan", "Enter in the help runs the key")
s.keys("o")
s.expect(r"^    │ >1  Dashboard +.*│$", "o lists the screens, with nothing beside")
s.keys("5")
s.expect(r"^ smemail  Log", "a number goes there")
s.keys("6")
s.expect(r"Queue: not built yet", "what is not built says so")
s.keys("1")
s.wait(r"^.smemail  Dashboard")

s.keys(":")
s.type("get spam.rej")
s.keys("Tab")
s.expect(r"^ :get spam\.reject-level ?$", "Tab completes a command")
s.keys("Enter")
s.expect(r"^ 12$", "its output is a text")
s.keys("q", ":")
s.type("get nothing.here")
s.keys("Enter")
s.expect(r"unknown setting 'nothing\.here'", "so is its error")
s.keys("q", ":", "Up", "Up")
s.expect(r"^ :get spam\.reject-level", "Up brings earlier lines back")
s.keys("C-u")
s.type("log follow")
s.keys("Enter")
s.wait(r"running: log follow")
s.keys("C-c")
s.expect(r"^ smemail  (log follow|Dashboard)",
         "Ctrl-C stops the command, not the screen")
s.keys("1", ":")
s.type("write %s/screen.txt" % root.folder)
s.keys("Enter")
s.wait("the screen is in")
with open(root.folder + "/screen.txt", encoding="utf-8") as f:
    text = f.read()
point(len(text.split("\n")) == 25 and "Dashboard" in text,
      ":write keeps the screen as text", text)
s.keys(":")
s.type("messages")
s.keys("Enter")
s.expect(r"^ the screen is in", ":messages lists what was said")
s.keys(":")
s.type("q")
s.keys("Enter")
s.ended(0, ":q leaves")
s.close()
point(os.path.exists(root.path), "the root is as it was")
root.remove()
done()
