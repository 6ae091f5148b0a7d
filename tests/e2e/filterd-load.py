#!/usr/bin/env python3
"""smemail-filterd under load and with oversized input: bounds hold (FL-6,
FL-14, FL-18, FL-19, FL-21, FL-29, design 9)."""
import hashlib
import os
import shutil
import socket
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

# of which nothing is measured under sanitizers
MEGABYTES = 5 if filterd.SANITIZED else 50


def memory(pid):
    """Bytes of anonymous memory that a process has."""
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def parallel(tap):
    wanted = 200
    with filterd.Daemon() as daemon:
        peers = [daemon.connect() for _ in range(wanted)]
        good = all(p.begin()[0] == 354 for p in peers)
        for i, p in enumerate(peers):
            p.send("From: a\r\nMessage-Id: <%d>\r\n\r\nx\r\n.\r\n" % i)
        good = good and all(p.reply()[0] == 250 for p in peers)
        tap.ok(good and len(daemon.messages()) == wanted,
               "%d sessions at once" % wanted, daemon.log())
        for p in peers:
            p.close()
    shutil.rmtree(daemon.folder)


def idle_memory(tap):
    wanted = 1000
    with filterd.Daemon(args=["--instances", "2000"]) as daemon:
        workers = daemon.workers()
        first = daemon.connect()
        first.reply()
        before = sum(map(memory, workers))
        peers = []
        try:
            for _ in range(wanted):
                s = socket.create_connection(("127.0.0.1", daemon.port), 20)
                peers.append(filterd.Peer(s))
        except OSError as e:
            tap.skip("memory of idle sessions", str(e))
            return
        good = all(p.reply()[0] == 220 for p in peers)
        good = good and all(p.ask("EHLO x.example")[0] == 250 for p in peers)
        each = (sum(map(memory, workers)) - before) // wanted
        if filterd.SANITIZED:
            tap.ok(good, "%d idle sessions" % wanted)
        else:
            tap.ok(good and each <= 6 * 1024,
                   "an idle session takes at most 6 KB of the workers",
                   "%d bytes" % each)
        for p in peers:
            p.close()
    shutil.rmtree(daemon.folder)


def slow_loris(tap):
    with filterd.Daemon({"timeoutsmtpd": "1"}) as daemon:
        peers = [daemon.connect() for _ in range(50)]
        for p in peers:
            p.reply()
            p.send("EHL")
        tap.ok(all(p.reply()[0] == 421 for p in peers),
               "half a command: 421 when the time is over (FL-19)")
        p = daemon.connect()
        p.begin()
        p.send("half a mess")
        tap.ok(p.reply()[0] == 421 and not daemon.messages(),
               "half a text: 421, nothing queued (FL-19)")
    shutil.rmtree(daemon.folder)


def long_line(tap):
    with filterd.Daemon() as daemon:
        pid = daemon.parts()["worker"]
        p = daemon.connect()
        p.reply()
        before = memory(pid)
        for _ in range(160):
            p.send(b"x" * 65536)
        grown = memory(pid) - before
        p.send("\r\n")
        code, text = p.reply()
        tap.ok(code == 500 and "too long" in text, "a line of 10 MB: 500",
               text)
        tap.ok(filterd.SANITIZED or grown < 1 << 20, "and no memory for it",
               "%d bytes" % grown)
        tap.ok(p.ask("NOOP")[0] == 250, "the session goes on")
        p.close()
    shutil.rmtree(daemon.folder)


