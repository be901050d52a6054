"""Says what is being done while a person waits: downloads and builds take minutes the first time.

`download` and `build` call `step` around a piece of work and `tick` now and then inside it. On a terminal one line is
rewritten; elsewhere, in CI logs, a line comes every 20 seconds.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

INTERVAL = 20.0
_CLEAR = "\r\033[K"


class Progress:
    """Writes to `stream`, usually stderr."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._terminal = stream.isatty()
        self._title = ""
        self._began = 0.0
        self._shown = 0.0

    def note(self, line: str) -> None:
        """A whole line that stays."""
        self._write(f"{_CLEAR}{line}\n" if self._terminal else f"{line}\n")

    @contextmanager
    def step(self, title: str, *, expect: str = "") -> Iterator[None]:
        """`expect` says how long it usually takes. A step that fails says so itself, by its exception."""
        self._title, self._began = (f"{title}: {expect}" if expect else title), self._clock()
        self._show(self._title)
        try:
            yield
        except BaseException:
            self._write(_CLEAR if self._terminal else "")
            raise
        self.note(f"{title}: done in {duration(self._clock() - self._began)}")

    def waiter(self, title: str) -> Callable[[], None]:
        """To be called again and again while waiting: says so at first, then shows the time."""

        def wait() -> None:
            if self._title != title:
                self._title, self._began = title, self._clock()
                self._show(title)
            self.tick()

        return wait

    def tick(self) -> None:
        """Time has passed: shows how much, when it is due."""
        now = self._clock()
        if now - self._shown >= (1.0 if self._terminal else INTERVAL):
            self._show(f"{self._title} … {duration(now - self._began)}")

    def _show(self, text: str) -> None:
        self._shown = self._clock()
        self._write(f"{_CLEAR}{text}" if self._terminal else f"{text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def duration(seconds: float) -> str:
    """80 becomes 1m20s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
