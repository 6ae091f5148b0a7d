#!/usr/bin/env python3
"""hostiledns.py - a DNS server that breaks the rules, for tests (Python 3
standard library only).

usage: hostiledns.py [--addr ADDRESS] [--port PORT]

UDP and TCP on one port of loopback; prints "READY ADDR PORT". How it answers
is said by the first label of the name asked: see the functions below, the
label has '-' where they have '_'. A name that is none of them gets one A
record, 192.0.2.1. What is forged carries 6.6.6.6.
"""
import argparse
import selectors
import signal
import socket
import struct
import sys
import time

SEEN = []  # the labels of each question but "asked"
GOOD, FORGED = bytes([192, 0, 2, 1]), bytes([6, 6, 6, 6])
A, NS, CNAME, SOA, TXT = 1, 2, 5, 6, 16
QR, AA, TC, RA = 0x8000, 0x0400, 0x0200, 0x0080


def wire(name):
    return b"".join(bytes([len(p)]) + p.encode() for p in
                    name.split(".") if p) + b"\0"


def record(kind, data, owner=b"\xc0\x0c", ttl=60):
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


class Query:
    """What was asked, and how replies to it look."""

    def __init__(self, packet, tcp):
        self.packet, self.tcp = packet, tcp
        self.id, self.flags = struct.unpack("!HH", packet[:4])
        at = 12
        labels = []
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]])
            at += 1 + packet[at]
        self.labels = [x.decode("latin-1").lower() for x in labels]
        self.question = packet[12:at + 5]
        self.kind = struct.unpack("!H", packet[at + 1:at + 3])[0]
        self.edns = packet[10:12] == b"\0\1"

    def reply(self, answers=(), rcode=0, flags=0, authority=(), counts=None,
              question=None, id_xor=0, extra=b"", additional=()):
        question = self.question if question is None else question
        counts = counts or (1 if question else 0, len(answers),
                            len(authority), len(additional))
        return struct.pack("!HHHHHH", self.id ^ id_xor,
                           QR | RA | (self.flags & 0x0100) | flags | rcode,
                           *counts) + question + b"".join(answers) + \
            b"".join(authority) + b"".join(additional) + extra

    def good(self):
        return self.reply([record(A, GOOD)])

    def forged(self, **how):
        return self.reply([record(A, FORGED)], **how)

    def cut(self):
        return self.reply(flags=TC)


SOA_DATA = wire("ns.test") + wire("root.test") + struct.pack(
    "!IIIII", 1, 2, 3, 4, 30)
SOA_RECORD = record(SOA, SOA_DATA, owner=wire("test"))


# Each gives the replies to a query, one after the other; None is silence, a
# number a pause in seconds, ("elsewhere", reply) comes from another port.

def wrong_id(q):
    return [q.forged(id_xor=0x5555)]


def wrong_id_first(q):
    return [q.forged(id_xor=1), q.good()]


def wrong_name(q):
    return [q.forged(question=wire("other.test") + struct.pack("!HH", A, 1)),
            q.good()]


def wrong_type(q):
    return [q.forged(question=q.question[:-4] + struct.pack("!HH", TXT, 1)),
            q.good()]


def two_questions(q):
    return [q.forged(question=q.question * 2, counts=(2, 1, 0, 0)), q.good()]


def not_a_reply(q):
    bad = bytearray(q.forged())
    bad[2] &= 0x7f
    return [bytes(bad), q.good()]


def other_source(q):
    return [("elsewhere", q.forged())]


def other_source_first(q):
    return [("elsewhere", q.forged()), 0.05, q.good()]


def case_lost(q):
    if q.tcp:
        return [q.good()]
    return [q.forged(question=q.question.upper())]


def strays(q):
    return [b"x" * n for n in range(40)] + [q.good()]


def cut(q):
    return [q.good() if q.tcp else q.cut()]


def cut_silent(q):
    return [] if q.tcp else [q.cut()]


def cut_drip(q):
    return ["drip"] if q.tcp else [q.cut()]


def cut_close(q):
    return ["close"] if q.tcp else [q.cut()]


def cut_wrong(q):
    return [q.forged(id_xor=1) if q.tcp else q.cut()]


