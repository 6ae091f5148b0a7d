#!/usr/bin/env python3
"""Peers and name servers that are silent or away: each diagnosis ends in time
and says "????" with the reason, in text and JSON, and with exit status 111. A
wrong answer stays FAIL and 1."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../tools"))
sys.dont_write_bytecode = True
import ports  # noqa: E402
from dnsfixture import done, point  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", "build/smemail")
LIMIT = 2
AT_ONCE = 6
NO, TEMPORARY = 1, 111


class Peer:
    """Takes connections, says 'first', answers what comes, then is silent."""

    def __init__(self, first=b"", answers=(), close=False):
        self.first, self.answers, self.close = first, answers, close
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.kept = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(one,),
                             daemon=True).start()

    def talk(self, one):
        self.kept.append(one)
        try:
            one.sendall(self.first)
            for answer in self.answers:
                if not one.recv(4096):
                    return
                one.sendall(answer)
            if self.close:
                one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class SilentServer:
    """A name server that takes questions and never answers."""

    def __init__(self):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.udp.getsockname()[1]


def run(*words, dns="127.0.0.1:9"):
    env = dict(os.environ, SMEMAIL_DNS=dns, LC_ALL="C.UTF-8")
    began = time.monotonic()
    ran = subprocess.run([SMEMAIL, *words], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=env, timeout=90)
    return ran, ran.stdout.decode("utf-8", "replace"), \
        time.monotonic() - began


EHLO = b"250-mx\r\n250 STARTTLS\r\n"
PLAIN_EHLO = b"250 mx\r\n"


def probes():
    smtp, tls = ("smtp", "probe"), ("tls", "probe")
    imap = ("tls", "probe", "--starttls", "imap")
    relay = ("smtp", "relay-test")
    silent = dict()
    cases = (
            # silent, one step later each
            (smtp, silent, "banner", "no answer in time", "????"),
            (smtp, dict(first=b"220 mx\r\n"), "EHLO", "no answer", "????"),
            (smtp, dict(first=b"220 mx\r\n", answers=[EHLO]), "STARTTLS",
             "no answer", "????"),
            (smtp, dict(first=b"220 mx\r\n", answers=[EHLO, b"220 go\r\n"]),
             "TLS", "no answer", "????"),
            (smtp + ("--rcpt", "a@example.org"),
             dict(first=b"220 mx\r\n", answers=[PLAIN_EHLO]), "sender",
             "no answer", "????"),
            (smtp + ("--rcpt", "a@example.org"),
             dict(first=b"220 mx\r\n", answers=[PLAIN_EHLO, b"250 ok\r\n"]),
             "recipient", "no answer", "????"),
            (relay, silent, "banner", "no answer", "????"),
            (relay, dict(first=b"220 mx\r\n", answers=[PLAIN_EHLO]), "relay",
             "no answer", "????"),
            (tls, silent, "TLS", "no answer", "????"),
            (imap, silent, "STARTTLS", "no answer", "????"),
            # broken off, or for now
            (smtp, dict(close=True), "banner", "closed the connection",
             "????"),
            (smtp, dict(first=b"421 busy\r\n"), "banner", "421 busy", "????"),
            (smtp + ("--rcpt", "a@example.org"),
             dict(first=b"220 mx\r\n",
                  answers=[PLAIN_EHLO, b"250 ok\r\n", b"450 later\r\n",
                           b"250 ok\r\n", b"221 bye\r\n"]),
             "recipient", "450 later", "????"),
            # wrong answers
            (smtp, dict(first=b"554 no\r\n"), "banner", "554 no", "FAIL"),
            (smtp, dict(first=b"hello\r\n"), "banner", "no answer of SMTP",
             "FAIL"),
            (smtp, dict(first=b"220 mx\r\n",
                        answers=[EHLO, b"220 go\r\n", b"220 no TLS\r\n"]),
             "TLS", "handshake", "FAIL"),
            (tls, dict(first=b"hello\r\n"), "TLS", "handshake", "FAIL"),
            (imap, dict(first=b"* BYE no\r\n"), "STARTTLS", "BYE no",
             "FAIL"))

    def one(case):
        peer = Peer(**case[1])
        # words of options stand behind the target
        command = case[0][:2] + ("127.0.0.1:%d" % peer.port,) + case[0][2:]
        ran = run(*command, "--timeout", str(LIMIT))
        peer.listener.close()
        return command, ran

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ran_all = list(pool.map(one, cases))
    for case, (command, (ran, out, took)) in zip(cases, ran_all):
        subject, says, state = case[2:]
        what = "%s, %s %r" % (" ".join(command[:2]), subject, says)
        want = TEMPORARY if state == "????" else NO
        point(re.search(r"^%s +%s +.*%s" % (re.escape(state), subject, says),
                        out, re.M) and ran.returncode == want
              and took < LIMIT + 8,
              "%s: %s, %d (%s)" % (what, state, want, "as told" if
                                   ran.returncode == want else out))
        if state == "????":
            point("FAIL" not in out, what + ": nothing fails")


def away():
    target = "127.0.0.1:%d" % ports.free_port()
    for words in (("smtp", "probe"), ("smtp", "relay-test"),
                  ("tls", "probe")):
        ran, out, _ = run(*words, target)
        point(ran.returncode == TEMPORARY and
              re.search(r"^\?\?\?\? +connect +.*refused", out, re.M),
              "%s: a closed port could not be tested" % " ".join(words))
        ran, out, _ = run("--json", *words, target)
        said = json.loads(out)
        point(ran.returncode == TEMPORARY and said["result"] == "unknown" and
              said["findings"][-1]["state"] == "unknown",
              "%s: so in JSON" % " ".join(words))
    ran, out, _ = run("smtp", "probe", "mx.example.test", "--timeout", "2")
    point(ran.returncode == TEMPORARY and
          re.search(r"^\?\?\?\? +address ", out, re.M),
          "a name that cannot be resolved could not be tested")


def smarthost():
    with tempfile.TemporaryDirectory() as top:
        # the daemon's user, where there is one, reads the key by its path
        os.chmod(top, 0o711)
        root = os.path.join(top, "root")
        run("--root", root, "init")
        peer = Peer()
        for port, subject in ((peer.port, "banner"),
                              (ports.free_port(), "connect")):
            run("--root", root, "set", "delivery.smarthost",
                "127.0.0.1:%d" % port)
            ran, out, _ = run("--root", root, "smarthost", "test",
                              "--timeout", str(LIMIT))
            point(ran.returncode == TEMPORARY and
                  re.search(r"^\?\?\?\? +%s" % subject, out, re.M),
                  "smarthost test: %s could not be tested" % subject)
        names(root)


def names(root):
    """Every command that stands on the DNS, with a server that is silent."""
    server = SilentServer()
    message = os.path.join(root, "signed.eml")
    with open(message, "w") as f:
        f.write("DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s;\n"
                " h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n"
                " b=YWJj\nFrom: a@example.com\n\n")
    run("--root", root, "dkim", "keygen", "example.com")
    run("--root", root, "unset", "delivery.smarthost")
    cases = (
            (["resolver", "check", "--timeout", "1"], r"\?\?\?\?.*answers?"),
            (["spf", "check", "--ip", "192.0.2.1", "--sender",
              "a@example.com", "--helo", "h.example.com"], "temperror"),
            (["spf", "tree", "example.com"], ""),
            (["dkim", "verify", message], "temperror"),
            (["dkim", "check", "example.com"], r"\?\?\?\?"),
            (["dmarc", "check", "example.com"], r"\?\?\?\?|temperror"),
            (["dns", "check", "example.com"], r"\?\?\?\?"),
            (["dns", "ptr", "192.0.2.1"], r"\?\?\?\?"),
            (["rbl", "check", "192.0.2.1", "--zone", "l.example.com"],
             r"\?\?\?\?"),
            (["route", "a@example.net"], r"\?\?\?\?"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ran_all = list(pool.map(
            lambda case: run("--root", root, *case[0], dns=server.address),
            cases))
    for (words, says), (ran, out, took) in zip(cases, ran_all):
        shown = (out + ran.stderr.decode()).replace("\n", " / ")
        point(ran.returncode == TEMPORARY and
              re.search(says, out + ran.stderr.decode()) and took < 60,
              "%s: a silent name server, %d (%s)" % (
                  " ".join(words[:2]), ran.returncode, shown[:300]))


probes()
away()
smarthost()
done()
