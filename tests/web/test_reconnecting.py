"""How long the page waits before it connects again: by its own module, with sockets that end at once."""

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
