"""A next server for tests, by SMTP or LMTP, that answers as it is told."""
import socket
import threading
import time


def address_of(line):
    return line.partition("<")[2].partition(">")[0]


class Server:
    """Answers by a table {verb or line: reply}, at the end of a text "end.N"
    or "end ADDRESS"; what it is told is kept. 'taken' has sender, recipients
    and text of each message that it has, for those that it has it for."""

    def __init__(self, lmtp=False, tls=None, offers=()):
        self.replies = {}
        self.offers = list(offers)
        self.lmtp = lmtp
        self.tls = tls
        self.tls_broken = False
        self.heard = []      # commands, of all connections
        self.texts = []
        self.taken = []
        self.connections = 0
        self.encrypted = 0
        self.hang_at = None
        self.close_after = None
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
            threading.Thread(target=self.guard, args=(s,),
                             daemon=True).start()

    def guard(self, s):
        try:
            self.serve(s)
        except (OSError, ValueError):
            pass
        finally:
            s.close()

    def reply(self, s, verb, default):
        text = self.replies.get(verb, default)
        if self.hang_at == verb:
            time.sleep(600)
        s.sendall(text.encode() + b"\r\n")
        return text

    def serve(self, s):
        f = s.makefile("rb")
        self.reply(s, "connect", "220 next.example ESMTP")
        sender, rcpts = "", []
        secure = False
        while True:
            line = f.readline()
            if not line:
                return
            line = line.decode("latin-1").rstrip("\r\n")
            verb = line.split()[0].split(":")[0].upper() if line else ""
            with self.lock:
                self.heard.append(line)
            if verb in ("EHLO", "LHLO"):
                offers = ["next.example"] + self.offers
                if self.tls and not secure:
                    offers.append("STARTTLS")
                default = "\r\n".join("250%s%s" % (
                    " " if i == len(offers) - 1 else "-", o)
                    for i, o in enumerate(offers))
                self.reply(s, verb, default)
            elif verb == "STARTTLS":
                s.sendall(b"220 go\r\n")
                if self.tls_broken:
                    s.sendall(b"this is no TLS\r\n" * 10)
                    return
                s = self.tls.wrap_socket(s, server_side=True)
                f = s.makefile("rb")
                secure = True
                with self.lock:
                    self.encrypted += 1
            elif verb == "RCPT":
                said = self.reply(s, line, self.replies.get(
                    "RCPT", "250 ok"))
                if said.startswith("2"):
                    rcpts.append(address_of(line))
            elif verb == "DATA":
                if not self.reply(s, verb, "354 go").startswith("354"):
                    continue
                lines = []
                while not lines or lines[-1] != b".\r\n":
                    lines.append(f.readline())
                    if not lines[-1]:
                        return
                text = b"".join(lines[:-1])
                with self.lock:
                    self.texts.append(text)
                for i, group in enumerate([[r] for r in rcpts] if self.lmtp
                                          else [rcpts]):
                    verb = "end.%d" % i
                    said = self.replies.get(verb, self.replies.get(
                        "end " + group[0], self.replies.get(
                            "end", "250 2.0.0 Ok: queued as Q%d" % i)))
                    # a client that has the answer finds it noted
                    if said.startswith("2") and self.hang_at != verb:
                        with self.lock:
                            self.taken.append((sender, group, text))
                    self.reply(s, verb, said)
                    if self.close_after == "end.%d" % i:
                        return
                rcpts = []
                if self.close_after == "end":
                    return
            elif verb == "QUIT":
                s.sendall(b"221 bye\r\n")
                return
            else:
                if verb in ("MAIL", "RSET"):
                    rcpts = []
                    sender = address_of(line)
                self.reply(s, verb, "250 ok")
