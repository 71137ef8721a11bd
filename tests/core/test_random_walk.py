"""Whatever a client makes of the schema: no call answers with a 500, and each answer is one that is described."""

import random
from contextlib import suppress
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core import NotSet
from schemathesis.generation import GenerationMode

from conversations.services import create_invite, open_dm
from messaging import timeline
from tests.accounts.clients import Api
from tests.factories import UserFactory
from tests.messaging.drafting import drafts

# What ends the walker's own session, or the walker.
ENDINGS = ("/api/v1/auth/logout", "/api/v1/auth/sessions")
EXAMPLES = 5


@pytest.fixture(scope="module")
def described():
    """The schema as it is served."""
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    return answer.json()


@pytest.fixture
def known(owner, member, group):
    """Ids of what is there, by the names of the parameters that take them."""
    [sent, *_] = timeline.append(drafts(owner, group, 3))
    dm, _ = open_dm(creator=owner, user_id=member.pk)
    stranger = UserFactory()
    invite = create_invite(actor=owner, conversation_id=group.pk)
    return {
        "conversation_id": [group.pk, dm],
        "message_id": [sent.message_id],
        "user_id": [owner.pk, member.pk, stranger.pk],
        "user": [member.pk, f"@{member.username}"],
        "code": [invite.code],
        "emoji": ["👍"],
    }


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
def test_no_call_answers_with_a_500_or_as_it_does_not_say(described, known, owner, settings, mode):
    settings.RATE_LIMITS = False
    walker = Api.of(owner)
    for found in schemathesis.openapi.from_dict(described).get_all_operations():
        operation = found.ok()
        if operation.path in ENDINGS and operation.method.upper() in ("POST", "DELETE"):
            continue
        # A call without anything to get wrong can't be made otherwise than described.
        with suppress(Unsatisfiable):
            walk(operation, mode, walker, known)


def walk(operation, mode, walker, known):
    """Make one call in several ways."""
    statuses = operation.definition.raw["responses"]

    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def call(case):
        answer = called(walker, case, known)
        assert str(answer.status_code) in statuses, f"{case.method} {case.formatted_path}: {answer.content[:500]!r}"
        assert answer.status_code < 500

    call()


def called(walker, case, known):
    """Make a call; ids in its path are mostly those of what is there."""
    dice = random.Random(case.formatted_path)
    path = case.operation.path
    for name, value in (case.path_parameters or {}).items():
        if name in known and dice.random() < 0.8:
            value = dice.choice(known[name])
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    query = {} if isinstance(case.query, NotSet) else case.query or {}
    body = None if isinstance(case.body, NotSet) else case.body
    address = path.removeprefix("/api/v1/")
    if query:
        address += "?" + urlencode(query, doseq=True)
    return walker.call(case.method, address, body)
