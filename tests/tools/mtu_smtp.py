#!/usr/bin/env python3
"""A small SMTP server on one address, for the TCP part of mtu.

usage: mtu_smtp.py ADDRESS PORT SECONDS [no-pipelining|silent]
"""
import socket
import sys
import threading
import time

address, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
how = sys.argv[4] if len(sys.argv) > 4 else ""


def serve(conn):
    conn.settimeout(seconds)
    if how == "silent":
        time.sleep(seconds)
        return
    conn.sendall(b"220 far.test ESMTP\r\n")
    left = b""
    try:
        while True:
            data = conn.recv(65536)
            if not data:
                return
            *lines, left = (left + data).split(b"\r\n")
            for line in lines:
                if line.upper().startswith(b"EHLO"):
                    conn.sendall(b"250-far.test\r\n250 8BITMIME\r\n"
                                 if how == "no-pipelining" else
                                 b"250-far.test\r\n250 PIPELINING\r\n")
                elif len(line) > 510:
                    conn.sendall(b"500 line too long\r\n")
                elif line.upper().startswith(b"NOOP"):
                    conn.sendall(b"250 ok\r\n")
                elif line.upper() == b"QUIT":
                    conn.sendall(b"221 bye\r\n")
                    return
                else:
                    conn.sendall(b"502 no\r\n")
    except OSError:
        pass


listener = socket.socket(socket.AF_INET6 if ":" in address else
                         socket.AF_INET)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((address, port))
listener.listen()
listener.settimeout(seconds)
print("listening", flush=True)
end = time.time() + seconds
while time.time() < end:
    try:
        peer, _ = listener.accept()
    except OSError:
        break
    threading.Thread(target=serve, args=(peer,), daemon=True).start()
