"""What the lint programs share: files under version control, TAP points."""
import os
import subprocess
import sys

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD") or os.path.join(
    TOP, os.environ.get("B", "build"))
SMEMAIL = os.environ.get("SMEMAIL") or os.path.join(BUILD, "smemail")

_points = 0


def point(what, troubles):
    """One TAP point: passed when the list of troubles is empty."""
    global _points
    _points += 1
    print("%sok %d - %s" % ("not " if troubles else "", _points, what))
    for text in troubles:
        print("# " + text)


def skip(what, reason):
    global _points
    _points += 1
    print("ok %d - %s # SKIP %s" % (_points, what, reason))


def done():
    print("1..%d" % _points)
    sys.stdout.flush()


def files(*suffixes, under=("",)):
    """Files of the repository (or of the tree, without git), sorted."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-co",
         "--exclude-standard"], cwd=TOP, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=False).stdout.decode().split("\n")
    if listed == [""]:
        listed = [os.path.relpath(os.path.join(base, name), TOP)
                  for base, _, names in os.walk(TOP) for name in names
                  if "/build" not in base and "/.git" not in base]
    return sorted(f for f in listed
                  if f.endswith(suffixes or "") and f.startswith(tuple(under))
                  and os.path.isfile(os.path.join(TOP, f)))


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8",
              errors="replace") as f:
        return f.read()


def output(*argv):
    return subprocess.run(argv, cwd=TOP, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          check=False).stdout.decode("utf-8", "replace")
