"""Files in tests: uploaded, checked and sent over REST."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image
from rest_framework.test import APIClient

from accounts.models import User
from attachments.models import Attachment
from attachments.services import pipeline
from conversations.models import Conversation
from tests.clients import signed_in


def photo() -> bytes:
    """Return a JPEG that lies on its side and says where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    target = io.BytesIO()
    Image.effect_noise((400, 300), 40).convert("RGB").save(target, "JPEG", exif=exif)
    return target.getvalue()


def client_of(user: User) -> APIClient:
    """Return a client of somebody signed in."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {signed_in(user).tokens.access}")
    return client


def address(group: Conversation, rest: str = "attachments") -> str:
    """Return the address of something of a conversation."""
    return f"/api/v1/conversations/{group.pk}/{rest}"


def content_of(answer: Any) -> bytes:
    """Return the bytes of an answer that comes in chunks."""
    return b"".join(answer.streaming_content)


def uploaded(user: User, group: Conversation, data: bytes, name: str = "a.bin") -> Attachment:
    """Return an upload, as it waits."""
    answer = client_of(user).post(address(group), {"file": SimpleUploadedFile(name, data)}, format="multipart")
    assert answer.status_code == 201, answer.json()
    return Attachment.objects.get(conversation_id=group.pk, id=answer.json()["id"])


def processed(row: Attachment) -> Attachment:
    """Return a file after its check."""
    pipeline.process(conversation_id=row.conversation_id, attachment_id=row.id)
    row.refresh_from_db()
    return row


def send(user: User, group: Conversation, **body: Any) -> Any:
    """Send a message; return the answer."""
    return client_of(user).post(address(group, "messages"), body, format="json")
