#!/usr/bin/env python3
"""Memory that a burst took is given back when it is over, and what sessions
hold does not depend on how often the configuration changed."""
import os
import shutil
import signal
import socket
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "tools"))
import filterd  # noqa: E402

BIG = "From: a@out.example\r\nSubject: big\r\n\r\n" + "x" * 76 + "\r\n"
N_BIG = 12
N_TLS = 300
BURSTS = 6
N_RELOADS = 20


def kb(*pids):
    """What no file stands behind, of all of them."""
    sizes = []
    for pid in pids:
        with open("/proc/%d/status" % pid) as f:
            sizes += [int(line.split()[1]) for line in f
                      if line.startswith("RssAnon:")]
    return sum(sizes)


def falls(tap, pids, limit, what):
    """They come below the limit."""
    good = filterd.wait_for(lambda: kb(*pids) < limit, 20, 0.2)
    tap.ok(good, what, "%d KB, wanted less than %d" % (kb(*pids), limit))


def big_at_once(daemon):
    """Messages that the log takes, all in one batch or a few."""
    text = (BIG + "y" * 76 + "\r\n") + ("z" * 76 + "\r\n") * 9000 + ".\r\n"
    peers = [daemon.connect() for _ in range(N_BIG)]
    for peer in peers:
        peer.begin()
        peer.send(text[:-3])
    for peer in peers:
        peer.send(".\r\n")
    return [peer.reply()[0] for peer in peers]


def keeper(tap, daemon):
    pid = daemon.parts()["keeper"]
    peer = daemon.connect()
    peer.begin()
    peer.send(BIG + ".\r\n")
    peer.reply()
    before = kb(pid)
    codes = big_at_once(daemon)
    tap.ok(codes == [250] * N_BIG, "%d big messages are taken" % N_BIG, codes)
    tap.ok(filterd.wait_for(
        lambda: len(daemon.messages()) == N_BIG + 1), "and delivered")
    falls(tap, [pid], before + 1024, "the keeper has not kept their size")


def handshakes_at_once(daemon, pids, context):
    """All half done at the same time, then gone; the most that they took."""
    before = kb(*pids)
    peers = []
    for _ in range(N_TLS):
        s = context.wrap_socket(
            socket.create_connection(
                ("127.0.0.1", daemon.ports["smtps"]), 20),
            do_handshake_on_connect=False)
        s.setblocking(False)
        try:
            s.do_handshake()
        except ssl.SSLWantReadError:
            pass
        peers.append(s)
    filterd.wait_for(lambda: kb(*pids) > before + 8 * N_TLS)
    took = kb(*pids) - before
    for s in peers:
        s.close()
    return took


def handshakes(tap, daemon):
    """The library keeps what it made for the first ones, and the heap holes,
    fewer each time: soon a burst adds nothing to that."""
    pids = daemon.workers()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    daemon.connect(role="smtp").reply()
    before = kb(*pids)
    took = handshakes_at_once(daemon, pids, context)
    tap.ok(took > 8 * N_TLS, "%d handshakes at once take memory" % N_TLS, took)
    falls(tap, pids, before + took // 4, "which is given back after them")
    added = []
    while len(added) < BURSTS and (not added or added[-1] is not None):
        filterd.wait_for(lambda: kb(*pids) < before + 1024, 3, 0.2)
        before = kb(*pids)
        handshakes_at_once(daemon, pids, context)
        settled = filterd.wait_for(lambda: kb(*pids) < before + 256, 5, 0.2)
        added.append(None if settled else kb(*pids) - before)
    tap.ok(added[-1] is None, "and all of it by and by", added)


def reloads(tap, daemon):
    """Each session keeps to the policy that it began with."""
    pids = daemon.workers()
    before = kb(*pids)
    peers = []
    for i in range(N_RELOADS):
        filterd.write_config(daemon.config, {"databytes": str(10 ** 7 + i)})
        daemon.process.send_signal(signal.SIGHUP)
        filterd.wait_for(lambda i=i: daemon.log().count(
            "plugin lists read anew") > i)
        peers.append(daemon.connect(role="smtp"))
        peers[-1].reply()
    each = (kb(*pids) - before) / N_RELOADS
    tap.ok(each < 40, "a policy that one session holds is small",
           "%.1f KB" % each)
    for peer in peers:
        peer.close()
    falls(tap, pids, before + 512, "and gone with it")


def main():
    tap = filterd.Tap()
    if filterd.SANITIZED:
        tap.skip("memory is given back", "sanitizers keep what was freed")
        return tap.done()
    folder = filterd.tempfile.mkdtemp(prefix="filterd-memory.")
    try:
        pair = filterd.certificate(folder)
        spool = os.path.join(folder, "spool")
        os.mkdir(spool)
        daemon = filterd.Daemon(
            {"plugins": "tls %s %s %s\nrcpt_ok\nqueue/maildir @MAILDIR@" %
             (pair[0], pair[1], pair[0]), "spool_dir": spool},
            folder=os.path.join(folder, "daemon"))
        daemon.start("smtp", "smtps")
        keeper(tap, daemon)
        handshakes(tap, daemon)
        reloads(tap, daemon)
        tap.ok(daemon.stop() == 0, "it ends well", daemon.log()[-2000:])
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
