#!/usr/bin/env python3
"""The nine lists and the people (screens.md 4.8, 4.9)."""
import sys
sys.dont_write_bytecode = True

from tui import Root, Screen, done, point  # noqa: E402

root = Root(("system.domain-name=example.com",))
root.smemail("lists", "add", "badmailfrom", "@foo.test", "a@b.test")
root.smemail("lists", "add", "dnsbl", "zen.spamhaus.org")
root.smemail("db", "accounts", "set", "anna", "user", "FirstName", "Anna",
             "LastName", "Berger")
root.smemail("db", "accounts", "set", "sales", "group", "Members", "anna")

s = Screen(root)
s.wait("Dashboard")
s.keys("3")
s.wait("Lists > dnsbl")
s.keys("Down", "Down", "Down")
s.wait("Lists > badmailfrom")
s.expect_screen("""
 smemail  Lists > badmailfrom                   draft 0  mail.example.com  HH:MM
   List           Entries  │   Entry
   refuse                  │   @foo.test
     dnsbl              1  │   a@b.test
     rhsbl              0  │
     badhelo            0  │
>    badmailfrom        2  │
     blacklist_from     0  │
   accept                  │
     whitelisthosts     0  │
     whitelisthelo      0  │
     whitelistsenders   0  │
     whitelist_from     0  │
                           │
                           │
 ───────────────────────────────────────────────────────────────────────────────
 badmailfrom: envelope senders that are refused at MAIL. Acts at MAIL, so the
 sender is told at once. Forms: user@host, @host.



 entry 1 of 2   stored in wbl / badmailfrom
 = smemail lists show badmailfrom
 Tab entries  + add  & filter  v pairs  p plan  ? help  q back
""", "F039 two panes: lists and entries")

# add: the form of the list is checked while typing
s.keys("+")
s.wait(r"\[ +\]")
s.type("supplier.test")
s.expect(r"^ ! 'supplier\.test' is written '@supplier\.test' here\. Tab takes it",
         "F040 another form is noticed while typing")
s.expect(r"^ = smemail lists add badmailfrom @supplier\.test",
         "the command that does the same")
s.keys("Tab")
s.expect(r"\[@supplier\.test +\]", "Tab takes the proposal")
s.keys("Enter")
s.expect(r"^ +rhsbl .*│>\* @supplier\.test", "it is in the draft")
s.keys("+")
s.wait(r"\[ +\]")
s.type("no good@")
s.keys("Enter")
s.expect("'no good@' is no entry of badmailfrom", "what is no entry is refused")
s.keys("Escape")
s.wait(lambda lines: not any("[no good" in x for x in lines))
s.keys("Up", "Up", "x")
s.expect(r"│>x @foo\.test", "x drafts the removal")
s.keys("x")
s.expect(r"│>  @foo\.test", "and takes it back")
s.keys("x")
s.wait(r"│>x @foo\.test")
s.keys("s")
s.wait("store 2 settings")
s.keys("y")
s.wait("2 settings stored")
out = root.smemail("lists", "export", "badmailfrom").stdout.split()
point(out == ["@supplier.test", "a@b.test"], "stored as drafted", out)

# everybody: asked about
s.keys("Tab")
s.keys("End")
s.wait("Lists > whitelist_from")
s.keys("+")
s.wait(r"\[ +\]")
s.type("*@*")
s.expect("every sender is meant: all spam would pass", "C62 said while typing")
s.keys("Enter")
s.wait(r"all spam would pass \(y yes\)")
s.keys("n")
s.expect("not added", "and asked about")
s.keys("Escape")
s.wait(lambda lines: not any("[*@*" in x for x in lines))

# zones are one value
s.keys("Tab", "Home")
s.wait("Lists > dnsbl")
s.keys("+")
s.wait(r"\[ +\]")
s.type("list.dsbl.org")
s.expect("is a dead list", "C15 a dead zone is named while typing")
s.keys("C-u")
s.type("bl.spamcop.net")
s.keys("Enter")
s.expect(r"\* bl\.spamcop\.net", "F047 a zone in the draft")

# pairs
s.keys("v")
s.wait("Lists > pairs")
s.keys("+")
s.wait(r"\[ +\]")
s.type("*@x.test anna@example.com")
s.keys("Enter")
s.expect("is not a pair", "F044 no wildcards")
s.keys("C-u")
s.type("harasser@x.test anna@example.com")
s.keys("Enter")
s.wait("store it now")
s.keys("y")
s.expect(r"harasser@x\.test +anna@example\.com", "F042 a pair")
s.expect("not in force: the plugin badmailfromto is not loaded",
         "F043 says that nobody reads it")
s.keys("Space")
s.wait("store it now")
s.keys("y")
s.expect("badmailfromto: loaded", "F043 Space loads the plugin")
out = root.smemail("pairs", "export").stdout.split()
point(out == ["harasser@x.test", "anna@example.com"], "stored", out)
s.keys("x")
s.wait("store it now")
s.keys("y")
s.expect("there is no pair", "and removed")

# people
s.keys("4")
s.wait("People > users")
s.expect(r"^ +anna +Anna Berger", "users with their names")
s.keys("Tab")
s.wait("People > groups")
s.expect(r"^> +sales .* anna$", "F123 groups and members")
s.keys("BTab")
s.wait("People > users")
s.keys("Down", "Enter")
s.wait("People > users > anna")
s.keys("Space")
s.expect(r"^>\* spam\.user-sort +disabled +enabled", "F017 a switch of one user")
s.expect(r"^ = smemail user set anna spam\.user-sort disabled", "its command")
s.keys("Down", "Down", "Down", "Space")
s.expect(r"^>\* user\.visible +internal", "F118 hidden from outside")
s.keys("s")
s.wait("store 3 settings")
s.keys("y")
s.wait("3 settings stored")
point(root.smemail("user", "get", "anna", "visible").stdout.strip()
      == "internal", "stored for the user")
s.keys("q")
s.wait("user . of")
s.keys("&")
s.wait("^ &")
s.type("anna")
s.keys("Enter")
s.expect(r"keep anna|anna", "a filter")
s.close()

# small windows and French
s = Screen(root, 40, 10)
s.wait("Dashboard")
s.keys("3")
s.wait("dnsbl")
s.keys("Down", "Tab")
s.expect("rhsbl|empty", "40x10: one pane at a time")
s.keys("4")
s.expect("anna", "40x10: people")
s.close()
s = Screen(root, words=("--lang", "fr", "tui"))
s.wait("Tableau de bord")
s.keys("3")
s.expect(r"^ smemail +Listes > dnsbl", "French: lists")
s.keys("4")
s.expect("Comptes > utilisateurs", "French: people")
s.close()
root.remove()
done()
