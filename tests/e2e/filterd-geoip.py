#!/usr/bin/env python3
"""ident/geoip and check_badcountries (FL-49): a database of our own, clients
whose addresses are no loopback, databases that are bad or cut under way, and
what log and report make of it."""
import json
import os
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
import mailroot  # noqa: E402
import mmdb  # noqa: E402

GERMAN, AMERICAN, NOWHERE = "198.51.100.7", "203.0.113.9", "192.0.2.5"
PLACES = {
    "198.51.100.0/24": mmdb.city("EU", "DE", "Z\u00fcrich", (47.4, 8.5)),
    "203.0.113.0/24": mmdb.city("NA", "US", "Seattle", (47.6, -122.3)),
    "198.51.100.128/25": mmdb.city("EU", "FR"),
}
NETWORKS = {"203.0.113.0/24": {"autonomous_system_number": 64500,
                               "autonomous_system_organization": "Test"}}
PLUGINS = ("logging/logterse\n"
           "ident/geoip db_dir %s distance " + GERMAN + " too_far 5000\n"
           "check_badcountries db_dir %s\nrcpt_ok\nqueue/maildir @MAILDIR@")


def own_network():
    """Start anew where the addresses of the test are this machine's."""
    if os.environ.get("FILTERD_GEOIP_INSIDE"):
        return True
    script = "ip link set lo up && for a in %s %s %s; do ip addr add $a/32 " \
        "dev lo || exit 77; done; exec \"$@\"" % (GERMAN, AMERICAN, NOWHERE)
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", script, "-", sys.executable, __file__],
        env=dict(os.environ, FILTERD_GEOIP_INSIDE="1"), check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    if done.returncode and "ok " not in done.stdout:
        print("1..0 # SKIP no network namespace: %s" %
              done.stderr.strip().splitlines()[-1:])
        sys.exit(0)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    sys.exit(done.returncode)


def databases(folder):
    os.makedirs(folder, exist_ok=True)
    mmdb.write(os.path.join(folder, "GeoLite2-City.mmdb"), PLACES)
    mmdb.write(os.path.join(folder, "GeoLite2-ASN.mmdb"), NETWORKS,
               "GeoLite2-ASN")


def config(folder, **more):
    return dict({"plugins": PLUGINS % (folder, folder), "loglevel": "6",
                 "badcountries": "us\n"}, **more)


def greeting(daemon, source):
    peer = daemon.connect(source)
    code, text = peer.reply()
    peer.close()
    return code, text


def writer(tap):
    """tests/data/geo is what our own writer makes."""
    place = os.path.join(TOP, "tests", "data", "geo", "")
    for name, kind in (("city", "City"), ("asn", "ASN")):
        with open(place + name + ".json", encoding="utf-8") as f:
            made = mmdb.build(json.load(f), "GeoLite2-" + kind)
        with open(place + "GeoLite2-%s.mmdb" % kind, "rb") as f:
            tap.ok(f.read() == made, "tests/data/geo: %s" % kind)


def decisions(tap, daemon):
    code, text = greeting(daemon, GERMAN)
    tap.ok(code == 220, "FL-49: a country that is not listed", (code, text))
    tap.ok(daemon.logged("(connect) ident::geoip: EU, DE, Z"),
           "the log tells where it is", daemon.log())
    tap.ok(daemon.logged("(connect) check_badcountries: GeoIP Country: DE"),
           "in the words that log readers look for", daemon.log())
    code, text = greeting(daemon, AMERICAN)
    tap.ok(code == 550, "a country that is listed: 550", (code, text))
    tap.ok(daemon.logged("ident::geoip: NA, US, Seattle, 8") and
           daemon.logged(" km, AS64500"), "distance and network",
           daemon.log())
    tap.ok(daemon.logged("fail, tolerated, too far: 8"),
           "one that is too far", daemon.log())
    tap.ok(daemon.logged("\tcheck_badcountries\t901\t"), "the terse line",
           daemon.log())
    code, _ = greeting(daemon, NOWHERE)
    tap.ok(code == 220 and daemon.logged("geoip: skip, place not known"),
           "an address in no database", daemon.log())
    code, _ = greeting(daemon, "127.0.0.5")
    tap.ok(code == 220 and daemon.logged("geoip: skip, loopback"),
           "loopback is skipped", daemon.log())


def fields(tap, daemon):
    peer = daemon.connect(GERMAN)
    peer.begin()
    peer.send("From: a@out.example\r\nX-GeoIP-Country: XX\r\n"
              "x-geoip-asn: 1\r\n\r\nx\r\n.\r\n")
    code, _ = peer.reply()
    peer.close()
    message = (daemon.messages() + [b""])[0].decode()
    tap.ok(code == 250 and "\nX-GeoIP-Country: DE\nX-GeoIP-Continent: EU\n"
           "X-GeoIP-City: =?UTF-8?Q?Z=C3=BCrich?=\n" in message,
           "add_headers", message)
    tap.ok("XX" not in message and "asn" not in message,
           "fields that came in are dropped", message)


def replaced(tap, daemon, folder):
    place = os.path.join(folder, "GeoLite2-City.mmdb")
    mmdb.write(place + ".new", {"198.51.100.0/24": mmdb.city("NA", "US")})
    os.rename(place + ".new", place)
    code, _ = greeting(daemon, GERMAN)
    tap.ok(code == 550, "a database that is replaced is read at once", code)
    databases(folder)
    daemon.process.send_signal(signal.SIGHUP)
    tap.ok(filterd.wait_for(lambda: greeting(daemon, GERMAN)[0] == 220),
           "and at HUP")


def bad_ones(tap, folder):
    """Whatever the file holds, sessions go on and no worker dies."""
    good = mmdb.build(PLACES)
    bad = {"empty": b"", "none": None, "half": good[:len(good) // 2],
           "noise": bytes(range(256)) * 64,
           "cut tree": good[200:],
           "wild pointers": b"\xff" * (len(good) // 2) +
           good[len(good) // 2:],
           "no end": mmdb.build({"198.51.100.0/24": b"\x20\x00"}),
           "deep": mmdb.build({"198.51.100.0/24": b"\xe1\x41a" * 60000}),
           "wrong types": mmdb.build({"198.51.100.0/24": {
               "country": {"iso_code": 7}, "continent": "x",
               "city": {"names": ["y"]}}}),
           "hostile texts": mmdb.build({"198.51.100.0/24": mmdb.city(
               "\r\n", "D\n", "\x1b[2J\r\nBcc: x")})}
    place = os.path.join(folder, "GeoLite2-City.mmdb")
    os.unlink(place)
    for name, content in sorted(bad.items()):
        if content is not None:
            with open(place, "wb") as f:
                f.write(content)
        with filterd.Daemon(config(folder)) as daemon:
            before = daemon.workers()
            codes = [greeting(daemon, GERMAN)[0] for _ in range(3)]
            log = daemon.log()
            tap.ok(codes == [220] * 3 and
                   before == daemon.workers(),
                   "a database that is bad: %s" % name, (codes, log))
            tap.ok("\x1b" not in log and "\nBcc" not in log and
                   (name in ("cut tree", "hostile texts", "wrong types", "deep", "no end",
                             "wild pointers") or
                    "error, no database of places" in log),
                   "and it is told: %s" % name, log)
            # cut while it is in use
            databases(folder)
            daemon.process.send_signal(signal.SIGHUP)
            filterd.wait_for(
                lambda: "GeoIP Country: DE" in daemon.log() or
                not greeting(daemon, GERMAN))
            with open(place, "r+b") as f:
                f.truncate(40)
            codes = [greeting(daemon, GERMAN)[0] for _ in range(2)]
            tap.ok(codes == [220, 220] and
                   before == daemon.workers(),
                   "one that is cut under way: %s" % name,
                   (codes, daemon.log()))
        os.unlink(place)


def rehearsed(tap, daemon):
    for source, wanted in ((GERMAN, 0), (AMERICAN, 1)):
        done = subprocess.run(
            [mailroot.SMEMAIL, "rehearse", "--config", daemon.config,
             "--no-dns", "--from-ip", source, "--rcpt", "b@local.example",
             "--json"], check=False, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, encoding="utf-8",
            env=dict(os.environ, SMEMAIL_ROOT=daemon.folder))
        steps = json.loads(done.stdout or "{}").get("steps", [])
        told = {s["plugin"]: s for s in steps if s["phase"] == "connect"}
        tap.ok(done.returncode == wanted and
               told["check_badcountries"]["result"] ==
               ("refused" if wanted else "pass") and
               told["ident::geoip"]["text"].startswith(
                   "too far" if wanted else "EU, DE"),
               "rehearse shows it for %s" % source, done.stdout + done.stderr)


def setting(tap):
    """set, apply, a client: filter.geoip-bad-countries below a folder."""
    root = mailroot.Root()
    try:
        os.chmod(root.folder, 0o755)
        databases(root.path("/usr/share/GeoIP"))
        root.must("set", "filter.geoip-bad-countries", "US,CN", "--accept",
                  "may-block-legit")
        root.must("up")
        root.must("apply")
        line = root.read(mailroot.CONFIG + "/peers/0")
        countries = root.read(mailroot.CONFIG + "/badcountries")
        tap.ok("\ncheck_badcountries db_dir " in line and
               countries.endswith("\nUS\nCN\n"),
               "the setting writes list and line", line + countries)
        answers = {}
        for source in (AMERICAN, GERMAN):
            answers[source] = filterd.wait_for(
                lambda s=source: root.connect(s).reply()[0], 5)
        tap.ok(answers == {AMERICAN: 550, GERMAN: 220},
               "and the running daemon keeps to it", answers)
        status, out, _ = root.run("log", "trace", AMERICAN, "--json")
        tap.ok(status == 0 and '"US"' in out and "check_badcountries" in out,
               "log trace tells country and plugin", out[-2000:])
        # up to the second before now
        counted = filterd.wait_for(lambda: '"countries":{"DE":1,"US":1}' in
                                   root.run("report", "--since", "1 hour ago",
                                            "--json")[1].replace(
                                       '{"US":1,"DE":1}', '{"DE":1,"US":1}'),
                                   5, 0.3)
        tap.ok(counted, "the report counts countries (LG-62)")
    finally:
        root.close()


def main():
    own_network()
    tap = filterd.Tap()
    writer(tap)
    folder = filterd.tempfile.mkdtemp(prefix="geoip.")
    os.chmod(folder, 0o755)  # the part that reads it is nobody
    try:
        databases(folder)
        with filterd.Daemon(config(folder)) as daemon:
            decisions(tap, daemon)
            fields(tap, daemon)
            replaced(tap, daemon, folder)
            rehearsed(tap, daemon)
        bad_ones(tap, folder)
        setting(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
