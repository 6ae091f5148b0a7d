#!/usr/bin/env python3
"""However a session ends, its disconnect plugins run once, then those of
post-connection (FL-22). Who comes again is not beside himself, and who reads
late has all of it."""
import os
import select
import shutil
import socket
import ssl
import struct
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

FILES = {
    "plugins": "connection_time\nkarma\ncount_unrecognized_commands 2\n"
               "rcpt_ok\nqueue/maildir @MAILDIR@",
    "timeoutsmtpd": "2",
    "loglevel": "6",
}
AGAIN = 100


def quits(peer):
    peer.ask("QUIT")


def drops(peer):
    peer.close()


def resets(peer):
    peer.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                      struct.pack("ii", 1, 0))
    peer.close()


def shuts_its_side(peer):
    peer.s.shutdown(socket.SHUT_WR)


def drops_in_its_message(peer):
    for command in ("MAIL FROM:<a@out.example>", "RCPT TO:<b@local.example>",
                    "DATA"):
        peer.ask(command)
    peer.send("Subject: half of it\r\n")
    peer.close()


def is_cut_off(peer):
    for _ in range(3):
        peer.ask("WHAT")


def says_nothing(peer):
    peer.reply()


def comes_again_at_once(tap):
    """FL-21: a session that was told its end counts no more."""
    with filterd.Daemon({"instances_per_network": "1"}) as daemon:
        codes = []
        for _ in range(AGAIN):
            peer = daemon.connect()
            codes.append(peer.reply()[0])
            peer.ask("QUIT")
            while peer.s.recv(100):
                pass
            peer.close()
        tap.ok(codes == [220] * AGAIN,
               "the next session of who may have one may begin with its end",
               [c for c in codes if c != 220])
    shutil.rmtree(daemon.folder)


class Late:
    """Sends, and reads only when told to."""

    def __init__(self, s, data):
        self.s = s
        self.left = memoryview(data)
        s.setblocking(False)

    def send(self):
        """What is taken; false: nothing was."""
        try:
            n = self.s.send(self.left)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return False
        self.left = self.left[n:]
        return n > 0

    def send_until_full(self):
        """The daemon, which is not read, reads no more itself."""
        end = time.monotonic() + 0.2
        while self.left and time.monotonic() < end:
            if self.send():
                end = time.monotonic() + 0.2
            else:
                select.select([], [self.s], [], 0.05)

    def finish(self, wanted):
        """How many bytes of replies came."""
        got = 0
        end = time.monotonic() + 60
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        while got < wanted and time.monotonic() < end:
            while self.left and self.send():
                pass
            try:
                more = len(self.s.recv(65536))
                if not more:
                    break
                got += more
            except (BlockingIOError, ssl.SSLWantReadError):
                select.select([self.s], [self.s] if self.left else [], [], 1)
        return got


def reads_late(tap, daemon, context):
    """More replies than any buffer takes, of which he reads none for long."""
    s = socket.socket()
    for size in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        s.setsockopt(socket.SOL_SOCKET, size, 4096)
    s.settimeout(60)
    s.connect(("127.0.0.1", daemon.port))
    peer = filterd.Peer(s)
    peer.reply()
    peer.ask("EHLO client.example")
    if context:
        peer.ask("STARTTLS")
        peer.s = context.wrap_socket(s, server_hostname="mx.local.example")
    reply = peer.ask("EHLO client.example")[1]
    with open("/proc/sys/net/ipv4/tcp_wmem", encoding="ascii") as f:
        n = int(f.read().split()[2]) * 3 // 2 // len(reply)
    size = len(reply.replace("\n", "\r\n")) + 2
    late = Late(peer.s, b"EHLO client.example\r\n" * n)
    late.send_until_full()
    got = late.finish(n * size)
    tap.ok(got == n * size, "who reads late has each of %d replies%s" % (
        n, ", under TLS" if context else ""), got / size)
    peer.close()


def read_late(tap):
    folder = tempfile.mkdtemp(prefix="filterd-late.")
    cert, key = filterd.certificate(folder)
    files = {"plugins": "tls %s %s %s\nrcpt_ok\nqueue/maildir @MAILDIR@" % (
        cert, key, cert)}
    with filterd.Daemon(files) as daemon:
        reads_late(tap, daemon, None)
        context = ssl.create_default_context(cafile=cert)
        reads_late(tap, daemon, context)
    shutil.rmtree(daemon.folder)
    shutil.rmtree(folder)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-end.")
    try:
        with filterd.Daemon(FILES, folder=folder) as daemon:
            for way in (quits, drops, resets, shuts_its_side,
                        drops_in_its_message, is_cut_off, says_nothing):
                at = len(daemon.log())
                peer = daemon.connect()
                peer.reply()
                peer.ask("EHLO client.example")
                way(peer)
                over = filterd.wait_for(
                    lambda: "click, disconnecting" in daemon.log()[at:])
                told = [line.split(":")[0].split(" ", 1)[1]
                        for line in daemon.log()[at:].splitlines()
                        if "(disconnect)" in line or
                        "(post-connection)" in line]
                tap.ok(over and told == ["(disconnect) karma",
                                         "(post-connection) connection_time"],
                       "FL-22: " + way.__name__.replace("_", " "),
                       daemon.log()[at:])
                peer.close()
        tempfile.tempdir = folder
        comes_again_at_once(tap)
        read_late(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
