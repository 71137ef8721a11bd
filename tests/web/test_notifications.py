"""Notifications in a real browser: turned on at a click, shown by the service worker; the page without a network."""

import asyncio
import json
import re

import pytest
import urllib3
from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from accounts.models import PushSubscription, User
from conversations.models import Conversation, ConversationMember
from messaging.services import mark_read
from tests.accessibility import violations
from tests.clients import opened
from tests.factories import PASSWORD
from tests.web.conftest import PATIENCE

# What stands in for the browser's push service, which is far away: everything else is the browser's own.
SUBSCRIBE = """
    PushManager.prototype.subscribe = async () => ({ toJSON: () => (%s) }); null
"""
GIVEN = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
# What is shown, once it is as it should be.
NOTICES = """
    (wanted) => new Promise((resolve) => {
        const look = async () => {
            const registration = await navigator.serviceWorker.ready;
            const found = await registration.getNotifications();
            const shown = found.map(({ title, body, tag }) => ({ title, body, tag }));
            if (JSON.stringify(shown.map(({ body }) => body)) === JSON.stringify(wanted)) resolve(shown);
            else setTimeout(look, 50);
        };
        look();
    })
"""
NO_SERVICE = "PushManager.prototype.subscribe = () => Promise.reject(new Error()); null"
# Headless windows all believe to be in front.
NOBODY_LOOKS = "document.hasFocus = () => false"
LISTENS = "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/notify.'))"


async def turn_on(page: Page, *, given=None) -> None:
    await page.context.grant_permissions(["notifications"])
    await page.goto("/settings/notifications")
    await page.evaluate(SUBSCRIBE % json.dumps(given) if given else NO_SERVICE)
    await page.get_by_role("button", name="Turn on").click()
    await expect(page.get_by_text("Notifications are on.")).to_be_visible()


async def arrive(page: Page, address: str = "/") -> None:
    """Go to a page where nobody looks, and wait until it hears of messages: what came before is not new to it."""
    hears = asyncio.Event()
    page.once("websocket", lambda socket: socket.on("framereceived", lambda _frame: hears.set()))
    await page.add_init_script(NOBODY_LOOKS)
    await page.goto(address)
    await page.wait_for_function(LISTENS)
    async with asyncio.timeout(PATIENCE / 1000):
        await hears.wait()


async def say(chat, sender: User, conversation, content: str):
    async with opened(chat, sender) as socket:
        reply = await socket.command("message.send", conversation_id=conversation.pk, content=content)
    assert reply["ok"], reply
    return reply["data"]


async def shown(page: Page, *bodies: str):
    """Wait until these notices are shown, and no others; return them."""
    async with asyncio.timeout(PATIENCE / 1000):
        return await page.evaluate(NOTICES, list(bodies))


async def test_a_device_is_subscribed_at_a_click_and_forgotten_at_another(sign_in, owner):
    page = await sign_in(owner)
    await turn_on(page, given=GIVEN)
    await expect(page.get_by_text("while the chat is closed, too")).to_be_visible()
    row = await PushSubscription.objects.aget()
    assert (row.user_id, row.endpoint, row.shows_text) == (owner.pk, GIVEN["endpoint"], True)
    await page.get_by_label("Show names and texts").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    await expect(page.get_by_label("Show names and texts")).not_to_be_checked()
    await expect(page.get_by_label("Sound")).to_be_checked()
    assert not (await PushSubscription.objects.aget()).shows_text
    assert await violations(page) == []
    await page.get_by_role("button", name="Turn off").click()
    await expect(page.get_by_text("Notifications are off.")).to_be_visible()
    assert not await PushSubscription.objects.aexists()
    await expect(page.get_by_role("button", name="Turn on")).to_be_visible()


async def test_a_device_that_is_signed_in_anew_gets_its_pushes_again(sign_in, owner):
    page = await sign_in(owner)
    await turn_on(page, given=GIVEN)
    await page.context.clear_cookies(name=re.compile("session"))
    await page.goto("/login/")
    moved = {**GIVEN, "endpoint": f"{GIVEN['endpoint']}d"}
    await page.add_init_script(SUBSCRIBE % json.dumps(moved))
    await page.get_by_label("Username").fill("olga")
    await page.get_by_label("Password").fill(PASSWORD)
    async with page.expect_response("**/settings/notifications"):
        await page.get_by_role("button", name="Sign in", exact=True).click()
    rows = PushSubscription.objects.order_by("created_at").values_list("endpoint", flat=True)
    assert [endpoint async for endpoint in rows] == [GIVEN["endpoint"], moved["endpoint"]]


async def test_a_permission_that_is_refused_is_said(sign_in, owner):
    page = await sign_in(owner)
    await page.goto("/settings/notifications")
    await page.evaluate("Notification.requestPermission = async () => 'denied'")
    await page.get_by_role("button", name="Turn on").click()
    await expect(page.get_by_role("alert")).to_contain_text("Permit notifications for this site")
    await page.evaluate("document.getElementById('turn-on').submit()")
    await expect(page.get_by_text("This browser has no push service")).to_be_visible()


async def test_an_endpoint_that_is_no_push_service_is_refused(sign_in, owner):
    page = await sign_in(owner)
    await page.context.grant_permissions(["notifications"])
    await page.goto("/settings/notifications")
    await page.evaluate(SUBSCRIBE % json.dumps({**GIVEN, "endpoint": "https://169.254.169.254/latest"}))
    await page.get_by_role("button", name="Turn on").click()
    await expect(page.get_by_text("This is no push service that this server sends to.")).to_be_visible()
    assert not await PushSubscription.objects.aexists()


