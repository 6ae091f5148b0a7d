#!/usr/bin/env python3
"""Who makes mailboxes: never the keeper's own thread, which all sessions wait
for. The kernel tells which thread made each folder (fanotify, FAN_REPORT_TID).
"""
import ctypes
import os
import shutil
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

BOXES = 20
LONG = 2 << 20  # more than a record of the log may be
REPORT_TID, REPORT_FID, NONBLOCK = 0x100, 0x200, 0x2
MARK_ADD, CREATE, ONDIR, AT_FDCWD = 0x1, 0x100, 0x40000000, -100
EVENT = "<IBBHQii"


class Makers:
    """The threads that made something in a folder."""

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.fanotify_init(REPORT_TID | REPORT_FID | NONBLOCK,
                                     os.O_RDONLY)
        libc.fanotify_mark.argtypes = [
            ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int,
            ctypes.c_char_p]
        self.works = self.fd >= 0 and libc.fanotify_mark(
            self.fd, MARK_ADD, CREATE | ONDIR, AT_FDCWD,
            folder.encode()) == 0

    def threads(self):
        found = set()
        while True:
            try:
                data = os.read(self.fd, 65536)
            except BlockingIOError:
                return found
            while data:
                length, *_, tid = struct.unpack_from(EVENT, data)
                found.add(tid)
                data = data[length:]


def send(daemon, rcpts, size):
    peer = daemon.connect(timeout=60)
    peer.begin(rcpts=rcpts)
    peer.send("From: a@out.example\r\nMessage-Id: <m@x>\r\n\r\n" +
              ("y" * 70 + "\r\n") * (size // 72) + ".\r\n")
    code = peer.reply()[0]
    peer.close()
    return code


def made_by(tap, folder, what, size, **files):
    folder = os.path.join(folder, what.replace(" ", "-"))
    os.makedirs(os.path.join(folder, "spool"))
    daemon = filterd.Daemon(dict({
        "plugins": "rcpt_ok\nqueue/maildir @MAILDIR@ %l"}, **{
            k: v.replace("@SPOOL@", os.path.join(folder, "spool"))
            for k, v in files.items()}), folder=folder)
    os.mkdir(daemon.maildir)
    names = ["u%d" % i for i in range(BOXES)]
    with daemon:
        makers = Makers(daemon.maildir)
        if not makers.works:
            tap.skip(what, "the kernel does not tell who makes folders")
            return
        code = send(daemon, [n + "@local.example" for n in names], size)

        def count():
            return sum(len(os.listdir(p)) for p in
                       (os.path.join(daemon.maildir, n, "new")
                        for n in names) if os.path.isdir(p))
        there = filterd.wait_for(lambda: count() == BOXES)
        threads = makers.threads()
        keeper = daemon.parts()["keeper"]
        own = {int(t) for t in os.listdir("/proc/%d/task" % keeper)}
        tap.ok(code == 250 and there and threads and threads <= own and
               keeper not in threads, "%s for %d new mailboxes: they are made "
               "by another thread of the keeper" % (what, BOXES),
               (code, count(), threads, own, keeper, daemon.log()[-600:]))
        tap.ok(send(daemon, [names[0] + "@local.example"], size) == 250 and
               filterd.wait_for(lambda: count() == BOXES + 1) and
               not makers.threads(), "once they are there none is made",
               daemon.log()[-600:])


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-mailboxes.")
    tempfile.tempdir = folder
    log = {"spool_dir": "@SPOOL@", "queue_log": str(1 << 20)}
    try:
        made_by(tap, folder, "a short message", 100, **log)
        made_by(tap, folder, "a long message", LONG, **log)
        made_by(tap, folder, "a message without a log", 100)
        made_by(tap, folder, "a long message without a log", LONG)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
