#!/usr/bin/env python3
"""First paint of the screen, key to paint, and bytes sent for each.

usage: tests/bench/screen.py [RUNS] [LOG_MB]

On a bare pseudo terminal, 80x24, a fresh root; medians of RUNS (40). First
paint is from exec to the last byte of the first screen (goal 20 ms); key to
paint from writing the key to the last byte of what changes (goal 5 ms). The
log is opened on a file of LOG_MB (64) megabytes. The end of a paint is seen
as silence, whose length is left out.
"""
import fcntl
import os
import pty
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get('SMEMAIL', os.path.join(TOP, 'build', 'smemail'))
FILTERD = os.environ.get('FILTERD', os.path.join(TOP, 'build', 'smemail-filterd'))
FIRST_GOAL, KEY_GOAL = 20, 5
SILENCE = 0.08
ENV = {'PATH': os.environ['PATH'], 'TERM': 'xterm-256color', 'TZ': 'UTC',
       'LC_ALL': 'C.UTF-8', 'HOME': '/nonexistent',
       'SMEMAIL_FILTERD': os.path.abspath(FILTERD)}


class Terminal:
    def __init__(self, root):
        begin = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
            os.execve(SMEMAIL, [SMEMAIL, '--root', root, 'tui'], ENV)
        self.first = self.paint(begin)

    def paint(self, begin):
        """Milliseconds to the last byte before a silence, and the bytes."""
        last, size = begin, 0
        while True:
            quiet = SILENCE if size else 5
            if not select.select([self.fd], [], [], quiet)[0]:
                return (last - begin) * 1000, size
            try:
                more = os.read(self.fd, 65536)
            except OSError:
                return (last - begin) * 1000, size
            last = time.perf_counter()
            size += len(more)

    def key(self, data):
        begin = time.perf_counter()
        os.write(self.fd, data)
        return self.paint(begin)

    def close(self):
        os.write(self.fd, b'Q')
        self.paint(time.perf_counter())
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def show(what, results, goal):
    ms = statistics.median(r[0] for r in results)
    size = statistics.median(r[1] for r in results)
    word = 'ok' if ms <= goal else 'MISSED'
    print('%-36s %7.2f ms %7d bytes   goal %d ms  %s'
          % (what, ms, size, goal, word))
    return ms <= goal


def write_log(path, megabytes):
    line = (b'@4000000069b9600f0bebc200 4711 logging::logterse plugin (deny): '
            b'` 203.0.113.76\thost.test\thelo.test\t<a@b.test>\t<c@d.test>\t'
            b'dnsbl\t550\tlisted by bl.example.net\tmsg denied before queued\n')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        for _ in range(megabytes):
            f.write(line * ((1 << 20) // len(line)))


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    folder = tempfile.mkdtemp(prefix='smemail-bench.')
    root = folder + '/root'
    subprocess.run([SMEMAIL, 'init', '--root', root], env=ENV, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    write_log(root + '/var/log/qpsmtpd/current', megabytes)
    try:
        first = []
        for _ in range(runs):
            t = Terminal(root)
            first.append(t.first)
            t.close()
        good = show('first paint, from exec', first, FIRST_GOAL)
        t = Terminal(root)
        steps = (('settings: areas opened', b'2', b'1'),
                 ('cursor one line down', b'j', b'k'),
                 ('form opened', None, None),
                 ('log of %d MB opened' % megabytes, b'5', b'1'))
        for what, there, back in steps:
            if there is None:
                t.key(b'2jjj')
                results = []
                for _ in range(runs):
                    results.append(t.key(b'\r'))
                    t.key(b'q')
                good &= show(what, results, KEY_GOAL)
                t.key(b'\r')
                results = []
                for _ in range(runs):
                    results.append(t.key(b'j'))
                    t.key(b'k')
                good &= show('form: cursor one line down', results, KEY_GOAL)
                t.key(b'jjjjjjj')
                results = []
                t.key(b'G\r')
                for _ in range(runs):
                    results.append(t.key(b'1'))
                    t.key(b'\x7f')
                good &= show('form: a digit typed and checked', results,
                             KEY_GOAL)
                t.key(b'\x03')
                t.key(b'1')
                continue
            if back == b'k':
                t.key(b'2')
            results = []
            for _ in range(runs):
                results.append(t.key(there))
                t.key(back)
            good &= show(what, results, KEY_GOAL)
        t.close()
    finally:
        shutil.rmtree(folder)
    return 0 if good else 1


sys.exit(main())
