#!/usr/bin/env python3
"""Memory of an idle session, in clear and under TLS: what the worker's own
memory grows by, and what the kernel's does for one end of a connection.

    tests/bench/idle_tls.py [SESSIONS]
"""
import os
import resource
import shutil
import socket
import ssl
import sys

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

GOALS = {"smtp": 8, "smtps": 24}


def of_process(pid):
    with open("/proc/%d/status" % pid) as f:
        return [int(line.split()[1]) for line in f
                if line.startswith("RssAnon:")][0]


def of_kernel():
    with open("/proc/meminfo") as f:
        return [int(line.split()[1]) for line in f
                if line.startswith("Slab:")][0]


def open_one(daemon, role, version):
    s = socket.create_connection(("127.0.0.1", daemon.ports[role]), 60)
    if role == "smtps":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = version
        s = context.wrap_socket(s)
    peer = filterd.Peer(s)
    assert peer.reply()[0] == 220
    peer.send("EHLO client.example\r\n")
    assert peer.reply()[0] == 250
    return peer


def measure(role, version, wanted, folder):
    pair = filterd.certificate(folder)
    daemon = filterd.Daemon(
        {"plugins": "tls %s %s %s\nrcpt_ok\nqueue/maildir @MAILDIR@" %
                    (pair[0], pair[1], pair[0])},
        args=["--instances", str(wanted + 100)])
    daemon.start("smtp", "smtps")
    worker = daemon.parts()["worker"]
    peers = [open_one(daemon, role, version) for _ in range(20)]
    before = of_process(worker), of_kernel()
    for _ in range(wanted):
        peers.append(open_one(daemon, role, version))
    after = of_process(worker), of_kernel()
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
    folder = filterd.tempfile.mkdtemp(prefix="idle-tls.")
    print("KB an idle session of %d, after EHLO" % wanted)
    for name, role, version in (
            ("in clear", "smtp", None),
            ("TLS 1.2", "smtps", ssl.TLSVersion.TLSv1_2),
            ("TLS 1.3", "smtps", ssl.TLSVersion.TLSv1_3)):
        own, kernel = measure(role, version, wanted, folder)
        print("%-9s %5.1f own + %4.1f kernel = %5.1f (goal %d)" %
              (name, own, kernel, own + kernel, GOALS[role]))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
