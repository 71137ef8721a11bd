"""Sending a Web Push: encrypted for one browser, under this copy's VAPID key, without following anybody elsewhere."""

import time
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, lru_cache

import urllib3
from django.conf import settings
from py_vapid import Vapid02

from chat_project.core.push.encryption import encrypted, point
from chat_project.core.push.endpoints import Endpoint, EndpointRefusedError, address_of, read_endpoint
from chat_project.core.signing import encode_bytes

# A text's length is nobody's business: payloads are filled up to multiples of so many bytes.
PADDED_TO = 512
_HOUR = 3600
# RFC 8292 allows a day; a clock that is wrong by hours is still believed.
_TOKEN_HOURS = 12
_TIMEOUT = urllib3.Timeout(connect=5, read=10)
_GONE = frozenset({404, 410})
_BUSY = frozenset({408, 429})


class Outcome(Enum):
    """What became of a push."""

    SENT = auto()
    GONE = auto()  # The subscription is no more: the person took the permission back, or the browser is gone.
    BUSY = auto()  # To be tried again later.
    REFUSED = auto()  # To try it again would bring the same answer.


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a push, and in how many seconds the push service wants to be asked again."""

    outcome: Outcome
    retry_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What is sent. Of those with one `topic` that wait for a browser, the push service keeps the newest alone."""

    payload: bytes
    topic: str
    is_urgent: bool = True


def send_push(push: Push, *, endpoint: str, p256dh: bytes, auth: bytes) -> Answer:
    """Send one push. Never raises for what a subscription or a push service does."""
    try:
        where = read_endpoint(endpoint)
        address = address_of(where)
    except EndpointRefusedError:
        return Answer(Outcome.REFUSED)
    except OSError:
        return Answer(Outcome.BUSY)
    body = encrypted(push.payload, p256dh=p256dh, auth=auth, padded_to=PADDED_TO)
    headers = {
        "Host": where.authority,
        "Authorization": _token(where.origin, int(time.time()) // _HOUR),
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(settings.PUSH_TTL_SECONDS),
        "Topic": push.topic,
        "Urgency": "high" if push.is_urgent else "normal",
    }
    try:
        return _post(where, address, body, headers)
    except (urllib3.exceptions.HTTPError, OSError):
        return Answer(Outcome.BUSY)


@cache
def public_key() -> str:
    """Return the key by which browsers know who may push to them: `applicationServerKey`, in base64url."""
    return encode_bytes(point(_vapid().public_key))


def _post(where: Endpoint, address: str, body: bytes, headers: dict[str, str]) -> Answer:
    with _pool(where, address) as pool:
        # What it says beside its status is not read: it could be long.
        answer = pool.request(
            "POST", where.target, body=body, headers=headers, retries=False, redirect=False, preload_content=False
        )
        status, retry_after = answer.status, answer.headers.get("Retry-After", "")
        answer.close()
    if status in _GONE:
        return Answer(Outcome.GONE)
    if status in _BUSY or status >= 500:
        return Answer(Outcome.BUSY, int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0)
    return Answer(Outcome.SENT if 200 <= status < 300 else Outcome.REFUSED)


def _pool(where: Endpoint, address: str) -> urllib3.HTTPConnectionPool:
    """Return a pool that connects to an address, and asks of it the certificate of the host."""
    if where.scheme == "http":
        return urllib3.HTTPConnectionPool(address, where.port, timeout=_TIMEOUT)
    return urllib3.HTTPSConnectionPool(
        address, where.port, timeout=_TIMEOUT, server_hostname=where.host, assert_hostname=where.host
    )


@lru_cache(maxsize=64)
def _token(audience: str, hour: int) -> str:
    claims = {"aud": audience, "exp": (hour + _TOKEN_HOURS) * _HOUR, "sub": settings.VAPID_SUBJECT}
    return str(_vapid().sign(claims)["Authorization"])


@cache
def _vapid() -> Vapid02:
    return Vapid02.from_raw(settings.VAPID_PRIVATE_KEY.encode())
