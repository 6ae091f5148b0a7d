#!/usr/bin/env python3
"""What the daemon counts and remembers: its socket, 'smemail metrics',
'sessions' and 'top', and the JSON event of a message."""
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading

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


def waiting(tap):
    """What is answered 250 and in no mailbox yet: told by the daemon, and
    from its log on disk when it is killed."""
    with tempfile.TemporaryDirectory() as root:
        smemail(root, "init", "--root", root)
        os.makedirs(root + "/var/run", exist_ok=True)
        path = root + "/var/run/smemail-filterd.sock"
        spool = root + "/var/spool/qpsmtpd"
        os.makedirs(spool, exist_ok=True)
        with open(root + "/var/service/qpsmtpd/config/spool_dir", "w",
                  encoding="ascii") as f:
            f.write("# ours\n/var/spool/qpsmtpd\n")
        daemon = filterd.Daemon(
            dict(FILES, spool_dir=spool, queue_log=str(1 << 20)),
            args=["--control", path], folder=root + "/daemon")

        def told():
            return json.loads(smemail(root, "status", "--json")[1])["waiting"]

        def number(name):
            return values(ask(path))[("waiting_" + name, "")]
        tap.ok(told() == {"count": 0, "bytes": 0, "failed": 0,
                          "oldest_s": None, "why": None, "source": "disk"},
               "nothing waits where there is no log", told())
        daemon.start()
        for n in 1, 2:  # the keeper has seen a mailbox that it finds there
            one_message(daemon)
            done = filterd.wait_for(lambda n=n: len(daemon.messages()) == n
                                    and number("messages") == 0)
        tap.ok(done and told()["source"] == "daemon" and
               told()["count"] == 0, "delivered: none waits", told())
        shutil.rmtree(daemon.maildir)
        with open(daemon.maildir, "w", encoding="ascii") as f:
            f.write("in the way\n")
        one_message(daemon)
        one_message(daemon)
        tap.ok(filterd.wait_for(lambda: number("messages") == 2 and
                                number("failed") == 2),
               "two wait, tried in vain", ask(path)[:3000])
        w = told()
        tap.ok(w["count"] == 2 and w["bytes"] % 64 == 0 and
               600 < w["bytes"] < 4000 and w["failed"] == 2 and
               0 <= w["oldest_s"] < 60 and "not a directory" in w["why"] and
               w["source"] == "daemon", "status tells it", w)
        out = smemail(root, "status")[1]
        tap.ok("; 2 in the filter's log (" in out,
               "in words too", out)
        out = smemail(root, "metrics")[1]
        tap.ok("\nsmemail_filterd_waiting_messages 2\n" in out and
               "# waiting" not in out, "and metrics", out)
        filterd.wait_for(lambda: number("oldest_seconds") > 0)
        pid = daemon.parts()["keeper"]
        os.kill(pid, signal.SIGKILL)
        filterd.wait_for(lambda: daemon.parts().get("keeper")
                         not in (None, pid))
        tap.ok(filterd.wait_for(lambda: number("messages") == 2 and
                                number("failed") == 2),
               "the next keeper tells the same", ask(path)[:3000])
        daemon.kill_all()
        log = os.path.join(spool, "queue-log")
        with open(log, "rb") as f:
            before = f.read()
        d = told()
        with open(log, "rb") as f:
            tap.ok(d["count"] == 2 and d["bytes"] == w["bytes"] and
                   d["source"] == "disk" and d["oldest_s"] > 0 and
                   f.read() == before,
                   "without a daemon from its log, which is only read", d)
        with open(log, "r+b") as f:
            f.write(b"x" * 9000)
        out = smemail(root, "status")[1]
        tap.ok("queue log: " in out and "is no queue log" in out,
               "one that is damaged cannot be told", out)
        with open(log, "wb") as f:
            f.write(before)
        os.unlink(daemon.maildir)
        daemon.start()
        tap.ok(filterd.wait_for(lambda: len(daemon.messages()) == 2 and
                                told()["count"] == 0),
               "then they are delivered", told())
        daemon.stop()


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


def asked_once(tap):
    """A view of the overview asks the daemon once for all that it shows."""
    told = (b"smemail_filterd_waiting_messages 3\n"
            b"smemail_filterd_waiting_oldest_seconds 700\n"
            b"# waiting the disk is full\n"
            b"# refused plugins line 3: unknown plugin 'x'\n")
    with tempfile.TemporaryDirectory() as root, \
            socket.socket(socket.AF_UNIX) as s:
        smemail(root, "init", "--root", root)
        path = root + "/var/run/smemail-filterd.sock"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        s.bind(path)
        s.listen()
        asked = []
        over = threading.Event()

        def answer():
            while True:
                with s.accept()[0] as peer:
                    if over.is_set():
                        return
                    asked.append(peer)
                    peer.sendall(told)
        thread = threading.Thread(target=answer)
        thread.start()
        for words in (["status"], ["top", "--once"]):
            asked.clear()
            out = smemail(root, *words)[1]
            tap.ok("3 in the filter's log" in out and len(asked) == 1,
                   "'%s' asks once" % words[0], (len(asked), out))
            if words == ["status"]:
                tap.ok("for 11 min 40 s: the disk is full" in out and
                       "line 3: unknown plugin 'x'" in out,
                       "and has both: what waits, and what was refused", out)
        # it must not wait at a number that another socket has soon
        over.set()
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(path)
            thread.join()


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
    waiting(tap)
    asked_once(tap)
    nobody(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
