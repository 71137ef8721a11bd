"""Making a channel, and coming to it by a link, in a real browser."""

import io

from asgiref.sync import sync_to_async
from PIL import Image
from playwright.async_api import expect

from tests.factories import UserFactory
from tests.web.steps import bubble, row_of


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (300, 300), "#7a9cc6").save(target, "PNG")
    return target.getvalue()


async def test_a_channel_is_made_joined_by_a_link_read_and_left_until_the_link_is_revoked(sign_in, owner, outsider):
    olga, otto = await sign_in(owner), await sign_in(outsider)
    await olga.get_by_role("link", name="New conversation").click()
    await olga.get_by_role("link", name="Channel", exact=True).click()
    await olga.get_by_label("Name").fill("Ridge news")
    await olga.get_by_label("Picture").set_input_files(
        {"name": "ridge.png", "mimeType": "image/png", "buffer": picture()}
    )
    await olga.get_by_role("button", name="Create the channel").click()
    await expect(olga.get_by_role("heading", name="Ridge news")).to_be_visible()
    field = olga.get_by_role("textbox", name="Message")
    await field.fill("The ridge is open")
    await field.press("Enter")
    await olga.get_by_role("link", name="Info", exact=True).click()
    await olga.get_by_role("link", name="Invite links").click()
    await olga.get_by_role("button", name="New invite link").click()
    link = await olga.get_by_label("Invite link", exact=True).input_value()
    path = link[link.index("/join/") :]

    await otto.goto(path)
    await expect(otto.locator(".card-picture img")).to_have_js_property("naturalWidth", 512)
    await otto.get_by_role("button", name="Join").click()
    await expect(bubble(otto, "The ridge is open")).to_be_visible()
    await otto.get_by_role("link", name="Search in this conversation").click()
    await expect(otto.get_by_role("searchbox")).to_be_focused()
    await otto.keyboard.type("ridge")
    await otto.locator("#found .pick", has_text="The ridge is open").click()
    await expect(bubble(otto, "The ridge is open")).to_be_focused()
    await expect(otto.get_by_text("Only the people who run this channel post here.")).to_be_visible()
    await expect(olga.locator(".pane-title .presence")).to_have_text("2 subscribers")

    await otto.goto("/")
    await otto.locator(".row").click(button="right")
    await otto.get_by_role("menuitem", name="Leave").click()
    await otto.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await expect(otto.locator(".row")).to_be_hidden()
    await otto.goto("/contacts/")
    await expect(olga.locator(".pane-title .presence")).to_have_text("1 subscriber")
    await olga.get_by_role("button", name="Revoke").click()
    await expect(olga.get_by_label("Invite link", exact=True)).to_have_count(0)
    await otto.goto(path)
    await expect(otto.get_by_role("heading", name="This invite has ended")).to_be_visible()


async def test_a_link_for_one_with_approval_lets_in_whom_somebody_lets_in(sign_in, owner, member, outsider, group):
    olga, otto = await sign_in(owner), await sign_in(outsider)
    await olga.goto(f"/c/{group.pk}/info/invites")
    await olga.get_by_label("How often it may be used").fill("1")
    await olga.get_by_label("Whoever comes by it waits to be let in").check()
    await olga.get_by_role("button", name="New invite link").click()
    await expect(olga.get_by_text("with approval")).to_be_visible()
    link = await olga.get_by_label("Invite link", exact=True).input_value()
    await otto.goto(link[link.index("/join/") :])
    await otto.get_by_role("button", name="Ask to join").click()
    await expect(otto.get_by_text("You have asked to join. Somebody who runs it decides.")).to_be_visible()
    await otto.goto("/")
    await expect(otto.locator(".row")).to_have_count(0)

    await olga.goto(f"/c/{group.pk}/info/members")
    await olga.get_by_role("button", name="Let Otto in").click()
    await expect(olga.locator(".side-part .person-row", has=olga.get_by_role("link", name="Otto"))).to_be_visible()
    await expect(row_of(otto, "Hikers")).to_be_visible()
    vera = await sign_in(await sync_to_async(UserFactory)(username="vera"))
    await vera.goto(link[link.index("/join/") :])
    await expect(vera.get_by_role("heading", name="This invite has ended")).to_be_visible()
