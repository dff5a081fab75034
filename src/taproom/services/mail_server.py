"""The server behind the mailbox: as much of SMTP (RFC 5321) as a sender needs.

    python -m taproom.services.mail_server HOST PORT FOLDER

Every message is accepted and becomes FOLDER/<number>.eml; numbers rise in order of arrival. Not
asyncio's or aiosmtpd's: the one left the standard library, the other would be one more package.
"""

from __future__ import annotations

import socketserver
import sys
import threading
from pathlib import Path

MOST_BYTES = 20_000_000


class Session(socketserver.StreamRequestHandler):
    """One connection: greeting, envelope, message, goodbye."""

    timeout = 60

    def handle(self) -> None:
        """Answer each command until the sender leaves."""
        self.say("220 taproom mailbox")
        while line := self.rfile.readline(2000):
            word = line.strip().split(b" ")[0].upper()
            if word == b"EHLO":
                self.say("250-taproom", f"250 SIZE {MOST_BYTES}")
            elif word == b"DATA":
                self.say("354 end with a line that is a dot")
                self.keep()
            elif word == b"QUIT":
                self.say("221 goodbye")
                return
            elif word in (b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                self.say("250 fine")
            else:
                self.say("502 not known here")

    def keep(self) -> None:
        """Read a message up to its dot, and write it to a file, whole or not at all."""
        lines, size = [], 0
        while (line := self.rfile.readline()) not in (b".\r\n", b".\n", b""):
            size += len(line)
            # A line that begins with a dot travels with one more, and all end in the net's way.
            lines.append((line[1:] if line.startswith(b".") else line).rstrip(b"\r\n") + b"\n")
            if size > MOST_BYTES:
                lines = []
        if not lines:
            self.say("552 too large, or empty")
            return
        self.server.store(b"".join(lines))
        self.say("250 kept")

    def say(self, *lines: str) -> None:
        """Send lines."""
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class Mailbox(socketserver.ThreadingTCPServer):
    """A thread for each sender, one writer at a time."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int, folder: Path) -> None:
        super().__init__((host, port), Session)
        self.folder = folder
        self.writing = threading.Lock()

    def store(self, message: bytes) -> Path:
        """Write a message under the next number."""
        with self.writing:
            known = [int(p.stem) for p in self.folder.glob("*.eml") if p.stem.isdigit()]
            path = self.folder / f"{max(known, default=0) + 1:06}.eml"
            fresh = path.with_suffix(".new")
            fresh.write_bytes(message)
            fresh.replace(path)
        return path


if __name__ == "__main__":
    with Mailbox(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])) as server:
        server.serve_forever()
