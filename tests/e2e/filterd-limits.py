#!/usr/bin/env python3
"""smemail-filterd: peers that drip, stall or come in crowds, a next hop that is
dead. Each limit is a file of the configuration directory."""
import os
import shutil
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
from nexthop import DeadHop, NextHop  # noqa: E402

TEXT = "From: a@out.example\r\n\r\nx\r\n.\r\n"


def ended(peer, limit):
    """(last reply, seconds until the end), or None when it goes on."""
    begun = time.monotonic()
    last = 0, ""
    peer.s.settimeout(limit)
    try:
        while True:
            reply = peer.reply()
            if reply[0] == 0:
                return last, time.monotonic() - begun
            last = reply
    except OSError:
        return None


class Drip(threading.Thread):
    """One byte each 0.2 s until the peer hangs up."""

    def __init__(self, peer, byte="x"):
        super().__init__(daemon=True)
        self.peer, self.byte = peer, byte
        self.start()

    def run(self):
        try:
            while True:
                self.peer.send(self.byte)
                time.sleep(0.2)
        except OSError:
            pass


def slow_peers(tap):
    """FL-19: a line is one read; text has a rate; a session ends."""
    files = {"timeoutsmtpd": "3", "text_rate": "100", "text_rate_time": "3",
             "session_time": "8", "loglevel": "6"}
    with filterd.Daemon(files) as daemon:
        drips = []
        for start in ("", "EHLO x.example\r\n"):
            peer = daemon.connect()
            peer.reply()
            peer.send(start)
            if start:
                peer.reply()
            drips.append((peer, Drip(peer)))
        text = daemon.connect()
        text.begin()
        drips.append((text, Drip(text)))
        for (peer, _), what in zip(drips, (
                "the first command", "a command", "the text")):
            how = ended(peer, 12)
            tap.ok(how and how[0][0] == 421 and how[1] < 7,
                   "a byte each 0.2 s in %s: 421" % what, how)
        busy = daemon.connect()
        busy.reply()
        begun = time.monotonic()
        code = 250
        while code == 250 and time.monotonic() - begun < 14:
            code = busy.ask("NOOP")[0]
            time.sleep(0.2)
        took = time.monotonic() - begun
        tap.ok(code == 421 and 6 < took < 13,
               "a session that goes on and on: 421", (code, took))
        tap.ok(not daemon.messages(), "nothing is queued")
        sent = daemon.connect()
        sent.begin()
        for _ in range(20):
            sent.send("y" * 78 + "\r\n")
            time.sleep(0.25)
        sent.send("\r\n.\r\n")
        tap.ok(sent.reply()[0] == 250, "a slow text that is fast enough")
    shutil.rmtree(daemon.folder)


def no_handshake(tap, folder):
    pair = filterd.certificate(folder)
    daemon = filterd.Daemon({
        "plugins": "tls %s %s %s\nrcpt_ok\nqueue/maildir @MAILDIR@" %
                   (pair[0], pair[1], pair[0]), "handshake_time": "2"})
    daemon.start("smtp", "smtps")
    silent = daemon.connect(role="smtps")
    drip = daemon.connect(role="smtps")
    drip.send(b"\x16\x03\x01\x02\x00\x01")
    Drip(drip, b"\0")
    asked = daemon.connect()
    asked.reply()
    asked.ask("EHLO x")
    asked.ask("STARTTLS")
    for peer, what in ((silent, "silence"), (drip, "a byte each 0.2 s"),
                       (asked, "silence after STARTTLS")):
        how = ended(peer, 8)
        tap.ok(how and how[0][0] == 0 and how[1] < 6,
               "no handshake but %s: the end" % what, how)
    daemon.stop()


def crowds(tap):
    with filterd.Daemon({"instances_per_network": "3"}) as daemon:
        near = [daemon.connect("127.0.0.%d" % i) for i in (2, 3, 4)]
        good = all(p.reply()[0] == 220 for p in near)
        code, text = daemon.connect("127.0.0.5").reply()
        tap.ok(good and code == 421 and "your network" in text,
               "the fourth of a /24: 421", (code, text))
        tap.ok("127.0.0.5 refused: 3 sessions of its network" in
               daemon.log(), "and the log tells it", daemon.log())
        far = daemon.connect("127.0.1.5")
        tap.ok(far.reply()[0] == 220, "another network is served")
        near[0].ask("QUIT")
        near[0].close()

        def again():
            peer = daemon.connect("127.0.0.5")
            return peer.reply()[0] == 220
        tap.ok(filterd.wait_for(again), "and this one when one has ended")
    shutil.rmtree(daemon.folder)
    with filterd.Daemon(args=["--instances", "12"]) as daemon:
        peers = [daemon.connect() for _ in range(12)]
        tap.ok(all(p.reply()[0] == 220 for p in peers),
               "this machine's own have no such limit unless it is set")
    shutil.rmtree(daemon.folder)


