"""How the page connects again and asks what it missed: by its own modules, with sockets that are none."""

DELAYS = """async (code) => {
    const { makeSocket } = await import("/static/js/socket.js");
    const delays = [];
    const later = window.setTimeout;
    window.WebSocket = class {
        constructor() { queueMicrotask(() => { this.onopen(); this.onclose({ code }); }); }
        close() {}
        send() {}
    };
    window.setTimeout = (_, delay) => delays.push(delay);
    for (let each = 0; each < 200; each++) makeSocket("/ws/v1/", () => {}).open();
    await new Promise((done) => later(done, 0));
    return delays;
}"""

ASKED = """async (count) => {
    const { makeLive } = await import("/static/js/live.js");
    const { teller } = await import("/static/js/dom.js");
    const versions = Object.fromEntries(Array.from({ length: count }, (_, number) => [`c${number}`, 1]));
    const { hear, tell } = teller();
    const asked = [];
    const command = async (name, data) => {
        asked.push(Object.keys(data.versions));
        const conversations = Object.keys(versions).map((id) => ({ conversation: { id, version: 2 }, messages: [] }));
        return { epoch: "e", removed: [], conversations };
    };
    const live = makeLive({ hear, command, connected: true }, { epoch: "e", versions });
    const synced = [];
    live.hear("conversation.synced", ({ id }) => synced.push(id));
    tell("hello", { epoch: "e" });
    await new Promise((done) => setTimeout(done, 0));
    return [asked.map((ids) => ids.length), asked.flat().length, synced.length, new Set(synced).size];
}"""


async def delays(browser, chat, code: int) -> list[float]:
    page = await browser.new_page()
    await page.goto(f"{chat.url}/login/")
    return await page.evaluate(DELAYS, code)


async def test_those_whom_one_process_leaves_come_back_spread_over_seconds(browser, chat):
    told = await delays(browser, chat, 1012)
    assert len(told) == 200
    assert max(told) <= 4500
    # As evenly as chance has it.
    assert 30 < sum(delay < 1400 for delay in told) < 110
    assert 30 < sum(delay > 3000 for delay in told) < 110


async def test_a_connection_that_broke_is_tried_again_soon_and_not_by_all_at_once(browser, chat):
    told = await delays(browser, chat, 1006)
    assert max(told) <= 500
    assert len(set(told)) > 100


async def test_who_is_in_more_conversations_than_one_question_takes_asks_about_all_of_them(browser, chat):
    page = await browser.new_page()
    await page.goto(f"{chat.url}/login/")
    assert await page.evaluate(ASKED, 2500) == [[1000, 1000, 500], 2500, 2500, 2500]
