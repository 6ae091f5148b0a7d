#!/usr/bin/env python3
"""However a session ends, its disconnect plugins run once, then those of
post-connection (FL-22)."""
import os
import shutil
import socket
import struct
import sys
import tempfile

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
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
