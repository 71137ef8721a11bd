"""Names that people choose: their forms, the words that nobody gets, and those that somebody gave up."""

import re
import unicodedata
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.enums import NameKind
from accounts.models import ReservedName
from accounts.models.users import BIO_MAX_LENGTH, DISPLAY_NAME_MAX_LENGTH, PHONE_PATTERN
from chat_project.core.errors import InvalidError

RESERVED_FOR = timedelta(days=90)
MIN_LENGTHS = {NameKind.USERNAME: 3, NameKind.HANDLE: 5}
MAX_LENGTH = 32
EMAIL_MAX_LENGTH = 254

_RESERVED = """
    abuse account accounts admin administrator administrators admins all anonymous api bot bots channel
    channels chat contact contacts deleted deleted_account everybody everyone group groups guest help here
    hostmaster info invite invites join login logout mail mod moderation moderator moderators mods nobody
    noreply no_reply notifications null official operator owner postmaster privacy register report reports
    root saved_messages search security service settings staff status superuser support sysadmin system team
    undefined unknown user username verified webmaster www
"""
RESERVED_WORDS = frozenset(_RESERVED.split())

_FORM = re.compile(r"[a-z][a-z0-9_]*")
_PHONE = re.compile(PHONE_PATTERN)
_PHONE_PUNCTUATION = re.compile(r"[\s().-]")
# Unicode's bidirectional controls, and the invisible characters that no script needs. The joiners stay: emoji and
# several scripts are written with them.
_INVISIBLE = frozenset(
    map(chr, (0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF))
)
# Characters that are letters or symbols by category and show nothing.
_BLANK = frozenset(map(chr, (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0)))


def clean_name(text: str) -> str:
    """Return a display name, title or file name on one line, without bidi and control characters."""
    return " ".join(_without_controls(text, keep="").split())


def clean_text(text: str) -> str:
    """Return a text of several lines, trimmed, without bidi and control characters."""
    return _without_controls(text.replace("\r\n", "\n"), keep="\n").strip()


def check_name_is_free(name: str, *, kind: NameKind, field: str, holder_id: str | None = None) -> None:
    """Refuse a username or handle, in lower case, that has not the form, is a reserved word, or was given up lately.

    `holder_id` is who may have back what they gave up. Whether the name is in use is the table's unique key to say.

    Raises: InvalidError, which names `field`.
    """
    shortest = MIN_LENGTHS[kind]
    if not (shortest <= len(name) <= MAX_LENGTH and _FORM.fullmatch(name)):
        raise InvalidError.of(
            field,
            f"Use {shortest} to {MAX_LENGTH} characters: letters a to z, digits and underscores, a letter first.",
        )
    if name in RESERVED_WORDS:
        raise InvalidError.of(field, "This name is reserved.", code="name_reserved")
    given_up = ReservedName.objects.filter(kind=kind, name=name, reserved_until__gt=timezone.now())
    if any(row.holder_id is None or row.holder_id != holder_id for row in given_up):
        raise InvalidError.of(field, "This name is taken.", code="name_taken")


def reserve_name(name: str, *, kind: NameKind, holder_id: str | None) -> None:
    """Close a name that was just given up to all but its holder, for 90 days."""
    ReservedName.objects.update_or_create(
        kind=kind, name=name, defaults={"holder_id": holder_id, "reserved_until": timezone.now() + RESERVED_FOR}
    )


def checked_display_name(text: str) -> str:
    """Return a display name as it is kept. Raises InvalidError."""
    name = clean_name(text)
    if len(name) > DISPLAY_NAME_MAX_LENGTH:
        raise InvalidError.of("display_name", f"Give at most {DISPLAY_NAME_MAX_LENGTH} characters.")
    if not any(_shows(character) for character in name):
        raise InvalidError.of("display_name", "Give a name that can be seen.")
    return name


def checked_bio(text: str) -> str:
    """Return what somebody says of themselves as it is kept. Raises InvalidError."""
    bio = clean_text(text)
    if len(bio) > BIO_MAX_LENGTH:
        raise InvalidError.of("bio", f"Give at most {BIO_MAX_LENGTH} characters.")
    return bio


def checked_email(text: str) -> str:
    """Return an address of mail as it is kept, in lower case. Raises InvalidError."""
    email = email_form(text)
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidError.of("email", "Give a valid e-mail address.") from None
    # Of other letters, "lower case" differs between this program and the database.
    if not (email.isascii() and email.isprintable() and len(email) <= EMAIL_MAX_LENGTH):
        raise InvalidError.of("email", "Give a valid e-mail address, of plain letters.")
    return email


def email_form(text: str) -> str:
    """Return an address as it is kept and looked for, whatever was typed."""
    return text.strip().lower()


def checked_phone(text: str) -> str | None:
    """Return a telephone number in the form of E.164; None where none is given. Raises InvalidError."""
    phone = phone_form(text)
    if phone and not _PHONE.fullmatch(phone):
        raise InvalidError.of("phone", "Give the number with its country's code, like +49 30 1234567.")
    return phone or None


def phone_form(text: str) -> str:
    """Return a number without the punctuation that people write in it."""
    return _PHONE_PUNCTUATION.sub("", text)


def _without_controls(text: str, *, keep: str) -> str:
    return "".join(character for character in text if character in keep or not _is_control(character))


def _is_control(character: str) -> bool:
    return character in _INVISIBLE or unicodedata.category(character) in ("Cc", "Zl", "Zp")


def _shows(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANK
