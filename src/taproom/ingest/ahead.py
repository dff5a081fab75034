"""Work ahead: make things in a thread while earlier ones are being used."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Anything that says how many bytes it holds."""

    @property
    def size(self) -> int: ...


Thing = TypeVar("Thing", bound=Sized)


class Ahead(Generic[Thing]):
    """The things, in order, made in a thread from now on.

    The thread rests while the things that wait hold more than `limit` bytes. A failure is raised
    where the thing would have come. After `close` the thread has ended.
    """

    def __init__(self, things: Iterable[Thing], limit: int) -> None:
        self._things, self._limit = things, limit
        self._waiting: deque[Thing] = deque()
        self._held = 0
        self._ended = self._closed = False
        self._failure: BaseException | None = None
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="read-ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Thing]:
        return self

    def __next__(self) -> Thing:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._ended)
            if self._waiting:
                thing = self._waiting.popleft()
                self._held -= thing.size
                self._change.notify_all()
                return thing
        if self._failure is not None:
            raise self._failure
        raise StopIteration

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._thread.join()

    def _work(self) -> None:
        try:
            for thing in self._things:
                with self._change:
                    self._waiting.append(thing)
                    self._held += thing.size
                    self._change.notify_all()
                    self._change.wait_for(lambda: self._held <= self._limit or self._closed)
                    if self._closed:
                        break
        except BaseException as error:
            self._failure = error
        with self._change:
            self._ended = True
            self._change.notify_all()
