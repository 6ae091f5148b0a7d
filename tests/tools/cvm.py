"""A CVM server for tests: one answer by user name, requests kept."""
import os
import socket
import threading


class Cvm:
    """Listens on a Unix socket; 'answers' maps user@host to a function of the
    password that gives the first byte of the answer, or None for silence."""

    def __init__(self, path, answers):
        self.path = path
        self.answers = answers
        self.requests = []
        self.hung = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.socket.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(s,),
                             daemon=True).start()

    def answer(self, s):
        data = b""
        while True:  # the client shuts its sending side
            more = s.recv(4096)
            if not more:
                break
            data += more
        self.requests.append(data)
        fields = data[1:].split(b"\0")
        who = b"@".join(fields[:2]).decode("utf-8", "replace")
        code = self.answers.get(who, lambda password: 1)(fields[2])
        if code is None:
            self.hung.append(s)
            return
        s.sendall(bytes([code]) + b"more\0of it\0")
        s.close()

    def close(self):
        self.socket.close()
        for s in self.hung:
            s.close()
