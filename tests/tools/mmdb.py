#!/usr/bin/env python3
"""Databases of places for tests, in MaxMind's format, version 2.0.

write(path, {"192.0.2.0/24": {"country": {"iso_code": "DE"}}, ...}) makes one;
as a program: mmdb.py FILE JSON-FILE [--type T]. Made from nothing but what is
given: no data of anybody else's is in it.
"""
import ipaddress
import json
import struct
import sys

MARKER = b"\xab\xcd\xefMaxMind.com"
RECORD = 24  # bits


def head(kind, size):
    """The control bytes of a value."""
    first = kind << 5 if kind < 8 else 0
    more = b"" if kind < 8 else bytes((kind - 7,))
    if size < 29:
        return bytes((first | size,)) + more
    if size < 285:
        return bytes((first | 29,)) + more + bytes((size - 29,))
    return bytes((first | 30,)) + more + struct.pack(">H", size - 285)


def number(kind, value):
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return head(kind, len(raw)) + raw


def value(v):
    if isinstance(v, bool):
        return head(14, int(v))
    if isinstance(v, str):
        raw = v.encode("utf-8")
        return head(2, len(raw)) + raw
    if isinstance(v, float):
        return head(3, 8) + struct.pack(">d", v)
    if isinstance(v, int):
        return number(6, v)
    if isinstance(v, bytes):  # as it is, for broken ones
        return v
    if isinstance(v, dict):
        return head(7, len(v)) + b"".join(
            value(k) + value(x) for k, x in v.items())
    return head(11, len(v)) + b"".join(value(x) for x in v)


class Tree:
    """Nodes of two; an entry is a node's number, ("data", offset) or None."""

    def __init__(self):
        self.nodes = [[None, None]]

    def insert(self, bits, leaf):
        node = 0
        for bit in bits[:-1]:
            entry = self.nodes[node][bit]
            if not isinstance(entry, int):
                self.nodes.append([entry, entry])
                entry = self.nodes[node][bit] = len(self.nodes) - 1
            node = entry
        self.nodes[node][bits[-1]] = leaf

    def bytes(self):
        count = len(self.nodes)

        def record(entry):
            if entry is None:
                n = count
            elif isinstance(entry, int):
                n = entry
            else:
                n = count + 16 + entry[1]
            return n.to_bytes(RECORD // 8, "big")
        return b"".join(record(e) for node in self.nodes for e in node)


def bits_of(network):
    net = ipaddress.ip_network(network)
    raw = net.network_address.packed
    length = net.prefixlen
    if net.version == 4:  # at ::/96
        raw, length = bytes(12) + raw, length + 96
    whole = int.from_bytes(raw, "big")
    return [whole >> (127 - i) & 1 for i in range(length)]


def build(networks, kind="GeoLite2-City"):
    tree, data = Tree(), b""
    for bits, what in sorted(((bits_of(n), w) for n, w in networks.items()),
                             key=lambda pair: len(pair[0])):
        tree.insert(bits, ("data", len(data)))
        data += value(what)
    number16 = (lambda n: number(5, n))
    meta = {"binary_format_major_version": number16(2),
            "binary_format_minor_version": number16(0),
            "build_epoch": number(9, 1700000000),
            "database_type": kind, "description": {"en": "of a test"},
            "ip_version": number16(6), "languages": ["en"],
            "node_count": len(tree.nodes), "record_size": number16(RECORD)}
    return tree.bytes() + bytes(16) + data + MARKER + value(meta)


def write(path, networks, kind="GeoLite2-City"):
    with open(path, "wb") as f:
        f.write(build(networks, kind))


def city(continent, country, name=None, at=None):
    """The usual content of a network."""
    what = {"continent": {"code": continent}, "country": {"iso_code": country}}
    if name:
        what["city"] = {"names": {"en": name}}
    if at:
        what["location"] = {"latitude": at[0], "longitude": at[1]}
    return what


def main():
    if len(sys.argv) < 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    kind = sys.argv[4] if "--type" in sys.argv[3:4] else "GeoLite2-City"
    with open(sys.argv[2], encoding="utf-8") as f:
        write(sys.argv[1], json.load(f), kind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
