"""Load over HTTP: ready-made requests down many kept connections, answers read no more than needed.

One thread over plain sockets, so that the client takes as little as it can from the server beside.
"""

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

END = b"\r\n\r\n"
LENGTH = b"content-length:"
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
CHUNK = 1 << 18
ANSWER_SECONDS_MAX = 60


@dataclass(frozen=True)
class Load:
    """What a server did under load: its rate, how long it took, and the statuses it gave."""

    per_second: float
    p50_ms: float
    p99_ms: float
    statuses: Mapping[int, int]


@dataclass
class Connection:
    """One kept connection: what is still to be sent, what has come, and when each was asked."""

    socket: socket.socket
    sending: memoryview = field(default_factory=lambda: memoryview(b""))
    received: bytearray = field(default_factory=bytearray)
    asked: deque[float] = field(default_factory=deque)

    def ask(self, request: bytes) -> bool:
        """Start on another request; say whether something of it is left to be sent."""
        self.asked.append(time.perf_counter())
        self.sending = memoryview(bytes(self.sending) + request if self.sending else request)
        return self.send()

    def send(self) -> bool:
        """Send what the socket takes; say whether something is left."""
        try:
            self.sending = self.sending[self.socket.send(self.sending) :]
        except BlockingIOError:
            return True
        return bool(self.sending)

    def statuses(self) -> Iterator[int]:
        """Take what has come; yield the status of each answer that is whole."""
        content = self.socket.recv(CHUNK)
        if not content:
            raise ConnectionError("the server closed a connection that was to be kept")
        self.received += content
        while (found := answer(self.received)) is not None:
            status, length = found
            del self.received[:length]
            yield status


def post(path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a request with a JSON body."""
    told = {"Host": "localhost", "Content-Type": "application/json", **(headers or {})}
    told["Content-Length"] = str(len(body))
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join(lines).encode() + END + body


def answer(received: bytes | bytearray) -> tuple[int, int] | None:
    """Return the status and the length of the first answer, or nothing while it is not whole."""
    end = received.find(END)
    if end < 0:
        return None
    head = bytes(received[:end]).lower()
    at = head.find(LENGTH)
    if at < 0:
        raise ValueError("an answer without Content-Length cannot be told from the next one")
    length = end + len(END) + int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0])
    return (int(head[9:12]), length) if len(received) >= length else None


@dataclass
class Run:
    """One run: the requests that are left, until when they are sent, and what has come back."""

    requests: Iterator[bytes]
    until: float
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    waiting: int = 0

    def ask(self, connection: Connection) -> None:
        """Send the next request, unless they or the time have run out."""
        request = next(self.requests, None) if time.perf_counter() < self.until else None
        if request is None:
            return
        self.waiting += 1
        if connection.ask(request):
            self.selector.modify(connection.socket, READ | WRITE, connection)

    def turn(self) -> None:
        """Serve every connection on which something happened."""
        happened = self.selector.select(ANSWER_SECONDS_MAX)
        if not happened:
            raise TimeoutError(f"no answer in {ANSWER_SECONDS_MAX} s")
        for key, events in happened:
            if events & WRITE and not key.data.send():
                self.selector.modify(key.data.socket, READ, key.data)
            if events & READ:
                self._read(key.data)

    def _read(self, connection: Connection) -> None:
        for status in connection.statuses():
            self.took.append(time.perf_counter() - connection.asked.popleft())
            self.statuses[status] += 1
            self.waiting -= 1
            self.ask(connection)


def load(
    host: str,
    port: int,
    requests: Iterable[bytes],
    *,
    seconds: float,
    connections: int = 64,
    depth: int = 1,
) -> Load:
    """Send requests until they or the time run out; each connection has ``depth`` on their way."""
    with ExitStack() as closing:
        kept = [_connected(host, port) for _ in range(connections)]
        for each in kept:
            closing.enter_context(each.socket)
        start = time.perf_counter()
        run = Run(iter(requests), start + seconds)
        closing.enter_context(run.selector)
        for each in kept:
            run.selector.register(each.socket, READ, each)
        for each in kept * depth:
            run.ask(each)
        while run.waiting:
            run.turn()
        return summary(run.took, run.statuses, time.perf_counter() - start)


def summary(took: list[float], statuses: Mapping[int, int], seconds: float) -> Load:
    """Sum up the seconds that each answer took."""
    ordered = sorted(took)
    if not ordered:
        raise ValueError("no answer came")
    p50, p99 = (ordered[int(part * (len(ordered) - 1))] * 1e3 for part in (0.5, 0.99))
    return Load(len(ordered) / seconds, p50, p99, dict(statuses))


def _connected(host: str, port: int) -> Connection:
    made = socket.create_connection((host, port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setblocking(False)
    return Connection(made)
