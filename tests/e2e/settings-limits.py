#!/usr/bin/env python3
"""Limits of the SMTP daemon as settings: each is set, refused outside its
range, shown by the plan with its one file, and heeded by the running daemon
without a restart; undo takes all of it back (FL-18, FL-19, FL-26, FL-81,
FL-102, FL-191)."""
import base64
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
import cvm  # noqa: E402
import filterd  # noqa: E402
import mailroot  # noqa: E402
from lib_zone import Zone  # noqa: E402
from nexthop import DeadHop  # noqa: E402

CONFIG = mailroot.CONFIG + "/"
LOGIN = "/etc/e-smith/templates-custom" + CONFIG + \
    "peers/0/05auth_cvm_unix_local"
ASKED = "/etc/e-smith/templates-custom" + CONFIG + \
    "peers/0/37check_smtp_forward"
LOG = "/var/spool/qpsmtpd/queue-log"
MIB = 1 << 20
# setting, value, just outside its range, its file
LIMITS = [
    ("smtp.bare-lf", "normalize", "never", "bare_lf"),
    ("rbl.timeout", "2", "61", "dnsbl_timeout"),
    ("auth.login-timeout", "2", "1", "login_timeout"),
    ("auth.login-delay", "3", "61", "login_delay"),
    ("auth.login-failures", "2", "0", "login_failures"),
    ("smtp.idle-timeout", "10", "9", "timeoutsmtpd"),
    ("smtp.session-timeout", "30", "29", "session_time"),
    ("smtp.handshake-timeout", "5", "4", "handshake_time"),
    ("smtp.text-rate", "100", "0", "text_rate"),
    ("smtp.text-rate-window", "10", "9", "text_rate_time"),
    ("smtp.max-recipients", "100", "99", "max_rcpts"),
    ("smtp.instances-per-network", "3", "100001", "instances_per_network"),
    ("smtp.dns-timeout", "6", "601", "dns_timeout"),
    ("smtp.queue-log", str(MIB), str((1 << 30) + 1), "queue_log"),
    ("smtp.queue-timeout", "5", "297", "queue_timeout"),
    ("smtp.queue-failures", "3", "1001", "queue_failures"),
    ("smtp.queue-pause", "4", "3601", "queue_pause"),
    ("smtp.queue-connections", "2", "41", "queue_connections"),
    # filterd-next-hop.py shows that it is heeded
    ("smtp.recipient-check-timeout", "3", "121", "rcpt_timeout"),
]
NAMES = {
    "1.9.7.127.bl.example": {"_timeout": True},
    "slow.example": {"_timeout": True},
}
TEXT = "From: <a@out.example>\r\nDate: Mon, 02 Mar 2020 10:00:00 +0000\r\n" \
    "\r\n%s\r\n.\r\n"


class Client:
    """Conversations, each from a network of its own."""

    def __init__(self, root):
        self.root = root

    def greeted(self, net, host=1, say_hello=True):
        peer = self.root.connect("127.7.%d.%d" % (net, host), timeout=60.0)
        peer.first = peer.reply()
        if say_hello:
            peer.ask("EHLO client.example")
        return peer

    def mailing(self, net, rcpts=("alice@example.org",), host=1):
        peer = self.greeted(net, host)
        peer.ask("MAIL FROM:<a@[127.0.0.1]>")
        peer.codes = [peer.ask("RCPT TO:<%s>" % r)[0] for r in rcpts]
        return peer


def timed(what):
    begun = time.monotonic()
    return what(), time.monotonic() - begun


def bare_lf(client):
    peer = client.mailing(1)
    peer.ask("DATA")
    peer.send(TEXT % "one\ntwo")
    return peer.reply()[0]


def recipients(client):
    return client.mailing(2, ["alice@example.org"] * 101).codes[-1]


def network(client):
    peers = [client.greeted(3, i, say_hello=False) for i in (1, 2, 3, 4)]
    return peers[-1].first[0]


def failed_logins(client, limit):
    """(code, seconds) of each, up to the end."""
    def once():
        peer = client.greeted(4)
        word = base64.b64encode(b"\0joe@test.example\0wrong").decode()
        found = []
        while len(found) < 3 and 421 not in [f[0] for f in found]:
            reply, took = timed(lambda: peer.ask("AUTH PLAIN " + word))
            found.append((reply[0], took))
        peer.close()
        return found, max(took for _, took in found)
    return filterd.in_time(once, limit)[0]


def unjudged_login(client):
    peer = client.greeted(5)
    word = base64.b64encode(b"\0hang@test.example\0x").decode()
    reply, took = timed(lambda: peer.ask("AUTH PLAIN " + word))
    return reply[0] == 454 and 1.9 < took < 6, (reply, took)


