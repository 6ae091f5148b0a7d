#!/usr/bin/env python3
"""smemail karma and greylist: what the running filter remembers, shown and
forgotten (FL-165, FL-125); 'rehearse' looks at it and changes nothing."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

SMEMAIL = os.path.join(filterd.BUILD, "smemail")
BAD, GOOD = "127.0.0.61", "127.0.0.62"


class Root:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "root")
        self.env = {"PATH": "/usr/bin:/bin", "TZ": "UTC", "HOME": folder,
                    "SMEMAIL_ROOT": self.folder, "LC_ALL": "C.UTF-8"}

    def run(self, *args, env=None):
        done = subprocess.run([SMEMAIL, *args], check=False,
                              env=dict(self.env, **(env or {})),
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def path(self, name):
        return os.path.join(self.folder, name)


def session(daemon, source, sender, n=1):
    peer = daemon.connect(source)
    peer.reply()
    peer.ask("EHLO client.example")
    code, text = peer.ask("MAIL FROM:<%s>" % sender)
    for i in range(n):
        code, text = peer.ask("RCPT TO:<admin@example.test>")
    if code == 250:
        code, text = peer.ask("DATA")
    peer.close()
    return code, text


def state_bytes(root):
    """Everything that is kept, to tell a change by."""
    found = {}
    for where, _, names in os.walk(root.path("var/lib/qpsmtpd")):
        for name in names:
            if name.endswith("-shm"):  # readers leave marks in it
                continue
            with open(os.path.join(where, name), "rb") as f:
                found[name] = f.read()
    return found


def shown(root, *args):
    status, out, err = root.run(*args, "--json")
    return status, json.loads(out), err


def before(tap, root):
    status, out, err = root.run("karma", "show")
    tap.ok(status == 0 and not out and "nothing is remembered" in err and
           "not in the configuration" in err,
           "nothing yet, and why", (status, out, err))
    status, out, err = root.run("karma", "show", BAD)
    tap.ok(status == 1 and "nothing is remembered of '%s'" % BAD in err,
           "an unknown address: no", (status, err))
    status, _, err = root.run("karma", "clear", BAD)
    tap.ok(status == 1, "nor can it be forgotten", (status, err))
    for args in (("karma", "clear"), ("karma", "clear", "--all", BAD),
                 ("greylist", "clear"), ("karma", "show", "--limit", "x")):
        status, _, err = root.run(*args)
        tap.ok(status == 2 and err, "usage: %s" % " ".join(args), err)


def karma(tap, root, daemon):
    for _ in range(2):
        session(daemon, BAD, "a@x.info")
    session(daemon, GOOD, "a@x.org")

    def counted():
        rows = shown(root, "karma", "show")[1]["rows"]
        return len(rows) == 2 and [(r["address"], r["sessions"])
                                   for r in rows] == [(BAD, 2), (GOOD, 1)]
    tap.ok(filterd.wait_for(counted), "karma show: who is shut out first",
           shown(root, "karma", "show"))
    status, told, _ = shown(root, "karma", "show", BAD)
    row = told["rows"][0]
    tap.ok(status == 0 and told["loaded"] and told["total"] == 1 and
           (row["naughty"], row["nice"], row["history"]) == (2, 0, -2) and
           re.match(r"20\d\d-\d\d-\d\dT", row["shut_out_until"] or ""),
           "karma show ADDRESS --json", told)
    status, out, err = root.run("karma", "show")
    tap.ok(status == 0 and re.search(
        r"^%s +2 +0 +-2 +2 +\S+" % re.escape(BAD), out, re.M) and re.search(
            r"^%s +0 +1 +1 +1 +-$" % re.escape(GOOD), out, re.M),
        "karma show as text", out + err)
    status, out, err = root.run("karma", "show", "--limit", "1")
    tap.ok(BAD in out and GOOD not in out and "1 more: --limit" in err,
           "--limit", out + err)


def rehearsals(tap, root):
    kept = state_bytes(root)

    def rehearse(source):
        status, out, _ = root.run(
            "rehearse", "--from-ip", source, "--mail-from", "new@out.example",
            "--rcpt", "admin@example.test", "--no-dns", "--json")
        told = json.loads(out)
        return status, told, {s["plugin"]: s for s in told["steps"]
                              if s["result"] != "pass" or s["text"]}
    status, told, steps = rehearse(BAD)
    tap.ok(status == 1 and "(karma) You were naughty" in told["reply"] and
           steps["karma"]["result"] == "marked" and
           told["setting"] == "filter.karma",
           "rehearse: the one in the penalty box is refused", told)
    for _ in range(2):
        status, told, steps = rehearse(GOOD)
        tap.ok(status == 111 and "temporarily denied" in told["reply"] and
               told["setting"] == "filter.greylisting",
               "rehearse: a stranger is asked to come back, each time", told)
    tap.ok(state_bytes(root) == kept, "and nothing was counted",
           [(k, len(v)) for k, v in state_bytes(root).items()])


def clearing(tap, root, daemon):
    status, out, err = root.run("karma", "clear", BAD, "--dry-run")
    tap.ok(status == 0 and out == BAD + "\n", "karma clear --dry-run",
           out + err)
    tap.ok(shown(root, "karma", "show", BAD)[0] == 0, "forgets nothing")
    code, text = session(daemon, BAD, "b@out.example")
    tap.ok(code == 550 and "naughty" in text, "he is shut out", text)
    status, out, err = root.run("karma", "clear", BAD)
    tap.ok(status == 0 and "forgotten: 1" in err, "karma clear", err)
    code, text = session(daemon, BAD, "b@out.example")
    tap.ok(code in (250, 354, 450, 451) and "naughty" not in text,
           "and may connect at once, the daemon running on", (code, text))
    # what a session that has just ended leaves is stored behind its end
    filterd.wait_for(lambda: shown(root, "karma", "show", BAD)[0] == 0)

    def all_is_forgotten():
        status = root.run("karma", "clear", "--all")[0]
        return status == 0 and shown(root, "karma", "show")[1]["total"] == 0
    tap.ok(filterd.wait_for(all_is_forgotten), "karma clear --all")


def greylist(tap, root, daemon):
    root.run("greylist", "clear", "--all")
    code, text = session(daemon, GOOD, "Anna@out.example")
    tap.ok(code == 451 and "temporarily denied" in text,
           "greylisting as the setting has it: at DATA", (code, text))
    status, told, _ = shown(root, "greylist", "show", "OUT.example")
    row = (told["rows"] or [{}])[0]
    tap.ok(status == 0 and
           row.get("who") == "anna@out.example:admin@example.test" and
           row["state"] in ("waits", "due") and row["tried"] == 1 and
           row["taken"] == 0, "greylist show TEXT", told)
    tap.ok(filterd.wait_for(
        lambda: session(daemon, GOOD, "Anna@out.example")[0] == 354),
        "after a second he is taken")
    status, out, err = root.run("greylist", "show")
    tap.ok(re.search(r"^anna@out\.example:admin@example\.test +known +\d+ +1 ",
                     out, re.M), "and known", out + err)
    status, out, err = root.run("greylist", "show", "nobody")
    tap.ok(status == 1 and "of 'nobody'" in err, "nobody else", err)
    status, _, err = root.run("greylist", "clear", "anna@")
    tap.ok(status == 0 and session(daemon, GOOD, "Anna@out.example")[0] == 451,
           "who is forgotten is a stranger", err)


def trouble(tap, root):
    """A file that cannot be used: told, with what to do."""
    path = root.path("var/lib/qpsmtpd/karma/karma.sqlite")
    for name in os.listdir(os.path.dirname(path)):
        os.unlink(os.path.join(os.path.dirname(path), name))
    with open(path, "wb") as f:
        f.write(b"no database at all" * 100)
    for args in (("karma", "show"), ("karma", "clear", "--all")):
        status, out, err = root.run(*args)
        tap.ok(status == 100 and not out and "karma.sqlite" in err and
               "not a database" in err, "broken: %s" % " ".join(args), err)
    status, out, err = root.run(
        "rehearse", "--from-ip", BAD, "--mail-from", "a@out.example", "--rcpt",
        "admin@example.test", "--no-dns", "--json")
    told = json.loads(out)
    tap.ok(any(s["plugin"] == "karma" and "history unknown" in s["text"]
               for s in told["steps"]), "rehearse says so too", told)
    os.unlink(path)
    status, out, err = root.run("karma", "show", env={"LC_ALL": "fr_FR.UTF-8"})
    tap.ok(status == 0, "no file is no trouble", err)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="karma-greylist.")
    root = Root(folder)
    try:
        status, _, err = root.run("init", "--root", root.folder)
        if not tap.ok(status == 0, "a root", err):
            return tap.done()
        before(tap, root)
        for setting in ("filter.karma", "filter.greylisting"):
            root.run("set", setting, "enabled")
        status, _, err = root.run("apply")
        config = root.path("var/service/qpsmtpd/config")
        with open(os.path.join(config, "peers", "0"), encoding="utf-8") as f:
            peers = f.read()
        tap.ok(status == 0 and "not built yet" not in re.sub(
            "(?m)^# (?!karma|greylisting).*$", "", peers) and
            "\nkarma penalty_days 1" in peers and
            "\ngreylisting remote_ip 0" in peers and
            "db_dir %s/var/lib/qpsmtpd/greylisting" % root.folder in peers,
            "apply writes both lines, below the root", err + peers)
        with open(os.path.join(config, "karma_tlds"), "w",
                  encoding="utf-8") as f:
            f.write("info:-9\norg:9\n")
        # the test's own clients are strangers
        shutil.rmtree(os.path.join(config, "peers", "127.0.0"),
                      ignore_errors=True)
        for name in os.listdir(os.path.join(config, "peers")):
            if name.startswith("127"):
                os.unlink(os.path.join(config, "peers", name))
        with open(os.path.join(config, "relayclients"), "w",
                  encoding="utf-8") as f:
            f.write("# none\n")
        daemon = filterd.Daemon(folder=os.path.join(folder, "d"))
        shutil.rmtree(daemon.config)
        daemon.config = config
        daemon.args += ["--qmail-control", root.path("var/qmail/control")]
        with daemon:
            karma(tap, root, daemon)
            rehearsals(tap, root)
            clearing(tap, root, daemon)
            greylist(tap, root, daemon)
        trouble(tap, root)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
