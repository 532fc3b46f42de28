# SPDX-License-Identifier: Apache-2.0
"""A raw connection: bytes out, frames in, and how it ended."""
import errno
import select
import socket
import struct
import time

import frames

OPEN, FIN, RST = "open", "FIN", "RST"


class Connection:
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local = "%s:%d" % self.socket.getsockname()
        self.state = OPEN
        self.pending = b""
        self.frames = []  # those nobody has asked for yet

    def send(self, data, one_by_one=False):
        try:
            if one_by_one:
                for i in range(len(data)):
                    self.socket.sendall(data[i:i + 1])
            else:
                self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.read_rest()

    def read_rest(self):
        """The peer is gone: what it had said before."""
        while self.state == OPEN:
            self.read_once()

    def read_once(self):
        try:
            data = self.socket.recv(1 << 18)
        except OSError as error:
            if error.errno not in (errno.ECONNRESET, errno.EPIPE):
                raise
            self.state = RST
            return
        if not data:
            self.state = FIN
            return
        self.pending += data
        while len(self.pending) >= 4:
            length, = struct.unpack(">I", self.pending[:4])
            if len(self.pending) < 4 + length:
                break
            self.frames.append(frames.Frame(self.pending[4:4 + length]))
            self.pending = self.pending[4 + length:]

    def wait(self, found, timeout_s):
        """Reads until found (), the peer's end, or the time is over; what found () says."""
        deadline = time.monotonic() + timeout_s
        while not found() and self.state == OPEN:
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.socket], [], [], left)[0]:
                break
            self.read_once()
        return found()

    def answered(self, opaque):
        return any(f.is_response and f.header.get("opaque") == opaque for f in self.frames)

    def take_until(self, opaque):
        """The frames up to the answer to opaque, itself included."""
        for i, frame in enumerate(self.frames):
            if frame.is_response and frame.header.get("opaque") == opaque:
                taken, self.frames = self.frames[:i + 1], self.frames[i + 1:]
                return taken
        return self.take_all()

    def take_all(self):
        taken, self.frames = self.frames, []
        return taken

    def close(self):
        self.socket.close()
