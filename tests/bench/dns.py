#!/usr/bin/env python3
"""Ten blacklists and an SPF check, every server answering after 50 ms, beside
the slowest single answer of the same server in the same run. Goal: the whole
takes less than 1.5 times one answer.

usage: tests/bench/dns.py [ROUNDS]
"""
import os
import socket
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/tools"))
sys.dont_write_bytecode = True
from dnsfixture import Server  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", os.path.join(TOP, "build/smemail"))
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
DELAY_MS = 50
LISTS = 10
GOAL = 1.5
SLOW = {"_delay_ms": DELAY_MS}


def zone():
    names = {"*.l%d.test" % n: dict(A=["127.0.0.2"], **SLOW)
             for n in range(LISTS)}
    names["sender.test"] = dict(
        TXT=["v=spf1 ip4:192.0.2.0/24 -all"], **SLOW)
    return {"names": names,
            "default": {"_rcode": "NXDOMAIN", "_delay_ms": DELAY_MS}}


def one_answer(server):
    """A plain question over UDP, without any of our code."""
    question = b"a\0\1\0\0\1\0\0\0\0\0\0\6sender\4test\0\0\20\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        began = time.perf_counter()
        s.sendto(question, ("127.0.0.1", server.port))
        s.recv(4096)
        return time.perf_counter() - began


def both(server):
    """The commands, begun together; seconds until both have ended."""
    lists = [w for n in range(LISTS) for w in ("--zone", "l%d.test" % n)]
    env = dict(os.environ, SMEMAIL_DNS=server.address)
    quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                 stderr=subprocess.DEVNULL, env=env)
    began = time.perf_counter()
    running = [
        subprocess.Popen([SMEMAIL, "rbl", "check", "192.0.2.7", *lists],
                         **quiet),
        subprocess.Popen([SMEMAIL, "spf", "check", "--ip", "192.0.2.7",
                          "--sender", "a@sender.test", "--helo", "h.test"],
                         **quiet)]
    for child in running:
        child.wait()
    return time.perf_counter() - began


def main():
    with Server(zone()) as server:
        answer = min(one_answer(server) for _ in range(ROUNDS))
        took = min(both(server) for _ in range(ROUNDS))
    ratio = took / answer
    print("one answer %.1f ms; %d lists and SPF, from start to end %.1f ms; "
          "%.2f times (goal below %.1f)" % (answer * 1e3, LISTS, took * 1e3,
                                            ratio, GOAL))
    sys.exit(ratio >= GOAL)


main()
