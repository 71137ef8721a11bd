"""Whatever happens while a client is away or hears half of it: after a sync it holds what the server holds."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.clients import RestClient, signed_in
from tests.factories import UserFactory
from tests.messaging.synced_client import SHARED, SyncedClient
from tests.server import LiveChat

NAMES = ("owner", "member", "watcher")
ACTORS = st.sampled_from(NAMES)
PLACES = st.integers(0, 1)
# Which message: counted from the newest.
BACK = st.integers(0, 12)
TEXTS = st.sampled_from(("hi", "**bold** and _more_", "hello @all", "مرحبا", "你好 👋", "||no||"))
EMOJI = st.sampled_from(("👍", "❤️", "🎉"))


@pytest.mark.django_db(transaction=True)
def test_a_client_that_comes_and_goes_always_ends_in_the_servers_state(live_chat: LiveChat) -> None:
    class Machine(RuleBasedStateMachine):
        """Three people in two groups; the watcher's device is the one that is compared."""

        def __init__(self) -> None:
            super().__init__()
            # New ones each time: what a person may do in an hour is bounded.
            self.people = {name: UserFactory() for name in NAMES}
            tokens = {name: signed_in(person).tokens.access for name, person in self.people.items()}
            self.runner = asyncio.Runner()
            self.rest = {name: RestClient(live_chat, token) for name, token in tokens.items()}
            self.client = SyncedClient(live_chat, self.people["watcher"], tokens["watcher"])
            self.places = [self._group(hides=False), self._group(hides=True)]

        def teardown(self) -> None:
            self.look()
            self.runner.run(self.client.drop())
            for place in self.places:
                self._call("owner", "DELETE", f"conversations/{place}")
            self.runner.close()

        # --- What people do -----------------------------------------------------------------

        @rule(actor=ACTORS, place=PLACES, text=TEXTS)
        def send(self, actor: str, place: int, text: str) -> None:
            self._call(actor, "POST", self._messages(place), {"content": text})

        @rule(actor=ACTORS, place=PLACES, back=BACK, text=TEXTS)
        def reply(self, actor: str, place: int, back: int, text: str) -> None:
            message = self._message(place, back)
            self._call(actor, "POST", self._messages(place), {"content": text, "reply_to_id": message["id"]})

        @rule(place=PLACES, back=BACK, text=TEXTS)
        def edit(self, place: int, back: int, text: str) -> None:
            message = self._message(place, back)
            for actor in NAMES:
                self._call(actor, "PATCH", f"{self._messages(place)}/{message['id']}", {"content": f"{text}!"})

        @rule(place=PLACES, back=BACK)
        def delete(self, place: int, back: int) -> None:
            self._call("owner", "DELETE", f"{self._messages(place)}/{self._message(place, back)['id']}")

        @rule(actor=ACTORS, place=PLACES, back=BACK, emoji=EMOJI, method=st.sampled_from(("PUT", "DELETE")))
        def react(self, actor: str, place: int, back: int, emoji: str, method: str) -> None:
            path = f"{self._messages(place)}/{self._message(place, back)['id']}/reactions/{quote(emoji)}"
            self._call(actor, method, path)

        @rule(place=PLACES, back=BACK, method=st.sampled_from(("PUT", "DELETE")))
        def pin(self, place: int, back: int, method: str) -> None:
            self._call("owner", method, f"{self._messages(place)}/{self._message(place, back)['id']}/pin")

        @rule(place=PLACES, title=st.sampled_from(("Hikers", "Cooks", "Chess")))
        def rename(self, place: int, title: str) -> None:
            self._call("owner", "PATCH", f"conversations/{self.places[place]}", {"title": title})

        @rule(place=PLACES, who=st.sampled_from(("member", "watcher")))
        def remove(self, place: int, who: str) -> None:
            self._call("owner", "DELETE", f"conversations/{self.places[place]}/members/{self.people[who].pk}")

        @rule(place=PLACES, who=st.sampled_from(("member", "watcher")))
        def add(self, place: int, who: str) -> None:
            self._call(
                "owner", "POST", f"conversations/{self.places[place]}/members", {"user_ids": [self.people[who].pk]}
            )

        # --- What the client does -------------------------------------------------------------

        @rule()
        def drop(self) -> None:
            self.runner.run(self.client.drop())

        @precondition(lambda self: self.client.is_connected)
        @rule()
        def hear(self) -> None:
            self.runner.run(self.client.hear())

        @rule()
        def look(self) -> None:
            """Connect where it is not, sync, and compare."""
            if not self.client.is_connected:
                self.runner.run(self.client.connect())
            else:
                self.runner.run(self.client.hear())
                self.runner.run(self.client.sync())
            served = {place: self._served(place) for place in self.places}
            held = {
                place: (self.client.held[place].shared, self._in_order(place))
                for place in self.places
                if place in self.client.held
            }
            assert held == {place: state for place, state in served.items() if state is not None}

        def _in_order(self, place: str) -> list[dict[str, Any]]:
            return sorted(self.client.held[place].messages.values(), key=lambda message: -message["seq"])

        def _served(self, place: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
            status, conversation = self.rest["watcher"].call("GET", f"conversations/{place}")
            if status == 404:
                return None
            page = self._call("watcher", "GET", f"conversations/{place}/messages?limit=100")
            assert page["next"] is None
            return {name: conversation[name] for name in SHARED}, page["results"]

        # --- How ----------------------------------------------------------------------------------

        def _group(self, *, hides: bool) -> str:
            body = {
                "type": "GROUP",
                "title": "Hikers",
                "member_ids": [self.people["member"].pk, self.people["watcher"].pk],
                "settings": {"history_for_new_members": not hides},
            }
            return str(self._call("owner", "POST", "conversations", body)["id"])

        def _messages(self, place: int) -> str:
            return f"conversations/{self.places[place]}/messages"

        def _message(self, place: int, back: int) -> dict[str, Any]:
            results: list[dict[str, Any]] = self._call("owner", "GET", self._messages(place))["results"]
            return results[min(back, len(results) - 1)]

        def _call(self, who: str, method: str, path: str, body: Any = None) -> Any:
            status, answer = self.rest[who].call(method, path, body)
            assert status < 500, answer
            assert status != 429, answer
            return answer

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