def big(q):
    if not q.tcp:
        return [q.cut()]
    room = 65535 - len(q.reply())
    return [q.reply([record(A, GOOD)] * (room // 16))]


def loop_pointer(q):
    at = 12 + len(q.question)
    return [q.reply([record(A, GOOD, owner=struct.pack("!H", 0xc000 | at))])]


def loop_pair(q):
    at = 12 + len(q.question)
    owner = struct.pack("!HH", 0xc000 | at + 2, 0xc000 | at)
    return [q.reply([record(A, GOOD, owner=owner)])]


def few_records(q):
    return [q.reply([record(A, GOOD)], counts=(1, 9, 0, 0))]


def empty_address(q):
    return [q.reply([record(A, b"")])]


def long_address(q):
    return [q.reply([record(A, GOOD + b"x")])]


def behind_the_end(q):
    return [q.reply([record(A, GOOD)], extra=b"x" * 500)]


def other_owner(q):
    return [q.reply([record(A, FORGED, owner=wire("victim.test")),
                     record(A, GOOD)])]


def other_class(q):
    bad = bytearray(record(A, FORGED))
    bad[5] = 3
    return [q.reply([bytes(bad), record(A, GOOD)])]


def silence(q):
    return []


def garbage(q):
    return [q.packet[:2] + b"\x81\x80\0\1" + bytes(range(200))]


def tiny(q):
    return [q.packet[:2] + b"\x81"]


def servfail(q):
    return [q.reply(rcode=2)]


def refused(q):
    return [q.reply(rcode=5)]


def formerr(q):
    return [q.reply(rcode=1)]


def formerr_bare(q):
    return [q.reply(rcode=1, question=b"")] if q.edns else [q.good()]


def badvers(q):
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0x01000000, 0)
    return [q.reply(additional=[opt])] if q.edns else [q.good()]


def edns_dropped(q):
    return [] if q.edns else [q.good()]


def nodata(q):
    return [q.reply(authority=[SOA_RECORD])]


def nxdomain(q):
    return [q.reply(rcode=3, authority=[SOA_RECORD])]


def referral(q):
    return [q.reply(authority=[record(NS, wire("ns.elsewhere"))])]


def cname(q):
    target = wire("target.test")
    return [q.reply([record(CNAME, target), record(A, GOOD, owner=target)])]


def cname_loop(q):
    other = wire("b.test")
    return [q.reply([record(CNAME, other),
                     record(CNAME, b"\xc0\x0c", owner=other)])]


def cname_long(q):
    answers = [record(CNAME, wire("n0.test"))]
    for n in range(40):
        answers.append(record(CNAME, wire("n%d.test" % (n + 1)),
                              owner=wire("n%d.test" % n)))
    answers.append(record(A, GOOD, owner=wire("n40.test")))
    return [q.reply(answers)]


def slow(q):
    return [0.3, q.good()]


def txt(q):
    return [q.reply([record(TXT, b"\3a\0b\0\2c\x1b")])]


def asked(q):
    """How many questions came with a name that ends like this one's second
    label and those behind it."""
    tail = q.labels[1:]
    text = str(sum(x[-len(tail):] == tail for x in SEEN)).encode()
    return [q.reply([record(TXT, bytes([len(text)]) + text, ttl=0)])]


def behaviour(q):
    label = q.labels[0] if q.labels else ""
    label = label.rstrip("0123456789").replace("-", "_")
    function = globals().get(label)
    if label != "asked":
        SEEN.append(q.labels)
    public = callable(function) and label.islower() and \
        function.__module__ == __name__ and \
        label not in ("wire", "record", "behaviour", "main")
    return function(q) if public else [q.good()]


class Server:
    def __init__(self, addr, port):
        family = socket.AF_INET6 if ":" in addr else socket.AF_INET
        while True:
            self.udp = socket.socket(family, socket.SOCK_DGRAM)
            self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.udp.bind((addr, port))
            self.port = self.udp.getsockname()[1]
            self.tcp = socket.socket(family, socket.SOCK_STREAM)
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                self.tcp.bind((addr, self.port))
                break
            except OSError:
                if port:
                    raise
        self.tcp.listen(64)
        self.other = socket.socket(family, socket.SOCK_DGRAM)
        self.other.bind((addr, 0))
        self.later = []  # (time, function)
        self.select = selectors.DefaultSelector()
        self.select.register(self.udp, selectors.EVENT_READ, self.udp_ready)
        self.select.register(self.tcp, selectors.EVENT_READ, self.tcp_ready)

    def after(self, seconds, function):
        self.later.append((time.monotonic() + seconds, function))

    def play(self, replies, give):
        pause = 0.0
        for reply in replies:
            if isinstance(reply, float):
                pause += reply
            elif pause:
                self.after(pause, lambda r=reply: give(r))
            else:
                give(reply)

    def udp_ready(self, _):
        packet, peer = self.udp.recvfrom(4096)

        def give(reply):
            if isinstance(reply, tuple):
                self.other.sendto(reply[1], peer)
            else:
                self.udp.sendto(reply, peer)
        try:
            self.play(behaviour(Query(packet, False)), give)
        except (IndexError, struct.error):
            pass

    def tcp_ready(self, _):
        peer = self.tcp.accept()[0]
        peer.settimeout(5)
        self.select.register(peer, selectors.EVENT_READ, self.tcp_asked)

    def tcp_close(self, peer):
        try:
            self.select.unregister(peer)
        except (KeyError, ValueError):
            pass
        peer.close()

    def drip(self, peer, rest):
        try:
            peer.send(rest[:1])
        except OSError:
            self.tcp_close(peer)
            return
        if rest[1:]:
            self.after(0.2, lambda: self.drip(peer, rest[1:]))

    def tcp_asked(self, peer):
        try:
            packet = peer.recv(4096)
        except OSError:
            packet = b""
        if len(packet) < 16:
            self.tcp_close(peer)
            return
        q = Query(packet[2:], True)

        def give(reply):
            if reply == "close":
                self.tcp_close(peer)
                return
            whole = q.good() if reply == "drip" else reply
            whole = struct.pack("!H", len(whole)) + whole
            if reply == "drip":
                self.drip(peer, whole)
                return
            try:
                peer.sendall(whole)
            except OSError:
                self.tcp_close(peer)
        self.play(behaviour(q), give)

    def run(self):
        while True:
            now = time.monotonic()
            due = [f for t, f in self.later if t <= now]
            self.later = [(t, f) for t, f in self.later if t > now]
            for function in due:
                function()
            wait = min([t for t, _ in self.later], default=now + 1) - now
            for key, _ in self.select.select(max(0, wait)):
                key.data(key.fileobj)


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--addr", default="127.0.0.1")
    ask.add_argument("--port", type=int, default=0)
    args = ask.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = Server(args.addr, args.port)
    print("READY %s %d" % (args.addr, server.port), flush=True)
    server.run()


if __name__ == "__main__":
    main()
