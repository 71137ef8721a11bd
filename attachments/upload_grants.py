"""Addresses of this server that take one upload: what they grant is signed, and is all the credential they need."""

import time
from urllib.parse import parse_qs, urlencode

from attachments.errors import UploadAddressInvalidError
from chat_project.core.signing import current_key_id, mac, verifies

_PURPOSE = "upload"


def upload_address(*, conversation_id: str, attachment_id: str, size: int, seconds: int) -> str:
    """Return the path and query that take so many bytes for a file, for so long."""
    expires = int(time.time()) + seconds
    key_id = current_key_id()
    signature = mac(purpose=_PURPOSE, message=_message(conversation_id, attachment_id, size, expires), key_id=key_id)
    query = urlencode({"size": size, "expires": expires, "key": key_id, "signature": signature})
    return f"/api/v1/conversations/{conversation_id}/attachments/{attachment_id}/upload?{query}"


def granted_size(*, conversation_id: str, attachment_id: str, query: str) -> int:
    """Return how many bytes an address takes. Raises UploadAddressInvalidError where it is forged or too old."""
    given = {name: values[0] for name, values in parse_qs(query).items()}
    try:
        size, expires = int(given["size"]), int(given["expires"])
        key_id, signature = given["key"], given["signature"]
    except (KeyError, ValueError):
        raise UploadAddressInvalidError from None
    message = _message(conversation_id, attachment_id, size, expires)
    if not verifies(purpose=_PURPOSE, message=message, key_id=key_id, signature=signature) or expires < time.time():
        raise UploadAddressInvalidError
    return size


def _message(conversation_id: str, attachment_id: str, size: int, expires: int) -> bytes:
    return f"{conversation_id}/{attachment_id}/{size}/{expires}".encode(errors="replace")
