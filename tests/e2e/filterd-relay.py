#!/usr/bin/env python3
"""No open relay, however it is asked for (FL-12, FL-43, FL-61, FL-62, FL-79,
FL-82, FL-97): settings, clients, ports, logins and spellings of recipients,
all by all, against what the rules say of each."""
import base64
import os
import shutil
import ssl
import struct
import sys

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

QUEUE = "rcpt_ok\nqueue/maildir @MAILDIR@"
ROLES = ("smtp", "submission", "smtps")
STRANGER, FRIEND, EXCLUDED, LOCAL = ("127.0.1.9", "127.0.2.9", "127.0.2.66",
                                     "127.0.3.9")
LOGIN = base64.b64encode(b"\0ann@local.example\0secret").decode()

# Domains that are ours, each as a client might write it, and that are not.
OURS = ("local.example", "LOCAL.Example", "mx.local.example",
        "a.sub.example", "a.b.SUB.example", "[127.0.0.1]", "cdb.example",
        "x.cdbsub.example")
NOT_OURS = ("far.example", "sub.example", "xlocal.example", "local.example.far",
            "asub.example", "example", "[127.0.0.2]", "[IPv6:::1]",
            "127.0.0.1", "cdbsub.example", "xcdb.example", "routed.example",
            "virtual.example", "friend.far.example", "star.example",
            "a.star.example")
# "%s" is the domain that counts.
LOCALS = ("x@%s", "x%%far.example@%s", "x%%local.example@%s",
          "far.example!x@%s", "local.example!x@%s", '"x@far.example"@%s',
          '"x@local.example"@%s', '"@far.example:x"@%s', '"far.example!x"@%s',
          "@far.example:x@%s", "@local.example:x@%s",
          "@local.example,@far.example:x@%s", "postmaster@%s", "abuse@%s",
          "x+far.example@%s", "x=far.example@%s", '"x far"@%s')
# Nobody can have these taken, whoever he is.
BROKEN = ("x@far.example@local.example", "x@local.example@far.example",
          "x@local.example.", "x@far.example.", "x@.local.example", "x@",
          "@local.example", "x", "far.example!x", "x%far.example",
          "<x@far.example", "x@local.example,far.example",
          "x@local.example:25", "x@[127.0.0.1", "x@127.0.0.1]",
          "x@local.example far.example", "x@local..example", "")


def cdb(keys):
    """A constant database of these keys, without values (cr.yp.to/cdb)."""
    def hashed(key):
        h = 5381
        for c in key:
            h = ((h << 5) + h & 0xffffffff) ^ c
        return h
    body, slots, at = b"", [[] for _ in range(256)], 2048
    for key in keys:
        h = hashed(key)
        slots[h & 255].append((h, at))
        record = struct.pack("<II", len(key), 0) + key
        body += record
        at += len(record)
    tables, head = b"", b""
    for entries in slots:
        n = 2 * len(entries)
        head += struct.pack("<II", at + len(tables), n)
        table = [(0, 0)] * n
        for h, where in entries:
            i = (h >> 8) % n
            while table[i][1]:
                i = (i + 1) % n
            table[i] = (h, where)
        tables += b"".join(struct.pack("<II", *e) for e in table)
    return head + body + tables


class Setting:
    """Plugins and files, and who may send anywhere under them."""

    def __init__(self, name, plugins, may=(), env=None,
                 **files):
        self.name = name
        self.plugins = plugins
        self.may = may
        self.env = env
        self.files = {k.replace("__", "/"): v for k, v in files.items()}


RELAYS = {"relayclients": "127.0.2.\n127.0.1\n127.0.1.9/33\n*",
          "norelayclients": "127.0.2.64/26"}