def much_memory(tap):
    """What a session may hold is bounded, and given back."""
    with filterd.Daemon({"databytes": "0"}) as daemon:
        workers = daemon.workers()

        def rss():
            kb = 0
            for pid in workers:
                with open("/proc/%d/status" % pid) as f:
                    kb += [int(line.split()[1]) for line in f
                           if line.startswith("RssAnon:")][0]
            return kb
        before = rss()
        peers, taken = [], 0
        for _ in range(20):
            peer = daemon.connect()
            peer.reply()
            peer.ask("EHLO x")
            peer.ask("MAIL FROM:<a@out.example>")
            long = "RCPT TO:<%s@local.example>\r\n" % ("r" * 60)
            peer.send(long * 1200)
            taken += [peer.reply()[0] for _ in range(1200)].count(250)
            peer.ask("DATA")
            peer.send(("X-%s: y\r\n" % ("h" * 900)) * 2000)
            peers.append(peer)
        full, seen = rss(), -1
        while full != seen:  # until all that was sent is read
            time.sleep(0.5)
            full, seen = rss(), full
        tap.ok(taken == 20 * 1000 and full - before < 20 * 2048,
               "20 sessions that hold all they can: %d KB each (FL-18)" %
               ((full - before) // 20), taken)
        for peer in peers:
            peer.close()
        tap.ok(filterd.wait_for(lambda: rss() < before + 4096),
               "and nothing is kept", (before, full, rss()))
    shutil.rmtree(daemon.folder)


def send(daemon, rcpt="b@local.example"):
    peer = daemon.connect(timeout=60)
    begun = time.monotonic()
    try:
        peer.begin(rcpts=(rcpt,))
        peer.send(TEXT)
        return peer.reply()[0], time.monotonic() - begun
    finally:
        peer.close()


def at_once(daemon, n, rcpt="b@local.example"):
    found = []
    threads = [threading.Thread(
        target=lambda: found.append(send(daemon, rcpt))) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def dead_server(tap):
    dead, alive = DeadHop(), NextHop()
    daemon = filterd.Daemon({
        "rcpthosts": "local.example\nother.example",
        "smtproutes": "local.example:127.0.0.1:%d\n"
                      "other.example:127.0.0.1:%d" % (dead.port, alive.port),
        "queue_timeout": "3", "queue_failures": "3", "queue_pause": "4"})
    with daemon:
        crowd = threading.Thread(target=at_once, args=(daemon, 45))
        crowd.start()
        filterd.wait_for(lambda: dead.seen >= 24)
        code, took = filterd.in_time(
            lambda: send(daemon, "c@other.example"), 2)
        tap.ok(code == 250 and took < 2,
               "45 messages for a dead server hold up no other",
               (code, took, dead.seen))
        crowd.join()
        # one more for each that failed before it was given up
        tap.ok(dead.seen <= 24 + 3, "at most 24 went there at once",
               dead.seen)
        seen = dead.seen
        found = at_once(daemon, 20)
        tap.ok(all(code == 451 and took < 2 for code, took in found) and
               dead.seen == seen,
               "then it is left alone: 451 at once", (found, dead.seen))
        tap.ok("left alone for a while" in daemon.log(), "the log says why",
               daemon.log()[-2000:])
        time.sleep(4.2)
        found = at_once(daemon, 10)
        tap.ok(dead.seen == seen + 1 and
               all(code == 451 for code, _ in found),
               "after the pause one message is the probe",
               (dead.seen, seen, found))
        port = dead.port
        dead.close()
        time.sleep(4.2)
        tap.ok(send(daemon)[0] == 451, "refused connections count too")
        NextHop(port)
        tap.ok(filterd.wait_for(lambda: send(daemon)[0] == 250, 20, 0.5),
               "once it answers mail flows again", daemon.log()[-2000:])
        tap.ok({code for code, _ in at_once(daemon, 20)} == {250},
               "at once, and for all")
    shutil.rmtree(daemon.folder)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-limits.")
    tempfile.tempdir = folder
    try:
        slow_peers(tap)
        no_handshake(tap, folder)
        crowds(tap)
        much_memory(tap)
        dead_server(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
