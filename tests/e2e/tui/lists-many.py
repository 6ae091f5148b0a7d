#!/usr/bin/env python3
"""The lists with ten thousand entries: opened, gone through, one removed."""
import sys
sys.dont_write_bytecode = True

from tui import Root, Screen, done  # noqa: E402

MANY = 10000

root = Root(("system.domain-name=example.com",))
with open(root.folder + "/list", "w", encoding="utf-8") as f:
    f.write("".join("user%05d@host.test\n" % i for i in range(MANY)))
root.smemail("lists", "import", "badmailfrom", root.folder + "/list")

s = Screen(root)
s.wait("Dashboard")
s.keys("3")
s.wait("Lists > dnsbl")
s.keys("Down", "Down", "Down")
s.wait("Lists > badmailfrom")
s.expect("badmailfrom +10000 ", "F039 their number")
s.expect("entry 1 of 10000 ", "the first is at the cursor")
s.keys("Tab", "End")
s.expect("│> +user09999@host.test", "the last is reached")
s.expect("entry 10000 of 10000 ", "with its number")
s.keys("&")
s.type("r0424")
s.keys("Enter")
s.expect("user04240@host.test", "a filter finds among them")
s.expect("entry 10 of 10 ", "what it leaves")
s.keys("x")
s.expect("│>x user04249@host.test", "one is removed in the draft")
s.keys("Q")
s.close()
root.remove()
done()