SETTINGS = (
    Setting("nothing", QUEUE),
    Setting("relay", "relay\n" + QUEUE, (FRIEND,), **RELAYS),
    Setting("old names", "check_relay\ncheck_norelay\n" + QUEUE, (FRIEND,),
            **RELAYS),
    Setting("more of them", "relay\n" + QUEUE, (FRIEND,),
            morerelayclients="127.0.2.0/24", relayclients="127.0.9.9",
            norelayclients="127.0.2.66"),
    Setting("environment", "relay\n" + QUEUE, (STRANGER, FRIEND, LOCAL),
            {"RELAYCLIENT": ""}, norelayclients="127.0.2.66"),
    Setting("environment without the plugin", QUEUE, (), {"RELAYCLIENT": ""}),
    Setting("white", "whitelist\nwhitelist:1\n" + QUEUE,
            whitelisthosts="127.0.0.0/8", whitelisthelo="client.example",
            whitelistsenders="a@out.example\nout.example",
            whitelistrcpt="\n".join(NOT_OURS + ("x@far.example",))),
    Setting("known recipients", "check_goodrcptto extn -\n" + QUEUE,
            goodrcptto="x\nabuse\npostmaster\nfar.example!x\nx far\n" +
            "\n".join("@" + d.lower() for d in OURS + NOT_OURS)),
    Setting("routes", "check_smtp_forward timeout 1\n" + QUEUE,
            smtproutes="routed.example:127.0.0.1:1\nfar.example:127.0.0.1:1\n"
            ":127.0.0.1:1", virtualdomains="virtual.example:ann\n:all",
            locals="virtual.example\nfar.example"),
    Setting("marks", "helo reject naughty\nnaughty reject data\n"
            "badmailfrom reject 0\nbcc mode cc all ann@far.example\n"
            "noop_counter\n" + QUEUE, badmailfrom="@out.example"),
    Setting("lists by address", "peers", (LOCAL,),
            peers__0="auth/auth_flat_file\n" + QUEUE,
            peers__local="relay\n" + QUEUE,
            **{"peers/127.0.3": "auth/auth_flat_file\nrelay\n" + QUEUE,
               "relayclients": "127.0.3.\n127.0.2."}),
)


def files_of(setting, cert, key):
    plugins = setting.plugins
    tls = "tls %s %s %s\n" % (cert, key, cert)
    if not plugins.startswith("peers"):
        plugins = "auth/auth_flat_file\n" + plugins
    return dict({
        "me": "mx.local.example", "tls_before_auth": "0",
        "rcpthosts": "local.example\n.Sub.example\n[127.0.0.1]\n*.star.example",
        "flat_auth_pw": "ann@local.example:secret", "max_rcpts": "10000",
        "plugins": tls + plugins, "loglevel": "4"}, **setting.files)


def rcpts():
    """(text, domain or None where it is broken)"""
    for domain in OURS + NOT_OURS:
        for local in LOCALS:
            yield local % domain, domain
    for text in BROKEN:
        yield text, None


def session(daemon, role, source, log_in):
    peer = daemon.connect(source=source, role=role)
    if role == "smtps":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        peer = filterd.Peer(context.wrap_socket(peer.s))
    peer.reply()
    peer.ask("EHLO client.example")
    if log_in and peer.ask("AUTH PLAIN " + LOGIN)[0] != 235:
        raise RuntimeError("no login")
    return peer


def replies(peer, lines, at_once=100):
    """The codes of many commands, some of them at a time."""
    codes = []
    for i in range(0, len(lines), at_once):
        part = lines[i:i + at_once]
        peer.send("".join(line + "\r\n" for line in part))
        codes += [peer.reply()[0] for _ in part]
    return codes


def is_right(code, domain, may):
    if domain is None:
        return code == 501
    if may or domain in OURS:
        return code == 250
    return code == 550


def try_all(tap, setting, daemon):
    tried, relayed, wrong = 0, 0, []
    texts = list(rcpts())
    for role in ROLES:
        for source in (STRANGER, FRIEND, EXCLUDED, LOCAL):
            for log_in in (False, True):
                may = log_in or source in setting.may
                where = (role, source, log_in)
                peer = session(daemon, role, source, log_in)
                code = peer.ask("MAIL FROM:<a@out.example>")[0]
                if role == "submission" and not may:
                    if code != 530:  # FL-79
                        wrong.append(where + ("MAIL", code))
                    peer.close()
                    continue
                codes = replies(peer, ["RCPT TO:<%s>" % t for t, _ in texts])
                peer.close()
                for (text, domain), code in zip(texts, codes):
                    tried += 1
                    relayed += code == 250 and domain in NOT_OURS
                    if not is_right(code, domain, may):
                        wrong.append(where + (text, code))
    tap.ok(tried and not wrong, "%s: %d recipients asked, %d relayed"
           % (setting.name, tried, relayed), wrong[:20])


def main():
    tap = filterd.Tap()
    for setting in SETTINGS:
        daemon = filterd.Daemon({}, env=setting.env)
        cert, key = filterd.certificate(daemon.folder)
        filterd.write_config(daemon.config, {
            k: v.replace("@MAILDIR@", daemon.maildir)
            for k, v in files_of(setting, cert, key).items()})
        with open(os.path.join(daemon.config, "morercpthosts.cdb"),
                  "wb") as f:
            f.write(cdb([b"cdb.example", b".cdbsub.example"]))
        if not daemon.start(*ROLES):
            tap.ok(False, setting.name + ": it starts", daemon.log())
            continue
        try_all(tap, setting, daemon)
        tap.ok(daemon.stop() == 0, setting.name + ": it ends in order",
               daemon.log())
        shutil.rmtree(daemon.folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
