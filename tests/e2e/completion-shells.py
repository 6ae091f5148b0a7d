#!/usr/bin/env python3
"""The completion scripts in real shells, typed into on a pseudo terminal."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

SMEMAIL = os.environ["SMEMAIL"]
DEADLINE = 20
count = 0


def point(good, what, detail=""):
    global count
    count += 1
    print("%sok %d - %s" % ("" if good else "not ", count, what))
    if not good:
        print("\n".join("# " + repr(x) for x in detail.splitlines()))


class Shell:
    """An interactive shell; text it sends is read until a pattern appears."""

    def __init__(self, argv, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, env)
        self.seen = ""

    def send(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if re.search(pattern, self.seen):
                return True
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode("utf-8",
                                                                "replace")
                except OSError:
                    return False
        return False

    def forget(self):
        self.seen = ""

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def environment(home):
    env = {k: os.environ[k] for k in ("PATH", "TZ") if k in os.environ}
    env.update(HOME=home, TERM="dumb", LC_ALL="C.UTF-8", COLUMNS="80",
               PATH=os.path.dirname(SMEMAIL) + ":" + env["PATH"])
    return env


def bash(home):
    sh = Shell(["bash", "--norc", "--noprofile"], environment(home))
    sh.send("bind 'set bell-style none'; bind 'set page-completions off';"
            "bind 'set enable-bracketed-paste off'; PS1='REA''DY '\n")
    sh.expect("REA[D]Y $")
    sh.send("source <(smemail completion bash); echo lo''aded\n")
    point(sh.expect("loaded\r?\n"), "bash: the script loads", sh.seen)
    sh.forget()
    sh.send("smemail compl\t")
    point(sh.expect("smemail completion "),
          "bash: a single match is inserted with a blank", sh.seen)
    sh.forget()
    sh.send("\t\t")
    point(sh.expect(r"bash\s+zsh\s+fish|bash *\r?\nzsh *\r?\nfish"),
          "bash: two tabs list what may follow", sh.seen)
    sh.forget()
    sh.send("\x15smemail --color=al\t")
    point(sh.expect("--color=always "),
          "bash: a value after '=' is completed", sh.seen)
    sh.forget()
    sh.send("\x15smemail \t\t")
    point(sh.expect(r"completion +print the completion script"),
          "bash: the list shows descriptions", sh.seen)
    sh.forget()
    sh.send("\x15smemail get spam.reject-l\t")
    point(sh.expect("get spam.reject-level "),
          "bash: setting ids are completed", sh.seen)
    sh.close()


def zsh(home):
    sh = Shell(["zsh", "-f", "-i"], environment(home))
    sh.send("unsetopt zle_bracketed_paste; setopt no_beep; PS1='REA''DY '\n")
    sh.expect("REA[D]Y ")
    sh.send("autoload -Uz compinit; compinit -u -D;"
            "source <(smemail completion zsh); echo lo''aded\n")
    point(sh.expect("loaded\r?\n"), "zsh: the script loads", sh.seen)
    sh.forget()
    sh.send("smemail compl\t")
    point(sh.expect("completion "), "zsh: a single match is inserted", sh.seen)
    sh.forget()
    sh.send("\t")
    point(sh.expect(r"bash[^$]*zsh[^$]*fish"),
          "zsh: a tab lists what may follow", sh.seen)
    sh.close()


def fish(home):
    env = environment(home)
    text = subprocess.run(
        ["fish", "--no-config", "-c",
         "smemail completion fish | source; complete -C 'smemail compl';"
         "complete -C 'smemail completion '; complete -C 'smemail --lang '"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=60).stdout.decode()
    point("completion\tprint the completion script" in text,
          "fish: words come with descriptions", text)
    point(re.search("bash\nzsh\nfish\n", text.replace("\t", "")) is not None,
          "fish: values in the order of the program", text)


def main():
    for name, test, points in (("bash", bash, 6), ("zsh", zsh, 3),
                               ("fish", fish, 2)):
        if shutil.which(name) is None:
            for _ in range(points):
                point(True, "%s: not tested # SKIP %s is not installed"
                      % (name, name))
            continue
        home = tempfile.mkdtemp()
        try:
            test(home)
        finally:
            shutil.rmtree(home, ignore_errors=True)
    print("1..%d" % count)


main()
