#!/usr/bin/env python3
"""The services: what runs, and a menu that asks before it stops one
(screens.md 4.13)."""
import os
import sys
import time
sys.dont_write_bytecode = True

from tui import Root, Screen, done  # noqa: E402

root = Root()
with open(root.path + "/var/log/qpsmtpd/current", "a", encoding="ascii") as f:
    f.write("@%x00000000 9 Accepted connection 0/40 from 203.0.113.9 / x\n"
            % (0x400000000000000a + int(time.time())))
s = Screen(root)
s.wait("Dashboard")
s.keys("7")
s.expect(r"^   Service +State +Up since +Pid +Memory +Listens on$",
         "7 opens the services")
s.expect(r"^> !qpsmtpd +down +- +- +- +-$", "one that should run has a mark")
s.expect(r"^ qpsmtpd should run and does not: not started\.",
         "and its reason below")
s.expect(r"^ service 1 of 1   read \d\d:\d\d:\d\d$", "the age of the data")
s.expect(r"^ = smemail service list$", "the command twin")
s.keys("Enter")
s.expect(r"│ >5  start +and wait until it runs", "Enter: a menu, on what helps")
s.keys("3")
s.expect(r"^ stop 'qpsmtpd'\? it stays down", "to stop it is asked")
s.keys("n")
s.expect(r"^ = smemail service list$", "any other key is no")
s.keys("Enter")
s.wait("│ >5  start")
s.keys("Enter")
s.expect(r"^ smemail  service start qpsmtpd ", "what a command answers is "
         "shown")
s.keys("q")
s.wait("service 1 of 1")
s.keys("Enter")
s.wait("│ >5  start")
s.keys("1")
s.expect(r"Accepted connection 0/40", "its log")
s.keys("q")
s.wait("service 1 of 1")
s.resize(40, 10)
s.expect(r"^> !qpsmtpd +down$", "40x10: name and state")
s.resize(132, 50)
s.expect(r"Listens on$", "132x50")
os.unlink(root.path + "/home/e-smith/db/configuration")
os.mkdir(root.path + "/home/e-smith/db/configuration")
s.keys("r")
s.expect(r"^ \?\?\?\?  ", "what cannot be read says so")
s.keys("Q")
s.ended(0, "Q leaves")
s.close()
root.remove()
done()
