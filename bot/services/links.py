"""Start parameters of deep links: signed order links and invitation tokens.

Telegram allows 64 characters of `[A-Za-z0-9_-]`. The first character says what follows:
`o` an order number with its signature, `i` the random token of an invitation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

_SIGNATURE = 22  # base64url characters of 128 bits
_LONGEST_NUMBER = 30  # bytes: 1 + 40 + 22 characters fit into 64
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_SIGNED = re.compile(r"([A-Za-z0-9_-]{2,40})([A-Za-z0-9_-]{22})")


class LinkError(ValueError):
    """A link cannot be made: its order number is too long, or nobody says whose bot it is."""


def order_parameter(number: str, secret: str) -> str:
    """The start parameter that opens one order. Raises LinkError above 30 bytes."""
    raw = number.encode()
    if not 0 < len(raw) <= _LONGEST_NUMBER:
        raise LinkError(f"order number {number!r} is empty or longer than {_LONGEST_NUMBER} bytes")
    body = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return f"o{body}{_signature(number, secret)}"


def order_of(parameter: str, secret: str) -> str | None:
    """The order number in a start parameter, or None if it is not one that we signed."""
    match = _SIGNED.fullmatch(parameter[1:]) if parameter.startswith("o") else None
    if match is None:
        return None
    body, signature = match.groups()
    try:
        number = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:
        return None
    genuine = hmac.compare_digest(signature, _signature(number, secret))
    return number if genuine and order_parameter(number, secret) == parameter else None


def new_invitation() -> str:
    """A token of 128 random bits for an invitation; only its hash is ever stored."""
    return secrets.token_urlsafe(16)


def invitation_parameter(token: str) -> str:
    """The start parameter of an invitation link."""
    return f"i{token}"


def invitation_of(parameter: str) -> str | None:
    """The SHA-256 of the invitation token in a start parameter, or None if there is none."""
    token = parameter[1:]
    return token_hash(token) if parameter.startswith("i") and _TOKEN.fullmatch(token) else None


def token_hash(token: str) -> str:
    """What the memory keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def deep_link(bot_username: str, parameter: str) -> str:
    """The address that opens the bot with this start parameter."""
    return f"https://t.me/{bot_username}?start={parameter}"


def _signature(number: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), b"order:" + number.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
