#!/usr/bin/env python3
"""smemail-filterd plays the recorded conversations (FL-n in each case)."""
import concurrent.futures
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

DATA = os.path.join(TOP, "tests", "data", "smtp")
PLAYER = os.path.join(TOP, "tests", "tools", "smtpconv.py")


def player(*args):
    done = subprocess.run([sys.executable, PLAYER, *args], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def prepare(folder, name, text):
    """A daemon that is configured as the case says, not started."""
    place = os.path.join(folder, name)
    case = os.path.join(folder, name + ".case")
    with open(case, "w", encoding="utf-8") as f:
        f.write(text)
    daemon = filterd.Daemon(folder=place)
    shutil.rmtree(daemon.config)
    status, out = player("mkconfig", case, daemon.config,
                         "--maildir", daemon.maildir,
                         "--cert", os.path.join(folder, "cert.pem"),
                         "--key", os.path.join(folder, "key.pem"))
    if status:
        raise RuntimeError(out)
    return case, daemon


def play(folder, name, text):
    case, daemon = prepare(folder, name, text)
    if not daemon.start():
        return False, daemon.log()
    status, out = player("play", case, "--port", str(daemon.port),
                         "--maildir", daemon.maildir)
    ended = daemon.stop()
    return status == 0 and ended == 0, \
        "%s\nexit %s\n%s" % (out, ended, daemon.log())


def main():
    tap = filterd.Tap()
    cases = {}
    for group in ("conversations.txt", "plugins.txt", "edges.txt"):
        cases.update(filterd.split_cases(os.path.join(DATA, group)))
    folder = tempfile.mkdtemp(prefix="filterd-conversations.")
    filterd.certificate(folder)
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            jobs = {name: pool.submit(play, folder, name, text)
                    for name, text in cases.items()}
            for name, job in jobs.items():
                good, detail = job.result()
                tap.ok(good, "%s: played" % name, detail)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
