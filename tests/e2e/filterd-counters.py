#!/usr/bin/env python3
"""What the daemon counts and remembers: its socket, 'smemail metrics',
'sessions' and 'top', and the JSON event of a message."""
import json
import os
import re
import socket
import stat
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL") or os.path.join(filterd.BUILD, "smemail")
FILES = {
    "plugins": "logging/logterse\nlogging/json_event\nearlytalker\n"
               "badmailfrom\nrcpt_ok\nqueue/maildir @MAILDIR@",
    "badmailfrom": "spam@bad.example",
    "loglevel": "3",
}
VALUE = re.compile(r'^smemail_filterd_(\w+)(?:{\w+="([^"]*)"})? (\d+)$', re.M)


def ask(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(path)
        answer = b""
        while True:
            more = s.recv(65536)
            if not more:
                return answer.decode()
            answer += more


def values(text):
    return {(m[0], m[1]): int(m[2]) for m in VALUE.findall(text)}


def smemail(root, *words):
    done = subprocess.run([SMEMAIL, "--root", root, *words], text=True,
                          check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr


def one_message(daemon):
    peer = daemon.connect("127.0.0.9")
    peer.begin()
    peer.ask("From: a@out.example\r\nMessage-Id: <7@x>\r\n\r\nsecret\r\n.")
    peer.ask("QUIT")
    peer.close()


def refused(daemon):
    peer = daemon.connect("127.0.0.9")
    peer.reply()
    peer.ask("EHLO client.example")
    peer.ask("MAIL FROM:<spam@bad.example>")
    peer.ask("QUIT")
    peer.close()


def counters(tap, daemon, path):
    one_message(daemon)
    refused(daemon)
    filterd.wait_for(lambda: values(ask(path))[("sessions", "")] == 0)
    v = values(ask(path))
    tap.ok(v[("messages_queued_total", "")] == 1 and
           v[("refused_total", "")] == 1 and
           v[("plugin_refused_total", "badmailfrom")] == 1 and
           v[("sessions_total", "smtp")] == 2 and
           v[("plugin_calls_total", "badmailfrom")] == 2, "counted", v)
    tap.ok(v[("plugin_milliseconds_total", "earlytalker")] >= 1900,
           "what a plugin's wait costs", v)
    mode = os.stat(path).st_mode
    tap.ok(stat.S_IMODE(mode) == 0o600, "the socket is its owner's", mode)


def no_reader_holds_it_up(tap, daemon, path):
    silent = []
    for _ in range(20):
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        silent.append(s)
    one_message(daemon)
    v = values(ask(path))
    tap.ok(v[("messages_queued_total", "")] == 2,
           "askers that read nothing hold up nobody", v)
    for s in silent:
        s.close()


def slow_reader(tap, daemon, path):
    """The last conversations are long: who reads them by and by has them
    whole, and those that never read keep neither it nor mail waiting."""
    peers = [daemon.connect("127.0.0.9") for _ in range(64)]
    for peer in peers:
        peer.reply()
        peer.send(("NOOP " + "x" * 400 + "\r\n") * 8 + "QUIT\r\n")
    for peer in peers:
        while peer.reply()[0] not in (0, 221):
            pass
    filterd.wait_for(lambda: values(ask(path))[("sessions", "")] == 0)
    asking = [socket.socket(socket.AF_UNIX) for _ in range(8)]
    for s in asking:
        s.settimeout(20)
        s.connect(path)
    told = asking[0].recv(64)
    one_message(daemon)
    while True:
        more = asking[0].recv(4096)
        if not more:
            break
        told += more
    told = told.decode()
    tap.ok(len(told) > 100000 and told.count("\n# session ") == 64 and
           told.startswith(ask(path)[:64]),
           "one that reads slowly has it whole", (len(told), told[-300:]))
    for s in asking:
        s.close()


def transcripts(tap, root):
    status, out, err = smemail(root, "sessions", "--json")
    rows = json.loads(out)["rows"]
    tap.ok(status == 0 and len(rows) == 3, "the last sessions", out + err)
    told = "\n".join(line["text"] for line in rows[0]["lines"])
    tap.ok("dispatching MAIL FROM:<a@out.example>" in told and
           "250 2.0.0 Queued!" in told,
           "commands and replies, whatever the log level", told)
    tap.ok("secret" not in told, "never a message's text", told)
    status, out, err = smemail(root, "sessions", str(rows[1]["session"]))
    tap.ok(status == 0 and "550" in out and "badmailfrom" in out,
           "one of them whole", out + err)
    status, out, err = smemail(root, "sessions", "1")
    tap.ok(status == 1 and "log search" in err, "one that is not there",
           out + err)
    status, out, err = smemail(root, "sessions")
    tap.ok(status == 0 and "550 5.7.1 Your envelope" in out, "a line each",
           out)


def commands(tap, root):
    status, out, err = smemail(root, "metrics")
    tap.ok(status == 0 and "# TYPE smemail_filterd_sessions gauge" in out and
           "# session" not in out, "metrics for Prometheus", out + err)
    status, out, err = smemail(root, "metrics", "--json")
    rows = json.loads(out)["rows"]
    tap.ok({"name": "plugin_refused_total", "of": "badmailfrom", "value": 1}
           in rows, "metrics as JSON", out)


def event(tap, daemon):
    found = [json.loads(line.split("logging::json_event: ", 1)[1])
             for line in daemon.log().splitlines()
             if "logging::json_event: " in line]
    tap.ok([e["verdict"] for e in found] == ["queued", "refused", "queued"],
           "an event each", found)
    tap.ok(found[0]["from"] == "a@out.example" and
           found[0]["to"] == ["b@local.example"] and
           found[0]["message_id"] == "<7@x>" and
           found[1]["plugin"] == "badmailfrom", "and what is in it", found)


def left_behind(tap, daemon, path):
    """A socket of a dead daemon is no obstacle; a living one's is."""
    other = filterd.Daemon(FILES, args=["--control", path])
    tap.ok(not other.start() and "cannot listen on" in other.log(),
           "no second daemon at the same socket", other.log())
    daemon.stop(limit=20)
    tap.ok(other.start(), "a socket left behind is taken over", other.log())
    tap.ok(values(ask(path))[("messages_queued_total", "")] == 0,
           "and the new one answers")
    other.stop()


def nobody(tap):
    with tempfile.TemporaryDirectory() as root:
        for words in (["metrics"], ["sessions"]):
            status, out, err = smemail(root, "init", "--root", root) \
                if words == ["metrics"] else (0, "", "")
            status, out, err = smemail(root, *words)
            tap.ok(status == 111 and "no filter daemon answers" in err and
                   "next:" in err, "%s without a daemon" % words[0],
                   (status, out, err))
        path = root + "/var/run/smemail-filterd.sock"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(path)
            silent.listen()
            status, out, err = smemail(root, "metrics")
            tap.ok(status == 111 and "the filter daemon at '/var/run/smemail-"
                   "filterd.sock' does not answer" in err and "next:" in err,
                   "with one that is silent", (status, out, err))


def main():
    tap = filterd.Tap()
    with tempfile.TemporaryDirectory() as root:
        smemail(root, "init", "--root", root)
        os.makedirs(root + "/var/run", exist_ok=True)
        path = root + "/var/run/smemail-filterd.sock"
        daemon = filterd.Daemon(FILES, args=["--control", path])
        with daemon:
            counters(tap, daemon, path)
            no_reader_holds_it_up(tap, daemon, path)
            filterd.wait_for(
                lambda: values(ask(path))[("sessions", "")] == 0)
            transcripts(tap, root)
            commands(tap, root)
            event(tap, daemon)
            slow_reader(tap, daemon, path)
            left_behind(tap, daemon, path)
    nobody(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
