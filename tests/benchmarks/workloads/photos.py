"""Photos, from what was uploaded to what is given out."""

import io
import resource
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.services import pipeline
from tests.benchmarks.people import Room, make_dms, make_people
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload, require

# 12 million pixels.
WIDTH, HEIGHT = 4000, 3000


def _dm() -> Room:
    one, other = make_people(2)
    [room] = make_dms([(one, other)])
    return room


def _photo(width: int, height: int) -> bytes:
    target = io.BytesIO()
    noise = Image.effect_noise((max(1, width // 4), max(1, height // 4)), 60).convert("RGB")
    noise.resize((width, height)).save(target, "JPEG", quality=90)
    return target.getvalue()


def _check(room: Room, photo: bytes) -> float:
    """Check an upload here, as a worker does; return the seconds of CPU that it took, the decoding process' too."""
    row = Attachment.objects.create(
        conversation_id=room.id,
        file_name="bench.jpg",
        size=len(photo),
        object_key=default_storage.save(f"attachments/{secrets.token_hex(16)}", ContentFile(photo)),
        status=AttachmentStatus.UPLOADED,
    )
    began = _cpu_seconds()
    pipeline.process(conversation_id=row.conversation_id, attachment_id=row.id)
    spent = _cpu_seconds() - began
    row.refresh_from_db()
    require(row.status == AttachmentStatus.READY, f"a photo is {row.status}: {row.error}")
    return spent


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@asynccontextmanager
async def photo_12_mpx(stage: Stage) -> AsyncIterator[Run]:
    """One photo after the other, each to READY."""
    room = await stage.built(_dm)
    photo = _photo(stage.size(WIDTH), stage.size(HEIGHT))

    async def run(photos: int) -> Findings:
        spent = [await stage.built(_check, room, photo) for _ in range(photos)]
        return {"photo": sum(spent) / photos}

    yield run


WORKLOADS = (
    Workload(
        name="photo_12_mpx",
        play=photo_12_mpx,
        operations=3,
        warm_up=1,
        aims=(Aim("photo", "s of CPU to READY", 2.0),),
    ),
)
