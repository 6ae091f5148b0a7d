#!/usr/bin/env python3
"""Memory of an idle session, in clear and under TLS: what the workers' own
memory grows by, and what the kernel's does for one end of a connection. Once
more with a thousand handshakes half done at a time, whose memory must come back.

    tests/bench/idle_tls.py [SESSIONS]

Of SESSIONS (2000) as many are opened as the limit of open files allows.
"""
import os
import resource
import shutil
import socket
import ssl
import sys
import time

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

GOALS = {"smtp": 8, "smtps": 24}
SPARE_FILES = 400
AT_ONCE = 1000
SETTLE_S = 10  # the workers give memory back within some seconds


def of_process(pid):
    with open("/proc/%d/status" % pid) as f:
        return [int(line.split()[1]) for line in f
                if line.startswith("RssAnon:")][0]


def of_kernel():
    with open("/proc/meminfo") as f:
        return [int(line.split()[1]) for line in f
                if line.startswith("Slab:")][0]


def connect(daemon, role, version):
    """The handshake has begun, no more."""
    s = socket.create_connection(("127.0.0.1", daemon.ports[role]), 60)
    if role == "smtps":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = version
        s = context.wrap_socket(s, do_handshake_on_connect=False)
        s.setblocking(False)
        try:
            s.do_handshake()
        except ssl.SSLWantReadError:
            pass
        s.settimeout(60)
    return s


def greet(s, role):
    if role == "smtps":
        s.do_handshake()
    peer = filterd.Peer(s)
    assert peer.reply()[0] == 220
    peer.send("EHLO client.example\r\n")
    assert peer.reply()[0] == 250
    return peer


def open_some(daemon, role, version, n, at_once):
    peers = []
    while len(peers) < n:
        some = [connect(daemon, role, version)
                for _ in range(min(at_once, n - len(peers)))]
        peers += [greet(s, role) for s in some]
    return peers


def measure(role, version, at_once, wanted, folder):
    pair = filterd.certificate(folder)
    daemon = filterd.Daemon(
        {"plugins": "tls %s %s %s\nrcpt_ok\nqueue/maildir @MAILDIR@" %
                    (pair[0], pair[1], pair[0])},
        args=["--instances", str(wanted + 100)])
    daemon.start("smtp", "smtps")
    workers = daemon.workers()
    peers = open_some(daemon, role, version, 20, 1)
    before = sum(map(of_process, workers)), of_kernel()
    peers += open_some(daemon, role, version, wanted, at_once)
    time.sleep(SETTLE_S)
    after = sum(map(of_process, workers)), of_kernel()
    own = (after[0] - before[0]) / wanted
    kernel = (after[1] - before[1]) / wanted / 2
    for peer in peers:
        peer.close()
    daemon.stop()
    shutil.rmtree(daemon.folder)
    return own, kernel


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # the daemon keeps a second one for each session's long text
    wanted = min(wanted, (hard - SPARE_FILES) // 2)
    folder = filterd.tempfile.mkdtemp(prefix="idle-tls.")
    print("KB an idle session of %d, after EHLO" % wanted)
    for name, role, version, at_once in (
            ("in clear", "smtp", None, 1),
            ("TLS 1.2", "smtps", ssl.TLSVersion.TLSv1_2, 1),
            ("TLS 1.3", "smtps", ssl.TLSVersion.TLSv1_3, 1),
            ("TLS 1.2, at once", "smtps", ssl.TLSVersion.TLSv1_2, AT_ONCE),
            ("TLS 1.3, at once", "smtps", ssl.TLSVersion.TLSv1_3, AT_ONCE)):
        own, kernel = measure(role, version, at_once, wanted, folder)
        print("%-16s %5.1f own + %4.1f kernel = %5.1f (goal %d)" %
              (name, own, kernel, own + kernel, GOALS[role]))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
