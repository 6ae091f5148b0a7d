"""What tests of a next server share: a daemon of ours that hands mail on, and
a server that takes everything and notes what it took."""
import os
import re
import socket
import tempfile
import threading

import filterd

MESSAGE_ID = re.compile(rb"^Message-Id: <([^>]*)>", re.M)


def new_daemon(name, line, **files):
    folder = os.path.join(tempfile.tempdir, name)
    # servers that fail on purpose are asked each time
    base = {"plugins": "rcpt_ok\n" + line, "queue_failures": "0"}
    base.update(files)
    return filterd.Daemon(base, folder=folder)


def send(daemon, rcpts=("b@local.example",), text="x\r\n", sender="a@o.example",
         timeout=40.0):
    peer = daemon.connect(timeout=timeout)
    try:
        peer.begin(sender, rcpts)
        peer.send("From: a@out.example\r\nMessage-Id: <m@out.example>\r\n"
                  "\r\n" + text + ".\r\n")
        return peer.reply()
    finally:
        peer.close()


class NextHop:
    """Listens at once; 'ids' has the Message-Id of each text taken."""

    def __init__(self, port=0):
        self.seen = 0  # connections
        self.ids = []
        self.held = []
        self.socket = socket.create_server(("127.0.0.1", port), backlog=200)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s = self.socket.accept()[0]
            except OSError:
                return
            self.seen += 1
            self.held.append(s)
            threading.Thread(target=self.guard, args=(s,),
                             daemon=True).start()

    def guard(self, s):
        try:
            self.serve(filterd.Peer(s))
        except OSError:
            pass
        finally:
            self.held.remove(s)
            s.close()

    def serve(self, peer):
        peer.send("220 next.example\r\n")
        while True:
            line = peer.line()[:4].upper()
            if line == b"":
                return
            if line == b"DATA":
                peer.send("354 go\r\n")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    more = peer.line()
                    if not more:
                        return
                    text += more
                found = MESSAGE_ID.search(text)
                self.ids.append(found.group(1).decode() if found else "")
            peer.send("250 ok\r\n")

    def close(self):
        self.socket.close()
        for s in list(self.held):
            s.close()


class DeadHop(NextHop):
    """Takes connections and never says anything."""

    def serve(self, peer):
        while peer.s.recv(4096):
            pass