async def test_an_open_tab_shows_what_nobody_looks_at_and_takes_it_back_when_it_is_read(
    sign_in, chat, owner, member, group
):
    page = await sign_in(owner)
    await turn_on(page)
    await arrive(page)
    message = await say(chat, member, group, "Up there at **nine**")
    words = "Milan: Up there at nine"
    assert await shown(page, words) == [{"title": "Hikers", "body": words, "tag": group.pk}]
    await expect(page).to_have_title("(1) Chat")
    assert (await page.locator("link[rel=icon]").get_attribute("href")).startswith("data:image/svg+xml,")
    await sync_to_async(mark_read)(reader_id=owner.pk, conversation_id=group.pk, message_id=message["id"])
    await shown(page)

    await arrive(page, "/?folder=channels")
    await expect(page.locator(".row")).to_have_count(0)
    await say(chat, member, group, "Behind another folder")
    await shown(page, "Milan: Behind another folder")


async def test_who_muted_a_group_is_shown_only_what_names_them(sign_in, chat, owner, member, group):
    await ConversationMember.objects.filter(user=owner).aupdate(muted_until="9999-12-31T00:00:00Z")
    page = await sign_in(owner)
    await turn_on(page)
    await arrive(page)
    await say(chat, member, group, "Not to you")
    await say(chat, member, group, "To you, @olga")
    await shown(page, "Milan: To you, @olga")


async def test_without_the_preview_an_open_tab_shows_no_text(sign_in, chat, owner, member, group):
    page = await sign_in(owner)
    await turn_on(page)
    await page.get_by_label("Show names and texts").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    await arrive(page)
    await say(chat, member, group, "the code is 1234")
    assert await shown(page, "New message") == [{"title": "Chat", "body": "New message", "tag": group.pk}]


async def test_of_what_expires_an_open_tab_shows_no_text(sign_in, chat, owner, member, group):
    await Conversation.objects.filter(pk=group.pk).aupdate(settings={"message_ttl_seconds": 3600})
    page = await sign_in(owner)
    await turn_on(page)
    await arrive(page)
    await say(chat, member, group, "the code is 1234")
    assert await shown(page, "New message") == [{"title": "Hikers", "body": "New message", "tag": group.pk}]


@pytest.fixture
async def worker(sign_in, owner):
    """A page with its service worker, and the browser's own way to push to it."""
    page = await sign_in(owner)
    await turn_on(page)
    devtools = await page.context.new_cdp_session(page)
    registrations = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    await devtools.send("ServiceWorker.enable")
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    async def push(**notice):
        found = next(each for each in registrations if not each["isDeleted"])
        given = {"origin": page.url.partition("/settings")[0], "registrationId": found["registrationId"]}
        await devtools.send("ServiceWorker.deliverPushMessage", {**given, "data": json.dumps(notice)})

    return page, push


async def test_a_push_is_shown_once_a_conversation(worker, group):
    page, push = worker
    await page.goto("about:blank")
    for body in ("one", "two"):
        await push(conversation=group.pk, title="Hikers", body=body, sent_at="2026-01-01T10:00:00.000000Z")
    await page.goto("/settings/notifications")
    assert await shown(page, "two") == [{"title": "Hikers", "body": "two", "tag": group.pk}]


async def test_a_push_is_not_shown_to_who_looks_at_the_chat_alone(worker, group):
    page, push = worker
    notice = {"conversation": group.pk, "title": "Hikers", "sent_at": "2026-01-01T10:00:00.000000Z"}
    await push(body="seen in the settings", **notice)
    await shown(page, "seen in the settings")
    await page.goto("/")
    await push(body="seen in the chat", **notice)
    await push(body="", **{**notice, "conversation": "another"})
    assert [each["body"] for each in await shown(page, "seen in the settings")] == ["seen in the settings"]


async def test_without_a_network_a_page_says_so_and_comes_back(sign_in, owner):
    page = await sign_in(owner)
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await page.wait_for_function("() => navigator.serviceWorker.controller")
    await page.context.set_offline(True)
    await page.goto("/settings/profile")
    await expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    drawn = "getComputedStyle(document.querySelector('.card')).borderRadius"
    assert await page.evaluate(drawn) != "0px"
    assert await violations(page) == []
    await page.context.set_offline(False)
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_role("heading", name="Profile")).to_be_visible()


async def test_the_service_worker_keeps_the_page_without_a_network_and_nothing_of_anybody(sign_in, chat, owner, group):
    page = await sign_in(owner)
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await page.wait_for_function("() => navigator.serviceWorker.controller")
    await page.goto(f"/c/{group.pk}")
    kept = await page.evaluate(
        """
        async () => {
            const names = await caches.keys();
            const caught = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())));
            return caught.flat().map(({ url }) => new URL(url).pathname);
        }
        """
    )
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline"]
    assert "/offline" in kept


@pytest.fixture
def fetched(chat):
    with urllib3.PoolManager() as pool:
        yield lambda path: pool.request("GET", chat.url + path)


def test_the_site_can_be_installed(fetched):
    manifest = fetched("/manifest.webmanifest")
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    content = manifest.json()
    assert (content["start_url"], content["scope"], content["display"]) == ("/", "/", "standalone")
    assert {icon["sizes"] for icon in content["icons"]} == {"192x192", "512x512"}
    assert "maskable" in {icon["purpose"] for icon in content["icons"]}
    for icon in content["icons"]:
        picture = fetched(icon["src"])
        assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")


def test_the_service_worker_is_served_for_all_of_the_site_under_the_same_rules(fetched):
    answer = fetched("/sw.js")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(answer.data) < 2500
