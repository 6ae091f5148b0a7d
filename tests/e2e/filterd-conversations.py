#!/usr/bin/env python3
"""smemail-filterd plays the recorded conversations (FL-n in each case)."""
import concurrent.futures
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
import smtpconv  # noqa: E402

DATA = os.path.join(TOP, "tests", "data", "smtp")


def prepare(folder, name, text):
    """A daemon that is configured as the case says, not started."""
    place = os.path.join(folder, name)
    path = os.path.join(folder, name + ".case")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    case = smtpconv.Case(path)
    daemon = filterd.Daemon(folder=place)
    shutil.rmtree(daemon.config)
    smtpconv.mkconfig(case, daemon.config, {
        "MAILDIR": daemon.maildir, "CERT": os.path.join(folder, "cert.pem"),
        "KEY": os.path.join(folder, "key.pem")})
    return case, daemon


def play(folder, name, text):
    case, daemon = prepare(folder, name, text)
    if not daemon.start():
        return False, daemon.log()
    try:
        _, wrong = smtpconv.play(case, "127.0.0.1", daemon.port,
                                 daemon.maildir, True, False)
    except OSError as e:
        wrong = [repr(e)]
    ended = daemon.stop()
    return not wrong and ended == 0, "%s\nexit %s\n%s" % (
        "\n".join(wrong), ended, daemon.log())


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
