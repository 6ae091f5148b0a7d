#!/usr/bin/env python3
"""Probes against hostile peers: each ends in time, with a finding, nothing of
the peer reaches the terminal raw."""
import json
import os
import socket
import subprocess
import sys
import threading
import time

SMEMAIL = os.environ.get("SMEMAIL", "build/smemail")
LIMIT = 3
done = failed = 0


def ok(good, what, *why):
    global done, failed
    done += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", done, what))
    for text in why if not good else ():
        print("# %s" % (text,))


class Peer:
    """Answers every connection by a function of the socket."""

    def __init__(self, play):
        self.play = play
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.over = False
        self.connections = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while not self.over:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(one,),
                             daemon=True).start()

    def talk(self, one):
        try:
            with one:
                self.play(self, one)
        except OSError:
            pass

    def end(self):
        self.over = True
        self.listener.close()


def hang(peer, s):
    while not peer.over:
        time.sleep(0.05)


def endless(peer, s):
    while not peer.over:
        s.sendall(b"220-" + b"x" * 1000 + b"\r\n")


def endless_line(peer, s):
    while not peer.over:
        s.sendall(b"x" * 4096)


def drip(peer, s):
    for byte in b"220 " + b"a" * 10000:
        if peer.over:
            return
        s.sendall(bytes([byte]))
        time.sleep(0.05)


def garbage(peer, s):
    s.sendall(os.urandom(3000) + b"\r\n")
    hang(peer, s)


def escapes(peer, s):
    s.sendall(b"220 \x1b]0;owned\x07\x1b[2J \xe2\x80\xae evil\r\n")
    s.recv(1000)
    s.sendall(b"250-\x1b[31mmx\r\n250 AUTH \x1b[0m LOGIN\r\n")
    s.recv(1000)
    s.sendall(b"221 bye\r\n")


def closes(peer, s):
    return


def refuses(peer, s):
    s.sendall(b"554 5.7.1 your address is listed\r\n")
    s.recv(1000)
    s.sendall(b"221 bye\r\n")


def tls_junk(peer, s):
    s.sendall(b"220 mx\r\n")
    s.recv(1000)
    s.sendall(b"250-mx\r\n250 STARTTLS\r\n")
    s.recv(1000)
    s.sendall(b"220 go\r\n")
    s.sendall(b"\x16\x03\x01\xff\xff" + os.urandom(2000))
    hang(peer, s)


def tls_hang(peer, s):
    s.sendall(b"220 mx\r\n")
    s.recv(1000)
    s.sendall(b"250-mx\r\n250 STARTTLS\r\n")
    s.recv(1000)
    s.sendall(b"220 go\r\n")
    hang(peer, s)


def behind_starttls(peer, s):
    s.sendall(b"220 mx\r\n")
    s.recv(1000)
    s.sendall(b"250-mx\r\n250 STARTTLS\r\n")
    s.recv(1000)
    s.sendall(b"220 go\r\n250 AUTH PLAIN\r\n")
    hang(peer, s)


def mixed_codes(peer, s):
    s.sendall(b"220-mx\r\n554 no\r\n")
    hang(peer, s)


def probe(words, play):
    peer = Peer(play)
    words = [w.replace("PORT", str(peer.port)) for w in words]
    began = time.monotonic()
    try:
        ran = subprocess.run(
            [SMEMAIL, "--dns", "127.0.0.1:9", *words, "--timeout",
             str(LIMIT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=60)
    finally:
        peer.end()
    return ran, time.monotonic() - began, peer


def main():
    smtp = ["smtp", "probe", "127.0.0.1:PORT"]
    tls = ["tls", "probe", "127.0.0.1:PORT"]
    for words, play, says in (
            (smtp, hang, "no answer in time"),
            (smtp, endless, "more than 128 lines"),
            (smtp, endless_line, "longer than 4096 bytes"),
            (smtp, drip, "no answer in time"),
            (smtp, garbage, ""),
            (smtp, closes, "closed the connection"),
            (smtp, refuses, "554 5.7.1 your address is listed"),
            (smtp, tls_junk, "TLS"),
            (smtp, tls_hang, "no answer in time"),
            (smtp, behind_starttls, "in clear behind STARTTLS"),
            (smtp, mixed_codes, "no answer of SMTP"),
            (["smtp", "relay-test", "127.0.0.1:PORT"], hang,
             "no answer in time"),
            (tls, hang, "no answer in time"),
            (tls, garbage, "TLS"),
            (tls, closes, "TLS"),
            (tls + ["--starttls", "imap"], drip, "no answer in time"),
            (tls + ["--starttls", "pop3"], endless_line, "longer than"),
            (tls + ["--starttls", "imap"], endless, "protocol")):
        ran, took, peer = probe(words, play)
        out = ran.stdout.decode("utf-8", "replace")
        what = "%s: %s" % (" ".join(words[:2]), play.__name__)
        ok(ran.returncode in (1, 111) and says in out and took < LIMIT + 5,
           what, ran.returncode, took, out, ran.stderr)
        ok(b"\x1b" not in ran.stdout + ran.stderr, what + ", escaped")
        ok(peer.connections == 1, what + ", one connection",
           peer.connections)
    ran, took, peer = probe(smtp, escapes)
    ok(b"\x1b" not in ran.stdout and rb"\x1b" in ran.stdout,
       "control characters are shown, not sent", ran.stdout)
    ran, took, peer = probe(["--json"] + smtp, escapes)
    ok(json.loads(ran.stdout)["findings"] and b"\x1b" not in ran.stdout,
       "and in JSON", ran.stdout)
    ran = subprocess.run([SMEMAIL, "smtp", "probe", "bad host"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ok(ran.returncode == 2, "no host name: used wrongly", ran.stderr)
    ran = subprocess.run([SMEMAIL, "tls", "probe", "127.0.0.1:99999"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ok(ran.returncode == 2, "no port: used wrongly", ran.stderr)
    print("1..%d" % done)
    return 1 if failed else 0


sys.exit(main())
