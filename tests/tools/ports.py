#!/usr/bin/env python3
"""Ports for servers that must be told theirs before they are started. They lie
below those that the kernel gives to connections and to servers of port 0, one
of which could otherwise have it by then.

usage: ports.py		prints a free one"""
import random
import socket
import threading

GIVEN_BY_KERNEL = "/proc/sys/net/ipv4/ip_local_port_range"
BASES = range(2000, 18000, 200)  # an offset of one is none of the next
FIRST = 18000
given = set()
lock = threading.Lock()


def end():
    try:
        with open(GIVEN_BY_KERNEL, encoding="ascii") as f:
            return max(int(f.read().split()[0]), FIRST + 2000)
    except OSError:
        return 32768


def bound(port):
    """A socket that has the port; None when somebody else does."""
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", port))
        return s
    except OSError:
        s.close()
        return None


def shuffled(ports):
    return random.sample(ports, len(ports))


def free_port():
    """One that nobody has, and that this process is not given again."""
    with lock:
        for port in shuffled(range(FIRST, end())):
            s = None if port in given else bound(port)
            if s:
                s.close()
                given.add(port)
                return port
    raise OSError("no port is free")


class Base:
    """A port base for "smemail init" that no other test has until close():
    the port that is the base is held."""

    def __init__(self, offsets=(465, 525, 587)):
        for base in shuffled(BASES):
            self.held = bound(base)
            if not self.held:
                continue
            tried = [bound(base + offset) for offset in offsets]
            for s in filter(None, tried):
                s.close()
            if all(tried):
                self.number = base
                return
            self.held.close()
        raise OSError("no port base is free")

    def close(self):
        self.held.close()


if __name__ == "__main__":
    print(free_port())