def silence(client):
    peer = client.greeted(6)
    reply, took = timed(peer.reply)
    return reply[0] == 421 and 9 < took < 16, (reply, took)


def long_session(client):
    peer = client.greeted(7)
    begun = time.monotonic()
    code = 250
    while code == 250 and time.monotonic() - begun < 45:
        code = peer.ask("NOOP")[0]
        time.sleep(0.5)
    took = time.monotonic() - begun
    return code == 421 and 29 < took < 40, (code, took)


def no_handshake(client):
    peer = client.greeted(8)
    offered = peer.ask("STARTTLS")
    _, took = timed(lambda: peer.s.recv(100))
    return offered[0] == 220 and 4 < took < 10, (offered, took)


def silent_list(client):
    """The list is asked at once, its answer waited for so long."""
    peer, took = timed(lambda: client.mailing(9))
    return peer.codes == [250] and 1.9 < took < 5.5, (peer.codes, took)


def silent_dns(client):
    peer = client.greeted(10)
    reply, took = timed(lambda: peer.ask("MAIL FROM:<a@slow.example>"))
    # that nobody could be asked is held against the peer later
    return reply[0] in (250, 450) and 5.5 < took < 12, (reply, took)


def slow_text(client):
    peer = client.mailing(11)
    peer.ask("DATA")
    peer.s.settimeout(0.2)
    begun = time.monotonic()
    while time.monotonic() - begun < 25:
        peer.send("x")
        try:
            code = peer.reply()[0]
            break
        except TimeoutError:
            code = 0
    took = time.monotonic() - begun
    return code == 421 and 9 < took < 21, (code, took)


def to_dead_server(client, net, host=1):
    peer = client.mailing(net, ["x@other.example"], host)
    peer.ask("DATA")
    peer.send(TEXT % "x")
    return timed(lambda: peer.reply()[0])


def dead_server(client, dead):
    """Four settings of one queue: (good, what, detail) of each."""
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(to_dead_server, client, 12 + i // 2, 1 + i % 2)
                for i in range(6)]
        filterd.wait_for(lambda: dead.seen >= 2)
        time.sleep(2)
        at_once = dead.seen
        found = [s.result() for s in sent]
    yield at_once == 2, "smtp.queue-connections", at_once
    yield (all(code == 451 for code, _ in found) and
           4.5 < min(took for _, took in found) < 9), \
        "smtp.queue-timeout", found
    seen = dead.seen
    code, took = filterd.in_time(lambda: to_dead_server(client, 15), 2)
    yield code == 451 and took < 2 and dead.seen == seen, \
        "smtp.queue-failures", (code, took, seen, dead.seen)
    time.sleep(4.5)
    code, took = to_dead_server(client, 16)
    yield dead.seen == seen + 1 and took > 4, \
        "smtp.queue-pause", (code, took, seen, dead.seen)


def prepare(root, folder):
    """What the conversations take for granted."""
    os.makedirs(os.path.dirname(root.path(LOGIN)))
    with open(root.path(LOGIN), "w", encoding="utf-8") as f:
        f.write("auth/auth_cvm_unix_local cvm_socket %s/cvm enable_smtp yes "
                "enable_ssmtp yes\n" % folder)
    # the dead server is to be met with a message, not with its recipient
    with open(root.path(ASKED), "w", encoding="utf-8") as f:
        f.write("# nobody is asked about recipients\n")
    os.makedirs(root.path(CONFIG + "ssl"), exist_ok=True)
    pair = filterd.certificate(folder)
    with open(root.path(CONFIG + "ssl/cert.pem"), "w", encoding="utf-8") as f:
        for name in pair:
            with open(name, encoding="utf-8") as part:
                f.write(part.read())
    root.must("db", "domains", "set", "other.example", "domain")
    for setting, value, *target in (
            ("auth.tls-before-auth", "0"), ("rbl.dns", "enabled"),
            ("rbl.dns-zones", "bl.example"),
            ("delivery.domain-server", "127.0.0.1", "other.example")):
        root.must("set", setting, value, "--accept", "exposes-passwords",
                  *(["--for", target[0]] if target else []))
    root.must("apply")
    root.must("up")


def each_alone(tap, root):
    """Plan and range of each, nothing kept."""
    for setting, value, outside, file in LIMITS:
        status, _, err = root.run("set", setting, outside)
        tap.ok(status == 2 and "cannot set '%s'" % setting in err,
               "%s: %s is refused" % (setting, outside), err)
        root.must("set", setting, value)
        plan = root.json("plan")
        files = [f["path"] for f in plan["files"]]
        tap.ok(files == [CONFIG + file], "%s: the plan tells %s" %
               (setting, file), plan)
        root.must("unset", setting)
    tap.ok(root.run("plan", "--exit-code")[0] == 0,
           "taken back nothing is pending", root.run("plan"))