def send_large(peer, lines, digest):
    line = b"0123456789 a line of a large message, of some eighty bytes " \
        b"and no more than that\r\n"
    block = line * 1000
    for _ in range(lines // 1000):
        peer.send(block)
        digest.update(block.replace(b"\r\n", b"\n"))


def large_message(tap):
    with filterd.Daemon() as daemon:
        pid = daemon.parts()["worker"]
        p = daemon.connect()
        p.begin()
        digest = hashlib.sha256()
        before = memory(pid)
        p.send("From: a\r\nMessage-Id: <large@x>\r\n\r\n")
        send_large(p, 12500 * MEGABYTES, digest)
        grown = memory(pid) - before
        p.send(".\r\n")
        code, text = p.reply()
        tap.ok(code == 250 and "<large@x>" in text, "a message of %d MB" % MEGABYTES,
               text + daemon.log())
        stored = daemon.messages()
        body = stored[0].split(b"\n\n", 1)[1] if stored else b""
        tap.ok(hashlib.sha256(body).digest() == digest.digest(),
               "it is stored as it came", "%d bytes" % len(body))
        tap.ok(filterd.SANITIZED or grown < 2 << 20, "and not in memory",
               "%d bytes" % grown)
        p.close()
    shutil.rmtree(daemon.folder)


def one_long_text_line(tap):
    with filterd.Daemon() as daemon:
        p = daemon.connect()
        p.begin()
        p.send("From: a\r\n\r\n")
        for _ in range(80):
            p.send(b"x" * 65536)
        p.send("\r\n.\r\n")
        code = p.reply()[0]
        stored = daemon.messages()
        tap.ok(code == 250 and stored[0].endswith(b"x" * 65536 * 80 + b"\n"),
               "a text line of 5 MB arrives whole (FL-29)", daemon.log())
    shutil.rmtree(daemon.folder)


def many_recipients(tap):
    with filterd.Daemon() as daemon:
        p = daemon.connect()
        p.reply()
        p.ask("EHLO x.example")
        p.ask("MAIL FROM:<a@out.example>")
        name = "r" * 58
        for i in range(1000):
            p.send("RCPT TO:<%s%04d@local.example>\r\n" % (name, i))
        good = all(p.reply()[0] == 250 for _ in range(1000))
        tap.ok(good and p.ask("RCPT TO:<b@local.example>")[0] == 452,
               "1000 recipients, and not one more (FL-18)")
        p.ask("DATA")
        text = "x" * 78 + "\r\n"
        p.send("From: a\r\n\r\n" + text * 700 + ".\r\n")
        code = p.reply()[0]
        stored = daemon.messages()
        tap.ok(code == 250 and
               stored[0].count(b"\nDelivered-To: " + name.encode()) == 1000
               and stored[0].endswith(b"x\n"),
               "an envelope too large for one packet", daemon.log())
    shutil.rmtree(daemon.folder)


def instances(tap):
    with filterd.Daemon({"loglevel": "6"},
                        args=["--instances", "3"]) as daemon:
        peers = [daemon.connect() for _ in range(3)]
        good = all(p.reply()[0] == 220 for p in peers)
        waiting = daemon.connect(timeout=0.5)
        try:
            waiting.reply()
            waited = False
        except socket.timeout:
            waited = True
        tap.ok(good and waited, "over the total a connection waits (FL-21)")
        peers[0].ask("QUIT")
        waiting.s.settimeout(20)
        tap.ok(waiting.reply()[0] == 220, "until another one ends")
        waiting.close()
        for p in peers:
            p.close()
    shutil.rmtree(daemon.folder)
    plugins = "hosts_allow\nrcpt_ok\nqueue/maildir @MAILDIR@"
    with filterd.Daemon({"plugins": plugins},
                        args=["--instances-per-ip", "2"]) as daemon:
        peers = [daemon.connect("127.0.0.9") for _ in range(2)]
        good = all(p.reply()[0] == 220 for p in peers)
        third = daemon.connect("127.0.0.9").reply()
        other = daemon.connect("127.0.0.8").reply()
        tap.ok(good and third[0] == 421 and "127.0.0.9" in third[1] and
               other[0] == 220, "too many of one address (FL-21, FL-44)",
               third)
    shutil.rmtree(daemon.folder)


def flood(tap):
    """Commands without reading the replies: the daemon stops reading."""
    with filterd.Daemon() as daemon:
        pid = daemon.parts()["worker"]
        p = daemon.connect(timeout=0.5)
        p.reply()
        before = memory(pid)
        sent = 0
        try:
            while sent < 64 << 20:
                sent += p.s.send(b"NOOP\r\n" * 10000)
            stopped = False
        except socket.timeout:
            stopped = True
        grown = memory(pid) - before
        tap.ok(stopped and (filterd.SANITIZED or grown < 1 << 20),
               "who reads no replies is not read either",
               "%d sent, %d grown" % (sent, grown))
        q = daemon.connect()
        tap.ok(q.reply()[0] == 220, "others are served meanwhile")
        p.s.settimeout(20)

        def more():
            try:
                p.s.sendall(b"QUIT\r\n")
            except OSError:
                pass
        thread = threading.Thread(target=more)
        thread.start()
        replies = 0
        while p.reply()[0] == 250:
            replies += 1
        thread.join()
        tap.ok(replies >= sent // 6 - 1, "and what was sent is answered",
               "%d replies for %d bytes" % (replies, sent))
    shutil.rmtree(daemon.folder)


def log_form(tap):
    plugins = "logging/logterse\nbadmailfrom\nrcpt_ok\n" \
        "queue/maildir @MAILDIR@"
    with filterd.Daemon({"loglevel": "6", "plugins": plugins,
                         "badmailfrom": "bad@out.example"}) as daemon:
        p = daemon.connect()
        p.reply()
        p.ask("EHLO client.example")
        p.ask("MAIL FROM:<bad@out.example>")
        p.ask("MAIL FROM:<a@out.example>")
        p.ask("RCPT TO:<b@local.example>")
        p.ask("DATA")
        p.send("From: a\r\nMessage-Id: <1@x>\r\n\r\nx\r\n.\r\n")
        p.reply()
        p.ask("MAIL FROM:<a@out.example>")
        p.ask("RCPT TO:<b@local.example>")
        p.ask("DATA")
        p.send("From: a\r\n\r\nx\ny\r\n.\r\n")
        p.reply()
        p.ask("QUIT")
        q = daemon.connect()
        q.reply()
        daemon.stop()
    lines = [line for line in daemon.log().splitlines()
             if not line.startswith("%d " % daemon.process.pid)]
    numbers = {line.split()[0] for line in lines}
    tap.ok(len(numbers) == 2 and all(n.isdigit() for n in numbers),
           "each session has a number of its own (FL-42)", daemon.log())
    first = lines[0].split()[0]
    wanted = [
        first + " (deny) logging::logterse: ` 127.0.0.1\tUnknown\t"
        "client.example\t<bad@out.example>\t\tbadmailfrom\t901\t"
        "Your envelope sender is in my badmailfrom list\t"
        "msg denied before queued",
        first + " (queue) logging::logterse: ` 127.0.0.1\tUnknown\t"
        "client.example\t<a@out.example>\t<b@local.example>\tqueued\t\t"
        "<1@x>\t",
        first + " (deny) logging::logterse: ` 127.0.0.1\tUnknown\t"
        "client.example\t<a@out.example>\t<b@local.example>\tcore\t901\t"
        "bare LF in the message (#5.5.2)\tmsg denied before queued",
    ]
    for line in wanted:
        tap.ok(line in lines, "terse line: " + line.split("\t")[5],
               daemon.log())
    for text in ("Accepted connection 1/1000 from 127.0.0.1 / Unknown",
                 "Connection from Unknown [127.0.0.1]",
                 "dispatching EHLO client.example",
                 "250-PIPELINING", "354 go ahead",
                 "click, disconnecting"):
        tap.ok("%s %s" % (first, text) in lines, "line: " + text,
               daemon.log())
    shutil.rmtree(daemon.folder)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-load.")
    tempfile.tempdir = folder
    try:
        parallel(tap)
        idle_memory(tap)
        slow_loris(tap)
        long_line(tap)
        large_message(tap)
        one_long_text_line(tap)
        many_recipients(tap)
        instances(tap)
        flood(tap)
        log_form(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
