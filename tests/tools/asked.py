"""A next server for tests that knows its recipients, or misbehaves."""
import select
import socket
import ssl
import threading
import time

import filterd


class Asked:
    """Answers MAIL and RCPT by 'replies' {start of the command: bytes or
    text}; 'heard' has the commands of each connection."""

    def __init__(self, replies=None, banner="220 next.example ESMTP",
                 certificate=None, address="127.0.0.1", port=0):
        self.replies = replies or {}
        self.banner = banner
        self.heard = []
        self.encrypted = 0
        self.open = []           # connections just now
        self.most = 0            # and at most
        self.hang_at = None      # a verb that is never answered
        self.drip = 0.0          # seconds between the bytes of a reply
        self.reset_at = None     # a verb at which the connection is reset
        self.texts = []
        self.delay = 0.0         # before a text is answered
        self.busy = 0            # texts that wait so just now
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.socket = socket.create_server((address, port), backlog=200)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s = self.socket.accept()[0]
            except OSError:
                return
            told = []
            self.heard.append(told)
            self.count(s)
            threading.Thread(target=self.guard, args=(s, told),
                             daemon=True).start()

    def count(self, s):
        """Who has hung up is none, whether its thread knows it yet or not."""
        gone, there = select.poll(), {o.fileno(): o for o in self.open}
        there.pop(-1, None)  # closed by its thread
        for fd in there:
            gone.register(fd, select.POLLRDHUP)
        for fd, _ in gone.poll(0):
            del there[fd]
        self.open = [*there.values(), s]
        self.most = max(self.most, len(self.open))

    def guard(self, s, told):
        try:
            self.serve(s, told)
        except (OSError, ValueError):
            pass
        finally:
            s.close()

    def say(self, s, text):
        data = text if isinstance(text, bytes) else text.encode() + b"\r\n"
        if not self.drip:
            s.sendall(data)
            return
        for i in range(len(data)):
            s.sendall(data[i:i + 1])
            time.sleep(self.drip)

    def misbehave(self, s, verb):
        if self.hang_at == verb:
            s.settimeout(120)
            while s.recv(4096):
                pass
            raise OSError("gone")
        if self.reset_at == verb:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         b"\1\0\0\0\0\0\0\0")
            raise OSError("reset")

    def serve(self, s, told):
        self.misbehave(s, "connect")
        self.say(s, self.banner)
        peer = filterd.Peer(s)
        while True:
            line = peer.line().decode("latin-1").rstrip("\r\n")
            if not line:
                return
            told.append(line)
            verb = line.split()[0].split(":")[0].upper()
            self.misbehave(s, verb)
            if verb == "EHLO" and self.context and \
                    not isinstance(s, ssl.SSLSocket):
                self.say(s, "250-next.example\r\n250 STARTTLS")
            elif verb == "STARTTLS":
                self.say(s, "220 go")
                s = self.context.wrap_socket(s, server_side=True)
                peer = filterd.Peer(s)
                self.encrypted += 1
            elif verb == "DATA":
                self.say(s, "354 go")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    more = peer.line()
                    if not more:
                        return
                    text += more
                self.texts.append(text)
                self.busy += 1
                time.sleep(self.delay)
                self.busy -= 1
                self.say(s, next((r for k, r in self.replies.items()
                                  if k == "end"), "250 2.0.0 Ok: queued"))
            elif verb == "QUIT":
                self.say(s, "221 bye")
                return
            else:
                self.say(s, next((r for k, r in self.replies.items()
                                  if line.startswith(k)), "250 ok"))

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self.socket.close()
