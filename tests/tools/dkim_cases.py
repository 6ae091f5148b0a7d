"""Reads tests/data/dkim/cases: name, kind, expected results, zone, message."""
import os

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))


class Case:
    def __init__(self, name):
        self.name = name
        self.kind = ""
        self.expect = []
        self.signatures = []
        self.names = {}
        self.message = b""

    def entry(self, name):
        return self.names.setdefault(name, {})


def text(value):
    """The strings of a record, as testdns.py takes them."""
    return [{"hex": part.hex()} for part in value.split(b"\n")]


def read(path=TOP + "/tests/data/dkim/cases"):
    with open(path, "rb") as f:
        data = f.read()
    at, cases, case = 0, [], None
    while at < len(data):
        end = data.index(b"\n", at)
        words = data[at:end].decode().split(" ")
        at = end + 1
        size = 0
        if words[0] in ("text", "message"):
            size = int(words[-1])
        value = data[at:at + size]
        at += size + (1 if words[0] in ("text", "message") else 0)
        if words[0] == "case":
            case = Case(words[1])
            cases.append(case)
        elif words[0] == "kind":
            case.kind = words[1]
        elif words[0] == "expect":
            case.expect = words[1:]
        elif words[0] == "signature":
            case.signatures.append(words[1:])
        elif words[0] == "text":
            case.entry(words[1]).setdefault("TXT", []).append(text(value))
        elif words[0] == "alias":
            case.entry(words[1])["CNAME"] = [words[2]]
        elif words[0] == "address":
            case.entry(words[1])["A"] = [words[2]]
        elif words[0] == "fail":
            case.entry(words[1]).update(
                {"_timeout": True} if words[2] == "timeout"
                else {"_rcode": "SERVFAIL"})
        elif words[0] == "message":
            case.message = value
    return cases
