# SPDX-License-Identifier: MIT
"""A web server for a few paths, in the loop of whoever calls it.

It reads no file for a request, answers GET alone, and has room for a few connections: the oldest
one goes when another comes. A request has few octets and little time.
"""

import errno
import ipaddress
import selectors
import socket
import time

from timecast_monitor import feed

MOST_CONNECTIONS = 32
LONGEST_REQUEST = 4096
PATIENCE_S = 10.0  # for a request, and for its answer to be taken
MOST_AT_ONCE = 64  # events, before the caller gets its turn
REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 431: "Request Header Fields Too Large"}
LOCAL_NAMES = ("localhost", "ip6-localhost")


def read_place(text):
    """(address, port) of ADDR:PORT, or of a port alone: then this host's own. Raises ValueError."""
    address, _, port = text.rpartition(":")
    address = address.removeprefix("[").removesuffix("]") if address else "127.0.0.1"
    if not port.isascii() or not port.isdigit() or not 0 <= int(port[:6]) <= 65535:
        raise ValueError(f'"{text}" has no port from 0 to 65535; write 11180 or 127.0.0.1:11180')
    try:
        return str(ipaddress.ip_address(address)), int(port)
    except ValueError:
        raise ValueError(f'"{text}" is no address and port; write 11180, 127.0.0.1:11180 or '
                         "[::1]:11180") from None


class Answer:
    def __init__(self, status, kind="text/plain; charset=utf-8", body=b"", headers=()):
        self.status = status
        self.kind = kind
        self.body = body or f"{status} {REASONS[status]}\n".encode()
        self.headers = headers

    def octets(self):
        lines = (f"HTTP/1.1 {self.status} {REASONS[self.status]}", f"Content-Type: {self.kind}",
                 f"Content-Length: {len(self.body)}", "Connection: close", "Cache-Control: no-store",
                 "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", *self.headers,
                 "", "")
        return "\r\n".join(lines).encode() + self.body


class _Connection:
    def __init__(self, file):
        self.file = file
        self.ends_at = time.monotonic() + PATIENCE_S
        self.request = b""
        self.answer = None  # what is still to be sent


class Server:
    """`paths`: {"/path": what makes its Answer}."""

    def __init__(self, address, port, paths):
        self._paths = paths
        self._is_local = ipaddress.ip_address(address).is_loopback
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listening = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listening.bind((address, port))
            self._listening.listen(MOST_CONNECTIONS)
        except OSError as error:
            self._listening.close()
            way_out = "; name another port" if error.errno == errno.EADDRINUSE else ""
            raise feed.Failure(f"--serve: {_place(address, port)}: {error.strerror.lower()}"
                               f"{way_out}") from None
        self.place = _place(address, self._listening.getsockname()[1])
        self._connections = {}  # by descriptor, the oldest first
        self._selector = selectors.EpollSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)

    def fileno(self):
        """Readable when there is something to do."""
        return self._selector.fileno()

    def close(self):
        for connection in list(self._connections.values()):
            self._drop(connection)
        self._selector.close()
        self._listening.close()

    def serve(self):
        """Does what can be done without waiting."""
        for key, _ in self._selector.select(0)[:MOST_AT_ONCE]:
            if key.fileobj is self._listening:
                self._accept()
            elif key.fd in self._connections:
                self._go_on(self._connections[key.fd])
        now = time.monotonic()
        for connection in [each for each in self._connections.values() if each.ends_at < now]:
            self._drop(connection)

    def _accept(self):
        try:
            file, _ = self._listening.accept()
        except OSError:
            return
        file.setblocking(False)
        if len(self._connections) >= MOST_CONNECTIONS:
            self._drop(next(iter(self._connections.values())))
        connection = _Connection(file)
        self._connections[file.fileno()] = connection
        self._selector.register(file, selectors.EVENT_READ)

    def _drop(self, connection):
        del self._connections[connection.file.fileno()]
        self._selector.unregister(connection.file)
        connection.file.close()

    def _go_on(self, connection):
        try:
            if connection.answer is None:
                self._read(connection)
            else:
                self._write(connection)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(connection)

    def _read(self, connection):
        octets = connection.file.recv(LONGEST_REQUEST)
        if not octets:
            self._drop(connection)
            return
        connection.request += octets
        is_whole = b"\r\n\r\n" in connection.request
        if not is_whole and len(connection.request) <= LONGEST_REQUEST:
            return
        answer = self._answer(connection.request) if is_whole else Answer(431)
        connection.answer = memoryview(answer.octets())
        connection.request = b""
        self._selector.modify(connection.file, selectors.EVENT_WRITE)
        self._write(connection)

    def _write(self, connection):
        sent = connection.file.send(connection.answer)
        connection.answer = connection.answer[sent:]
        if not connection.answer:
            connection.file.shutdown(socket.SHUT_WR)
            self._drop(connection)

    def _answer(self, request):
        head, *fields = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        words = head.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return Answer(400)
        method, target, _ = words
        hosts = [field.partition(":")[2].strip() for field in fields
                 if field.lower().startswith("host:")]
        if self._is_local and not all(_names_this_host(host) for host in hosts):
            # A name of somebody else's that leads here: a page in the browser may be behind it.
            return Answer(403)
        path = target.partition("?")[0]
        if path not in self._paths:
            return Answer(404)
        if method != "GET":
            return Answer(405, headers=("Allow: GET",))
        return self._paths[path]()


def _place(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _names_this_host(host):
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    name = name.removeprefix("[").removesuffix("]")
    if name.lower() in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
