"""An upload that turns out bad before it is sent."""

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from attachments.models import Attachment
from attachments.services import pipeline
from tests.web.steps import open_conversation

BROKEN = {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnothing more"}


async def test_who_uploads_it_is_told_and_can_not_send_it(sign_in, owner, group):
    page = await sign_in(owner)
    await open_conversation(page, "Hikers")
    await page.locator("form.composer input[type=file]").set_input_files(BROKEN)
    upload = page.locator(".uploads li")
    await expect(upload.locator("progress")).to_be_hidden()
    row = await Attachment.objects.aget(conversation_id=group.pk)
    await sync_to_async(pipeline.process)(conversation_id=group.pk, attachment_id=row.id)
    await expect(upload).to_contain_text("This file could not be read. It is not sent.")
    await expect(page.locator("form.composer").get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await upload.get_by_role("button", name="Take broken.png away").click()
    await expect(upload).to_have_count(0)
