#!/usr/bin/env python3
"""smtpscript.py - plays a .smtp script (see tests/data/smtp/README.md) against
a server on this machine and prints the conversation (Python 3 standard library).

    smtpscript.py [--host 127.0.0.1] [--port 25] [--timeout 10] FILE...

Exit 0: every "wait" was met.  1: some were not.  2: no connection.
The last line of each file's part is  RESULT file ok|mismatch  [line: why]
"""
import argparse
import ast
import re
import socket
import ssl
import sys
import time


class Mismatch(Exception):
    pass


class Peer:
    def __init__(self, host, port, timeout, tell):
        self.s = socket.create_connection((host, port), timeout=timeout)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.timeout = timeout
        self.tell = tell  # what is said, line by line
        self.buf = b""
        self.sent = 0
        self.gone = False

    def send(self, data, slow=0):
        step = 1 if slow else 65536
        try:
            for i in range(0, len(data), step):
                self.s.settimeout(self.timeout)
                self.s.sendall(data[i:i + step])
                if slow:
                    time.sleep(slow / 1000.0)
            self.sent += len(data)
        except OSError as e:
            if not self.gone:
                self.tell("! send: %s" % e)
            self.gone = True

    def line(self, wait):
        end = time.monotonic() + wait
        while b"\n" not in self.buf:
            left = end - time.monotonic()
            if left <= 0:
                return "timeout"
            self.s.settimeout(left)
            try:
                d = self.s.recv(65536)
            except (TimeoutError, socket.timeout):
                return "timeout"
            except OSError:
                d = b""
            if not d:
                return "eof"
            self.buf += d
        out, self.buf = self.buf.split(b"\n", 1)
        return (out + b"\n").decode("latin-1")

    def reply(self, wait):
        """a whole reply -> its code, "eof" or "timeout" """
        while True:
            text = self.line(wait)
            if text in ("eof", "timeout"):
                self.tell("< (%s)" % text)
                return text
            self.tell("< " + text.rstrip("\r\n").encode("unicode_escape").decode())
            if not text.endswith("\r\n"):
                self.tell("! reply line without CR")
            if text[3:4] != "-":
                return text[:3]


def fits(code, patterns):
    return any(re.fullmatch(p, code) for p in patterns.split("|"))


def play(path, opts, tell=print):
    p = Peer(opts.host, opts.port, opts.timeout, tell)
    for num, raw in enumerate(open(path, encoding="ascii"), 1):
        raw = raw.rstrip("\n")
        if not raw or raw.startswith("#"):
            continue
        verb, _, rest = raw.partition(" ")
        if verb in ("send", "repeat", "slow"):
            n = 1
            if verb != "send":
                n, _, rest = rest.partition(" ")
                n = int(n)
            data = ast.literal_eval("b" + rest)
            tell("> %s%s" % ("" if verb == "send" else verb + " %d " % n, rest[:200]))
            p.send(data * (n if verb == "repeat" else 1), n if verb == "slow" else 0)
        elif verb in ("wait", "waitn"):
            n = 1
            if verb == "waitn":
                n, _, rest = rest.partition(" ")
                n = int(n)
            for _ in range(n):
                code = p.reply(opts.timeout)
                if not fits(code, rest):
                    raise Mismatch("%d: wanted %s, got %s" % (num, rest, code))
                if code in ("eof", "421"):
                    break
        elif verb == "nomore":
            p.s.settimeout(int(rest) / 1000.0)
            code = p.reply(int(rest) / 1000.0)
            if code != "timeout":
                raise Mismatch("%d: an extra reply: %s" % (num, code))
        elif verb == "pause":
            time.sleep(int(rest) / 1000.0)
        elif verb == "tls":
            ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            ctx.check_hostname = False
            ctx.verify_mode = ssl.CERT_NONE
            if p.buf:
                raise Mismatch("%d: octets before the handshake: %r" % (num, p.buf))
            try:
                p.s.settimeout(opts.timeout)
                p.s = ctx.wrap_socket(p.s)
            except OSError as e:
                raise Mismatch("%d: handshake: %s" % (num, e))
        elif verb == "shutdown":
            p.s.shutdown(socket.SHUT_WR)
        elif verb == "close":
            p.s.close()
            return
        else:
            raise SystemExit("%s:%d: unknown verb %s" % (path, num, verb))
    p.s.close()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=25)
    ap.add_argument("--timeout", type=float, default=10)
    ap.add_argument("files", nargs="+")
    opts = ap.parse_args()
    bad = 0
    for f in opts.files:
        print("FILE " + f)
        try:
            play(f, opts)
            print("RESULT %s ok" % f)
        except Mismatch as e:
            bad += 1
            print("RESULT %s mismatch line %s" % (f, e))
        except ConnectionError as e:
            print("RESULT %s no connection: %s" % (f, e))
            return 2
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
