#!/usr/bin/env python3
"""report --mail and --daily: what a mail server gets is what the command
shows, as text, as a page or both (RFC 2045, 2046), to whom the mailstats
settings say; and what is no address is refused before anything is counted."""
import email
import email.policy
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
from asked import Asked  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
VERDICT = ("@400000006a5e10%02x00000000 7 (deny) logging::logterse: ` "
           "203.0.113.9\tmx.example\tmx.example\t<ann@ex\u00e4mple.test>\t"
           "<b@acme.test>\tdnsbl\t903\tBlocked - <.>\tdenied\t\n")


def smemail(root, *args):
    done = subprocess.run([SMEMAIL, "--root", root, *args], check=False,
                          capture_output=True, timeout=60,
                          env={"PATH": os.environ["PATH"], "TZ": "UTC"})
    return done.returncode, done.stdout, done.stderr.decode()


def envelope(server):
    return [line for line in server.heard[-1]
            if line.startswith(("MAIL", "RCPT"))]


def taken(server):
    """The last message, dots and line ends as a reader has them."""
    text = server.texts[-1]
    assert b"\n" not in text.replace(b"\r\n", b"")
    lines = text[:-3].split(b"\r\n")
    return email.message_from_bytes(b"\n".join(
        line[1:] if line.startswith(b".") else line for line in lines),
        policy=email.policy.default)


def bodies(message):
    return [(p.get_content_type(), p.get_payload(decode=True))
            for p in message.walk() if not p.is_multipart()]


def forms(tap, root, logs, server):
    _, text, _ = smemail(root, "report", "--logs", logs)
    _, page, _ = smemail(root, "report", "--logs", logs, "--html")
    for form, wanted in (
            ("no", [("text/plain", text)]), ("yes", [("text/html", page)]),
            ("both", [("text/plain", text), ("text/html", page)])):
        smemail(root, "set", "mailstats.html", form)
        status, out, err = smemail(root, "report", "--logs", logs, "--mail",
                                   "ann@far.example")
        tap.ok(status == 0 and out == b"" and
               "report sent to ann@far.example" in err, form + ": it is sent",
               err)
        message = taken(server)
        tap.ok(bodies(message) == wanted, form + ": it is what is shown",
               bodies(message))
        tap.ok(envelope(server) == ["MAIL FROM:<>",
                                    "RCPT TO:<ann@far.example>"],
               form + ": no bounce of it is answered", server.heard[-1])
    tap.ok(message["To"] == "ann@far.example" and message["Date"] and
           message["Message-ID"] and
           message["Auto-Submitted"] == "auto-generated" and
           str(message["From"]).endswith("<postmaster@acme.test>"),
           "its head", message.items())


def daily(tap, root, logs, server):
    status, _, err = smemail(root, "report", "--daily", "--logs", logs)
    tap.ok(status == 0 and envelope(server)[1] == "RCPT TO:<admin@acme.test>",
           "--daily: to admin of this server", err)
    smemail(root, "config", "setprop", "mailstats", "Email", "a b")
    n = len(server.texts)
    status, _, err = smemail(root, "report", "--daily", "--logs", logs)
    tap.ok(status == 2 and "'a b' is no address" in err and
           "next: smemail --root %s set mailstats.email" % root in err and
           len(server.texts) == n, "a setting that names nobody", err)
    smemail(root, "config", "delprop", "mailstats", "Email")


def trouble(tap, root, logs, server):
    n = len(server.heard)
    for to in ("", "a b@far.example", "a@far.example\nRCPT TO:<b@c.example>",
               "a@b@far.example", "a@far.example> X", "<a@far.example>", "@"):
        status, out, err = smemail(root, "report", "--logs", logs, "--mail",
                                   to)
        tap.ok(status == 2 and out == b"" and "is no address" in err,
               "refused: %r" % to, err)
    status, _, err = smemail(root, "report", "--day", "yesterday", "--from",
                             "monday")
    tap.ok(status == 2 and "--day is the whole period" in err,
           "two periods are refused", err)
    tap.ok(len(server.heard) == n, "and nobody was called")
    for reply, code in (("450 4.2.1 later", 111), ("550 5.1.1 nobody", 100)):
        server.replies = {"RCPT": reply}
        status, _, err = smemail(root, "report", "--logs", logs, "--mail",
                                 "ann@far.example")
        tap.ok(status == code and reply in err, "told: %s" % reply, err)
    server.close()
    status, _, err = smemail(root, "report", "--logs", logs, "--mail",
                             "ann@far.example")
    tap.ok(status == 111 and "cannot connect" in err, "nobody listens", err)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="report-mail.")
    root, logs = folder + "/root", folder + "/logs"
    server = Asked()
    try:
        smemail(root, "init", "--root", root, "--domain", "acme.test",
                "--user", "anna")
        smemail(root, "config", "setprop", "smtpd", "TCPPort",
                str(server.port))
        os.makedirs(logs + "/qpsmtpd")
        with open(logs + "/qpsmtpd/current", "w", encoding="utf-8") as f:
            f.write("".join(VERDICT % i for i in range(60)))
        forms(tap, root, logs, server)
        daily(tap, root, logs, server)
        trouble(tap, root, logs, server)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