def at_first(tap, client, when):
    tap.ok(bare_lf(client) == 550, "a bare line feed: 550, " + when)
    tap.ok(recipients(client) == 250, "101 recipients: 250, " + when)
    tap.ok(network(client) == 220, "four of a network: 220, " + when)
    found = failed_logins(client, 2.5)
    tap.ok([f[0] for f in found] == [535] * 3 and
           all(1 <= took < 2.5 for _, took in found),
           "three failed logins: 535 each, " + when, found)
    size = os.path.getsize(client.root.path(LOG))
    tap.ok(size == 64 * MIB, "a log of 64 MiB, " + when, size)


def heeded(tap, client, dead):
    slow = (("smtp.idle-timeout", silence),
            ("smtp.session-timeout", long_session),
            ("smtp.handshake-timeout", no_handshake),
            ("smtp.text-rate and its window", slow_text),
            ("auth.login-timeout", unjudged_login),
            ("rbl.timeout", silent_list), ("smtp.dns-timeout", silent_dns))
    with concurrent.futures.ThreadPoolExecutor(len(slow)) as pool:
        running = [(name, pool.submit(talk, client)) for name, talk in slow]
        if dead:
            for good, name, detail in dead_server(client, dead):
                tap.ok(good, "%s is heeded" % name, detail)
        else:
            tap.skip("four settings of a queue", "port 25 is not to be had")
        for name, talk in running:
            good, detail = talk.result()
            tap.ok(good, "%s is heeded" % name, detail)
    tap.ok(bare_lf(client) == 250, "smtp.bare-lf is heeded")
    tap.ok(recipients(client) == 452, "smtp.max-recipients is heeded")
    tap.ok(network(client) == 421, "smtp.instances-per-network is heeded")
    found = failed_logins(client, 5)
    tap.ok([f[0] for f in found] == [535, 421], "auth.login-failures is "
           "heeded", found)
    tap.ok(all(3 <= took < 5 for _, took in found),
           "auth.login-delay is heeded", found)
    size = os.path.getsize(client.root.path(LOG))
    tap.ok(size == MIB, "smtp.queue-log is heeded", size)


def listener(root):
    return root.read("/var/service/qpsmtpd/supervise/pid")


def all_together(tap, root, dead):
    client = Client(root)
    at_first(tap, client, "at first")
    pid = listener(root)
    for setting, value, _, _ in LIMITS:
        root.must("set", setting, value)
    plan = root.json("plan")
    tap.ok(sorted(f["path"] for f in plan["files"]) ==
           sorted(CONFIG + row[3] for row in LIMITS),
           "the plan of all tells all their files", plan["files"])
    root.must("apply")
    tap.ok(not root.check(), "--check takes them", root.check())
    wrong = [row for row in LIMITS if (root.read(CONFIG + row[3]) or "")
             .splitlines()[-1:] != [row[1]]]
    tap.ok(not wrong, "each stands in its file", wrong)
    heeded(tap, client, dead)
    told = root.must("blame", "smtp.queue-pause")
    tap.ok("- -> 4" in told, "blame tells who set it", told)
    status, out, err = root.run("undo")
    tap.ok(status == 0, "undo", out + err)
    left = [row[3] for row in LIMITS if row[3] != "timeoutsmtpd" and
            root.read(CONFIG + row[3]) is not None]
    tap.ok(not left, "undo takes the files away", left)
    filterd.wait_for(lambda: os.path.getsize(root.path(LOG)) == 64 * MIB)
    at_first(tap, client, "after undo")
    tap.ok(pid and listener(root) == pid, "all that without a restart",
           (pid, listener(root)))


def main():
    tap = filterd.Tap()
    if not shutil.which("runsvdir"):
        print("1..0 # SKIP runsvdir is not installed")
        return 0
    folder = tempfile.mkdtemp(prefix="settings-limits.")
    os.chmod(folder, 0o755)
    server = cvm.Cvm(folder + "/cvm", {
        "joe@test.example": lambda p: 100,
        "hang@test.example": lambda p: None})
    dead = None
    try:
        dead = DeadHop(25)
    except OSError:
        pass  # not root, or the machine has a mail server
    with Zone(NAMES) as zone:
        root = mailroot.Root()
        root.env["SMEMAIL_DNS"] = zone.dns
        try:
            prepare(root, folder)
            each_alone(tap, root)
            all_together(tap, root, dead)
        except (OSError, RuntimeError) as e:
            tap.ok(False, "%s: %s" % (type(e).__name__, e))
        finally:
            root.close()
    server.close()
    if dead:
        dead.close()
    shutil.rmtree(folder)
    return tap.done()


sys.exit(main())
