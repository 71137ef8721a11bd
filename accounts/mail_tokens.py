"""The texts in the links of mails, which prove that somebody reads an address. They expire, and are good once.

A token is `<kind>.<key id>.<subject>.<expiry>.<MAC>`. Its MAC is also over a state that its use ends, so that none is
stored and all of a kind die together: the address to prove, the password to replace. Each kind has a derived key of
its own, so that none passes for another.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from chat_project.core import signing

_FORM = re.compile(r"([ef]1)\.([0-9a-f]{6})\.(c[0-9a-z]{24})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")


class MailTokenKind(StrEnum):
    """What a link is good for, and what its subject is: a `pending_emails` row, or a person."""

    VERIFICATION = "e1"
    RESET = "f1"


@dataclass(frozen=True, slots=True)
class MailClaims:
    """What a text in the form of a token says that has not expired; genuine once `is_genuine` has said so."""

    kind: MailTokenKind
    subject_id: str
    body: str
    key_id: str
    signature: str

    def is_genuine(self, *, state: str) -> bool:
        """Tell whether this server made the token, and the state that it was made for still stands."""
        return signing.verifies(
            purpose=_purpose(self.kind),
            message=_message(self.body, state),
            key_id=self.key_id,
            signature=self.signature,
        )


def write_mail_token(kind: MailTokenKind, *, subject_id: str, state: str, seconds: int) -> str:
    """Return a token that is good for `seconds`, or until the state is another one."""
    key_id = signing.current_key_id()
    body = f"{kind}.{key_id}.{subject_id}.{int(timezone.now().timestamp()) + seconds}"
    return f"{body}.{signing.mac(purpose=_purpose(kind), message=_message(body, state), key_id=key_id)}"


def read_mail_token(token: str, kind: MailTokenKind) -> MailClaims | None:
    """Return what a text in the form of a token says; None for any other text, kind, and what has expired."""
    found = _FORM.fullmatch(token)
    if found is None or found[1] != kind or int(found[4]) <= timezone.now().timestamp():
        return None
    return MailClaims(
        kind=kind,
        subject_id=found[3],
        body=token.rpartition(".")[0],
        key_id=found[2],
        signature=found[5],
    )


def _purpose(kind: MailTokenKind) -> str:
    return f"mail-token:{kind}"


def _message(body: str, state: str) -> bytes:
    return f"{body}\n{state}".encode()
