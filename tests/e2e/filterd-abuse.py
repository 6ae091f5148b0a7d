#!/usr/bin/env python3
"""smemail-filterd stands smuggling and protocol abuse (FL-6, FL-11 to FL-17,
FL-24 to FL-32, FL-78, FL-80, FL-81): every script gets an allowed answer, nothing is smuggled, and
the daemon lives."""
import argparse
import concurrent.futures
import contextlib
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
import smtpscript  # noqa: E402

DATA = os.path.join(TOP, "tests", "data", "smtp")
PLUGINS = """tls @CERT@ @KEY@ @CERT@
auth/auth_flat_file
relay
helo policy lenient
count_unrecognized_commands 8
rcpt_ok
queue/maildir @MAILDIR@"""
# cases with a daemon of their own: (name begins so, settings)
SPECIAL = {
    "clear": (("auth-huge", "auth-bad", "auth-login", "auth-nul"),
              {"tls_before_auth": "0"}),
    "hasty": (("idle",), {"timeoutsmtpd": "1"}),
    "strict": (("cmd-bare-lf", "mail-from-lf"), {"bare_lf": "reject-all"}),
    "headers": (("hdr-", "many-", "long-", "nul-"),
                {"plugins": "headers require From\n" + PLUGINS}),
}


def play(path, port):
    said = []
    try:
        smtpscript.play(path, argparse.Namespace(
            host="127.0.0.1", port=port, timeout=10), said.append)
        good = True
    except (smtpscript.Mismatch, OSError) as e:
        said.append(repr(e))
        good = False
    return good, "\n".join(said)


def configured(folder, name, files, pair):
    files["plugins"] = files["plugins"].replace(
        "@CERT@", pair[0]).replace("@KEY@", pair[1])
    return filterd.Daemon(files, folder=os.path.join(folder, name))


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-abuse.")
    cases = filterd.split_cases(os.path.join(DATA, "abuse.txt"))
    pair = filterd.certificate(folder)
    files = {"plugins": PLUGINS, "loglevel": "7",
             "flat_auth_pw": "user@local.example:secretpass"}
    usual = configured(folder, "usual", files, pair)
    others = {name: configured(folder, name, dict(files, **more), pair)
              for name, (_, more) in SPECIAL.items()}
    try:
        with contextlib.ExitStack() as stack:
            for daemon in (usual, *others.values()):
                stack.enter_context(daemon)
            pool = stack.enter_context(
                concurrent.futures.ThreadPoolExecutor(8))
            before = [d.parts() for d in (usual, *others.values())]
            jobs = {}
            for name, text in cases.items():
                path = os.path.join(folder, name)
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
                port = usual.port
                for key, (names, _) in SPECIAL.items():
                    if name.startswith(names):
                        port = others[key].port
                jobs[name] = pool.submit(play, path, port)
            for name, job in jobs.items():
                good, detail = job.result()
                tap.ok(good, "%s: answered as allowed" % name,
                       detail[-2000:])
            # after the headers no message may hold another's envelope
            every = (usual, *others.values())
            smuggled = [m for d in every for m in d.messages()
                        if b"Delivered-To: victim@" in m or
                        b"Return-Path: <evil@" in m]
            tap.ok(not smuggled, "nothing was smuggled", smuggled[:1])
            tap.ok([d.parts() for d in every] == before,
                   "no part of a daemon died",
                   usual.log()[-3000:])
            clean = all(c == "\n" or (" " <= c != "\x7f")
                        for d in every for c in d.log().replace("\t", ""))
            tap.ok(clean, "no control character of a peer is in the log")
            told = [w for d in every for w in
                    ("secretpass", "AHVzZXIA", "c2VjcmV0", "cGFzc")
                    if w in d.log()]
            tap.ok(not told, "no password is in the log (FL-42)", told)
            peer = usual.connect()
            tap.ok(peer.reply()[0] == 220, "it still greets")
            peer.close()
            tap.ok(usual.stop() == 0, "it ends in order", usual.log()[-3000:])
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
