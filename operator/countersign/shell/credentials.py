"""Who we are to the API server, kept current: tokens in files are read again, plugins are asked again.

`connection` chooses a source from the configuration; its middleware asks for the current token before each request.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from countersign.errors import ConfigurationError, Unavailable

# The kubelet renews a mounted token when a fifth of its life is left, and the shortest life is ten minutes.
_FILE_SECONDS = 60.0

# A plugin's token is replaced while the old one is still good, so that a slow plugin delays nobody.
_MARGIN_SECONDS = 30.0

# After a failed renewal the old token serves until the next try.
_AGAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Token:
    """`header` is the value of Authorization, empty if a client certificate says it all; `renew_at` is wall time."""

    header: str = field(repr=False)
    renew_at: float = math.inf


# May block, and raises ConfigurationError when there is no token to be had. Called in a thread.
Source = Callable[[], Token]


class Credentials:
    """The constructor reads the first token unless it is given, so a wrong configuration is told at once."""

    def __init__(self, source: Source, *, clock: Callable[[], float], token: Token | None = None) -> None:
        self._source = source
        self._clock = clock
        self._turn = asyncio.Lock()
        self._token = source() if token is None else token

    def apart(self) -> "Credentials":
        """The same for another event loop: a lock works in one only."""
        return Credentials(self._source, clock=self._clock, token=self._token)

    async def current(self) -> Token:
        if self._clock() < self._token.renew_at:
            return self._token
        async with self._turn:
            if self._clock() >= self._token.renew_at:
                self._token = await self._renewed_or_old()
            return self._token

    async def after_refusal(self, refused: Token) -> Token:
        """A newer token than the one the server refused, or the very same if it is constant."""
        async with self._turn:
            if self._token.header == refused.header:
                self._token = await self._renewed()
            return self._token

    async def _renewed(self) -> Token:
        try:
            return await asyncio.to_thread(self._source)
        except ConfigurationError as error:
            raise Unavailable(
                f"The API server refused our token, and there is no new one: {error}", code=401
            ) from error

    async def _renewed_or_old(self) -> Token:
        try:
            return await asyncio.to_thread(self._source)
        except ConfigurationError:
            # Should the old token be worth nothing any more, the server says so and `after_refusal` says why.
            return replace(self._token, renew_at=self._clock() + _AGAIN_SECONDS)


def constant(header: str) -> Source:
    """A token that was written into the configuration, or none beside a client certificate."""
    token = Token(header)
    return lambda: token


def token_file(path: Path, *, clock: Callable[[], float]) -> Source:
    """A token that somebody else keeps current."""

    def read() -> Token:
        try:
            header = bearer(path.read_text(encoding="utf-8"), origin=f"The token file {path}")
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"The token file {path} cannot be read: {error}") from error
        return Token(header, renew_at=clock() + _FILE_SECONDS)

    return read


def plugin(run: Callable[[], Mapping[str, Any]]) -> Source:
    """A program that answers with an ExecCredential; `run` gives its status. Without an expiry a refusal makes us ask again."""

    def ask() -> Token:
        status = run()
        header = bearer(str(status.get("token") or ""), origin="The token of the credential plugin")
        expiry = status.get("expirationTimestamp")
        until = datetime.fromisoformat(expiry).timestamp() - _MARGIN_SECONDS if expiry else math.inf
        return Token(header, renew_at=until)

    return ask


def bearer(token: str, *, origin: str) -> str:
    """The header for a token. An empty one would make us anonymous, a broken one would end the header."""
    text = token.strip()
    if not text:
        raise ConfigurationError(f"{origin} is empty: put a bearer token there")
    if not text.isascii() or not text.isprintable():
        raise ConfigurationError(f"{origin} is no bearer token: it holds control characters or characters beyond ASCII")
    return f"Bearer {text}"
