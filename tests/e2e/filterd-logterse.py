#!/usr/bin/env python3
"""The terse log of smemail-filterd, byte by byte (FL-175 to FL-178)."""
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

FILES = {
    "plugins": "logging/logterse\nhelo reject naughty\nbadmailfrom\n"
               "headers require From,Date\nnaughty\nrcpt_ok\n"
               "queue/maildir @MAILDIR@",
    "badmailfrom": "spam@bad.example",
    "databytes": "2000",
    # at the lowest level the lines are there all the same
    "loglevel": "1",
}
DENIED = "msg denied before queued"
GOOD = "From: a@out.example\r\nDate: Mon, 02 Mar 2020 10:00:00 +0000\r\n"


def talk(daemon, commands, helo="client.example"):
    peer = daemon.connect("127.0.0.9")
    peer.reply()
    peer.ask("EHLO " + helo)
    for command in commands:
        peer.ask(command)
    peer.close()


def message(text):
    return ["MAIL FROM:<a@out.example>", "RCPT TO:<b@local.example>",
            "RCPT TO:<postmaster>", "DATA", text + "\r\n."]


# what is sent, how it is greeted, and the line without its number
CASES = (
    ("a sender who is refused", ["MAIL FROM:<Spam@bad.example>"],
     "client.example",
     ("deny", "client.example", "<Spam@bad.example>", "", "badmailfrom",
      "901", "Your envelope sender is in my badmailfrom list", DENIED)),
    ("a recipient who is refused is not among those taken",
     ["MAIL FROM:<>", "RCPT TO:<b@local.example>",
      "RCPT TO:<x@elsewhere.example>"], "client.example",
     ("deny", "client.example", "<>", "<b@local.example>", "rcpt_ok", "901",
      "Relaying denied (#5.7.1)", DENIED)),
    ("naughty names the plugin that marked",
     ["MAIL FROM:<a@out.example>", "RCPT TO:<b@local.example>"],
     "192.0.2.1",
     ("deny", "192.0.2.1", "<a@out.example>", "", "naughty", "903",
      "(helo) Plain IP is invalid HELO hostname (RFC 2821)", DENIED)),
    ("a message that is refused", message("From: a@out.example\r\n\r\nx"),
     "client.example",
     ("deny", "client.example", "<a@out.example>",
      "<b@local.example>,<postmaster>", "headers", "901",
      "We require a valid Date header", DENIED)),
    ("a message that is queued",
     message(GOOD + "Message-Id: <1@out.example>\r\n\r\nx"),
     "client.example",
     ("queue", "client.example", "<a@out.example>",
      "<b@local.example>,<postmaster>", "queued", "", "<1@out.example>",
      "")),
    ("a bare line end, by the core", message(GOOD + "\r\none\ntwo"),
     "client.example",
     ("deny", "client.example", "<a@out.example>",
      "<b@local.example>,<postmaster>", "core", "901", None, DENIED)),
    ("a message that is too big, by the core",
     message(GOOD + "\r\n" + "x" * 3000), "client.example",
     ("deny", "client.example", "<a@out.example>",
      "<b@local.example>,<postmaster>", "core", "901", None, DENIED)),
)

# FL-177: a plugin is told by the name that its line has
OLD_NAMES = dict(FILES, plugins="logging/logterse\ncheck_badmailfrom\n"
                 "check_goodrcptto extn -\nrcpt_ok\n"
                 "queue/maildir @MAILDIR@", goodrcptto="b@local.example")
OLD_CASES = (
    ("FL-177 an old name", ["MAIL FROM:<Spam@bad.example>"], "client.example",
     ("deny", "client.example", "<Spam@bad.example>", "",
      "check_badmailfrom", "901", None, DENIED)),
    ("FL-177 a plugin of the server",
     ["MAIL FROM:<a@out.example>", "RCPT TO:<nobody@local.example>"],
     "client.example",
     ("deny", "client.example", "<a@out.example>", "", "check_goodrcptto",
      "901", None, DENIED)),
)


def fields_of(line):
    """(hook, fields) of a line, or None when it is no terse line."""
    _, _, rest = line.partition(" (")
    hook, mark, text = rest.partition(") logging::logterse: ` ")
    return (hook, text.split("\t")) if mark else None


def holds(line, expected):
    found = fields_of(line)
    if not found:
        return False
    hook, fields = found
    wanted = ["127.0.0.9", "Unknown", *expected[1:]]
    return hook == expected[0] and len(fields) == len(wanted) and all(
        w is None or w == f for w, f in zip(wanted, fields))


def terse_lines(log):
    return [line for line in log.splitlines() if fields_of(line)]


def try_cases(tap, folder, files, cases):
    os.mkdir(folder)
    with filterd.Daemon(files, folder=folder) as daemon:
        for what, commands, helo, expected in cases:
            before = len(daemon.log())
            talk(daemon, commands, helo)
            lines = filterd.wait_for(
                lambda at=before: terse_lines(daemon.log()[at:])) or []
            tap.ok(len(lines) == 1 and holds(lines[0], expected), what,
                   daemon.log()[before:])


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-logterse.")
    try:
        try_cases(tap, folder + "/new", FILES, CASES)
        try_cases(tap, folder + "/old", OLD_NAMES, OLD_CASES)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
