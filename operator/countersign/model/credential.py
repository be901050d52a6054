"""Finds values that look like credentials, so that none is ever approved, stored in a Plan or shown in a preview.

Walks any JSON value and yields paths, never values. Two signs count: a text that only one issuer hands out, anywhere; and
a random-looking text under a key that is named like a credential. Plain words are never a sign: a plan that is refused for
nothing teaches people to work around the check.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from math import log2
from typing import Any

from countersign.model.path import Part

Path = tuple[Part, ...]
HIDDEN = "*"
"""Stands in a path for a key that is itself a credential."""


class Kind(StrEnum):
    """Completes the sentence "the value looks like ..."."""

    AWS = "an AWS access key"
    GITHUB = "a GitHub token"
    GITLAB = "a GitLab token"
    SLACK = "a Slack token"
    STRIPE = "a Stripe key"
    ANTHROPIC = "an Anthropic key"
    OPENAI = "an OpenAI key"
    GOOGLE = "a Google key"
    HUGGING_FACE = "a Hugging Face token"
    NPM = "an npm token"
    PYPI = "a PyPI token"
    SENDGRID = "a SendGrid key"
    VAULT = "a Vault token"
    AZURE = "an Azure account key"
    RUNAGENTS = "a RunAgents workspace key"
    JWT = "a JSON Web Token"
    PRIVATE_KEY = "a private key"
    BEARER = "a bearer token"
    BASIC = "a user name and password"
    RANDOM = "a password or key"


# Every pattern begins at the edge of a word and has bounded or disjoint parts, so that no text makes it slow.
_EDGE = r"(?<![A-Za-z0-9_-])"
_ISSUED = tuple(
    (re.compile(_EDGE + pattern), kind)
    for pattern, kind in (
        (r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])", Kind.AWS),
        (r"(?:gh[oprsu]_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9_]{22})", Kind.GITHUB),
        (r"gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20}", Kind.GITLAB),
        (r"(?:xox[a-z]-|xapp-)[A-Za-z0-9-]{10}", Kind.SLACK),
        (r"(?:[rs]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16}", Kind.STRIPE),
        (r"sk-ant-[A-Za-z0-9_-]{16}", Kind.ANTHROPIC),
        (r"sk-(?:(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{20}|[A-Za-z0-9]{32})", Kind.OPENAI),
        (r"(?:AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20}|GOCSPX-[A-Za-z0-9_-]{20})", Kind.GOOGLE),
        (r"hf_[A-Za-z0-9]{30}", Kind.HUGGING_FACE),
        (r"npm_[A-Za-z0-9]{36}", Kind.NPM),
        (r"pypi-AgE[A-Za-z0-9_-]{20}", Kind.PYPI),
        (r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32}", Kind.SENDGRID),
        (r"hv[bs]\.[A-Za-z0-9_-]{24}", Kind.VAULT),
        (r"AccountKey=[A-Za-z0-9+/]{40}", Kind.AZURE),
        (r"ra_ws_[A-Za-z0-9_-]{8}", Kind.RUNAGENTS),
        (r"eyJ[A-Za-z0-9_-]{10,4096}\.[A-Za-z0-9_-]{10,16384}\.", Kind.JWT),
        (r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY", Kind.PRIVATE_KEY),
        (r"(?i:bearer)[ \t]{1,4}(?=[^\s]{0,4096}[0-9])[A-Za-z0-9._~+/-]{16}", Kind.BEARER),
    )
)
_URL_LOGIN = re.compile(r"://[^/?#\s:@]{0,256}:(?![$<{*@])[^/?#\s@]{1,256}@")
_BASIC = re.compile(_EDGE + r"(?i:basic)[ \t]{1,4}([A-Za-z0-9+/]{8,1024}={0,2})")

_SECRET_KEY = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credential|(?:api|access|private|secret|signing)key|authorization)s?"
)
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_PLACEHOLDER = re.compile(r"[$%<{*]|.*[\s(]")
# payments-oauth-client-v2, my_service.token2: words with numbers at their ends are names, however long. The three
# alternatives share no word: otherwise a long text that fails at its end would be tried in exponentially many ways.
_WORD = r"(?:[A-Za-z][a-z]*[0-9]{0,3}|[A-Z]{2,}[0-9]{0,3}|[0-9]{1,4})"
_NAME = re.compile(rf"{_WORD}(?:[-_./:]+{_WORD})*/?")
_SHORTEST = 10
_RANDOM_FROM = 3
"""Bits per character. English stays below; what does not is told from random text by _NAME."""
_CLASSES = tuple(re.compile(pattern) for pattern in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))


def suspicious(value: Any) -> Iterator[tuple[Path, Kind]]:
    """Every place that looks like a credential, in the order of the text; deep nesting does no harm."""
    pending: list[tuple[Path, str, Any]] = [((), "", value)]
    while pending:
        path, name, item = pending.pop()
        match item:
            case str():
                if (kind := _kind(item, name=name)) is not None:
                    yield path, kind
            case dict():
                yield from ((path, kind) for key in item if (kind := _issued(key)))
                pending.extend(reversed([_entry(path, name, item, key) for key in item]))
            case list() | tuple():
                pending.extend(reversed([((*path, index), name, element) for index, element in enumerate(item)]))


def _entry(path: Path, name: str, item: dict[str, Any], key: str) -> tuple[Path, str, Any]:
    # Environment variables and headers are lists of {name, value}: there the name is what tells.
    telling = str(item.get("name", name)) if key == "value" else key
    return (*path, HIDDEN if _issued(key) else key), telling, item[key]


def _kind(text: str, *, name: str) -> Kind | None:
    return _issued(text) or (Kind.RANDOM if _names_a_secret(name) and _looks_random(text) else None)


def _issued(text: str) -> Kind | None:
    for pattern, kind in _ISSUED:
        if pattern.search(text):
            return kind
    return Kind.BASIC if _URL_LOGIN.search(text) or any(map(_is_login, _BASIC.findall(text))) else None


def _is_login(encoded: str) -> bool:
    """`Basic` is also an English word; it is a credential when what follows decodes to `user:password`."""
    try:
        return b":" in base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False


def _names_a_secret(name: str) -> bool:
    """The last words decide: `clientSecret` holds a secret, `secretName` and `tokenUrl` only speak of one."""
    flat = _SEPARATORS.sub("", name.lower())
    found = list(_SECRET_KEY.finditer(flat))
    return bool(found) and found[-1].end() == len(flat)


def _looks_random(text: str) -> bool:
    if len(text) < _SHORTEST or _PLACEHOLDER.match(text) or _NAME.fullmatch(text) or "://" in text:
        return False
    classes = sum(1 for pattern in _CLASSES if pattern.search(text))
    return classes > 1 and _entropy(text) > _RANDOM_FROM


def _entropy(text: str) -> float:
    """Shannon's, in bits per character."""
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())
