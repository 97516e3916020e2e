"""A real HTTP server on loopback whose answers a test writes."""

import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Question:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes
    send: Callable[[bytes], None]  # raw bytes into the connection, for answers that are no HTTP
    reset: Callable[[], None]  # ends the connection as a crash does


@dataclass(frozen=True)
class Answer:
    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "text/plain; charset=utf-8"


Answering = Callable[[Question], Answer | None]


@dataclass
class Server:
    """`host` is host:port as a client's allow list wants it; `asked` grows with every request."""

    url: str
    host: str
    asked: list[Question]

    @property
    def paths(self) -> list[str]:
        return [question.path for question in self.asked]


@contextmanager
def serving(answering: Answering, secured: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serves what `answering` says; None means that it has sent its answer itself, and the connection ends."""
    asked: list[Question] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._take()

        def do_POST(self) -> None:
            self._take()

        def do_PUT(self) -> None:
            self._take()

        def do_DELETE(self) -> None:
            self._take()

        def _take(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            question = Question(self.command, parts.path, query, headers, body, self._send, self._reset)
            asked.append(question)
            answer = answering(question)
            if answer is None:
                self.close_connection = True
                return
            self._answer(answer)

        def _send(self, part: bytes) -> None:
            self.wfile.write(part)
            self.wfile.flush()

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())

        def _answer(self, answer: Answer) -> None:
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            headers = {"Content-Type": answer.media_type, "Content-Length": str(len(body))} | answer.headers
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self._send(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if secured:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients of these tests hang up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    host = f"127.0.0.1:{server.server_port}"
    try:
        yield Server(f"http{'s' if secured else ''}://{host}", host, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
