"""A copy, its backup, and another copy made from it, by the commands of docs/operations.md."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_project.embedded import Layout, servers
from tests.embedded.layouts import new_layout, remove
from tests.serving.copies import BASE_DIR, environment

PAGE = (BASE_DIR / "docs/operations.md").read_text()
# Programs that a page's commands name by a path of the checkout.
VENV = Path(sys.executable).parent

FILL = """
import io
from django.core.management import call_command
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from attachments.models import Attachment
from conversations.services import create_conversation
from messaging.drafts import Outgoing
from messaging.services import send_message
from moderation.services import sealing
from tests.factories import UserFactory

anna, bert = UserFactory(username="anna"), UserFactory(username="bert")
group, _ = create_conversation(creator=anna, type="GROUP", title="Hikers", member_ids=[bert.pk])
for number in range(20):
    send_message(sender=anna, conversation_id=group, outgoing=Outgoing.checked(content=f"walk {number}"))
key = default_storage.save("attachments/kept", ContentFile(b"what is in the file"))
Attachment.objects.create(
    conversation_id=group, uploader=anna, file_name="a.txt", mime_type="text/plain", size=19, object_key=key,
    status="READY", is_processed=True,
)
call_command("suspend_user", "bert", "--reason", "a test", stdout=io.StringIO())
# Rows are left for a while, as the clocks of hosts differ.
sealing.SKEW_SECONDS = -60
sealing.seal_audit_log()
"""
LOOK = """
import json
from django.core.files.storage import default_storage
from django.db import connection
from accounts.models import User
from attachments.models import Attachment
from messaging.models import Message
from messaging.sync import epoch
from moderation.models import AuditLog, AuditSeal
print(json.dumps({
    "people": list(User.objects.order_by("username").values_list("username", flat=True)),
    "can_sign_in": User.objects.get(username="anna").check_password("correct horse battery"),
    "messages": list(Message.objects.filter(type="TEXT").order_by("seq").values_list("content", flat=True)),
    "file": default_storage.open(Attachment.objects.get().object_key).read().decode(),
    "sealed": AuditSeal.objects.count() > 0,
    "audited": AuditLog.objects.count() > 0,
    "epoch": epoch(),
}))
"""


def commands_after(heading: str, number: int) -> str:
    """Return one of the blocks of commands under a heading of the page."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return section.split("```sh\n")[number].split("```", 1)[0]


def run(script: str, layout: Layout, place: Path) -> str:
    """Run commands of the page as its reader does: in the checkout, here with another DATA_DIR."""
    script = script.replace('"$PWD"/.venv', str(VENV.parent)).replace(".venv/bin/", f"{VENV}/")
    script = script.replace('"$PWD"/var/run', str(layout.socket_dir)).replace("chat.dump", str(place / "chat.dump"))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=BASE_DIR,
        env=environment(DATA_DIR=layout.data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def shell(code: str) -> str:
    return f".venv/bin/python manage.py shell -v0 -c '{code}'"


@pytest.fixture
def layouts() -> Iterator[list[Layout]]:
    made = [new_layout("copy"), new_layout("copy")]
    yield made
    for layout in made:
        remove(layout)


# Two copies from nothing: each makes its PostgreSQL, and one its tables.
def test_a_copy_that_was_restored_has_all_and_holds_together(layouts, tmp_path):
    first, second = layouts
    with servers(first.data_dir, {}):
        run(".venv/bin/python manage.py migrate -v0", first, tmp_path)
        run(shell(FILL), first, tmp_path)
        before = json.loads(run(shell(LOOK), first, tmp_path))
        run(commands_after("Backup and restore", 1), first, tmp_path)
    assert (tmp_path / "chat.dump").stat().st_mode & 0o077 == 0

    second.data_dir.mkdir(exist_ok=True)
    for name in ("media", "secret_key"):
        kept = first.data_dir / name
        (shutil.copytree if kept.is_dir() else shutil.copy2)(kept, second.data_dir / name)
    said = run(
        commands_after("Backup and restore", 1).splitlines()[0] + "\n" + commands_after("Backup and restore", 2),
        second,
        tmp_path,
    )
    assert "differ" not in said
    assert run(".venv/bin/python manage.py verify_audit_log", second, tmp_path)
    after = json.loads(run(shell(LOOK), second, tmp_path))
    # Clients that have seen more than the backup knows begin anew.
    assert after.pop("epoch") != before.pop("epoch")
    assert after == before
    assert after["messages"] == [f"walk {number}" for number in range(20)]
    assert (after["file"], after["can_sign_in"]) == ("what is in the file", True)
    assert os.listdir(second.data_dir / "media") == os.listdir(first.data_dir / "media")
