"""A mail server of forty lines: keeps what it takes, and does at each step what the test says."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message

STEPS = ("hello", "mail", "rcpt", "data", "body", "taken")
"""When `at_step` is called: `body` before a message is kept, `taken` when it is, before the sender hears of it."""


class Sink:
    """What was taken, in order, and what to do at each step; a reply that a step gives is sent instead of the usual."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.at_step: Callable[[str], str | None] = lambda step: None
        self.port = 0

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.taken]


class Session(socketserver.StreamRequestHandler):
    """One sender, until it is gone."""

    def handle(self) -> None:
        with suppress(ConnectionError, ValueError):
            self.converse(self.server.sink)

    def converse(self, sink: Sink) -> None:
        self.say(sink.at_step("hello") or "220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip().decode()
            usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
            answer = sink.at_step(verb.lower()) or usual
            self.say(answer)
            if verb == "QUIT":
                return
            if answer.startswith("354"):
                self.take(sink)

    def take(self, sink: Sink) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:  # the sender is gone in the middle of it
                return
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        refused = sink.at_step("body")
        if not refused:
            sink.taken.append(message_from_bytes(b"".join(lines)))
        self.say(refused or sink.at_step("taken") or "250 taken")

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    sink: Sink


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """A sink that listens on the loopback."""
    sink = Sink()
    with Server(("127.0.0.1", 0), Session) as server:
        server.sink = sink
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()
