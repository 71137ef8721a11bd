"""Contacts: requests, their answers, and what a block makes of them."""

import pytest

from accounts.enums import ContactRequestStatus
from accounts.models import BlockedUser, ContactRequest, User
from accounts.selectors.people import are_contacts
from accounts.services import contacts
from accounts.services.contacts import accept_request, request_contact
from chat_project.core.db.cuid import new_cuid
from conversations.services.pairs import block_person, unblock_person
from tests.accounts.clients import Api
from tests.factories import UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def berta():
    return UserFactory(username="berta")


def ask(sender, username, **fields):
    return Api.of(sender).post("contacts/requests", {"username": username, **fields})


def waiting(user, direction="in"):
    answer = Api.of(user).get(f"contacts/requests?direction={direction}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def contacts_of(user):
    return [each["username"] for each in Api.of(user).get("contacts").json()["results"]]


def test_a_request_waits_with_both_until_it_is_accepted(anna, berta):
    answer = ask(anna, "@Berta", message="  Hello\u202e ")
    assert answer.status_code == 201
    sent = answer.json()
    assert sent.keys() == {"id", "from_user", "to_user", "status", "message", "created_at", "responded_at"}
    assert (sent["from_user"]["id"], sent["to_user"]["id"]) == (anna.pk, berta.pk)
    assert (sent["status"], sent["message"], sent["responded_at"]) == ("PENDING", "Hello", None)
    assert [each["id"] for each in waiting(berta)] == [each["id"] for each in waiting(anna, "out")] == [sent["id"]]
    assert waiting(anna) == waiting(berta, "out") == contacts_of(anna) == []

    accepted = Api.of(berta).post(f"contacts/requests/{sent['id']}/accept")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "ACCEPTED")
    assert accepted.json()["responded_at"]
    assert contacts_of(anna) == ["berta"]
    assert contacts_of(berta) == ["anna"]
    assert waiting(berta) == waiting(anna, "out") == []


def test_a_second_request_is_refused_while_one_waits_and_to_a_contact(anna, berta):
    row = ask(anna, "berta").json()
    answer = ask(anna, "berta")
    assert (answer.status_code, answer.json()["code"]) == (409, "request_pending")
    Api.of(berta).post(f"contacts/requests/{row['id']}/accept")
    for sender, name in ((anna, "berta"), (berta, "anna")):
        answer = ask(sender, name)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_contacts")


def test_two_requests_that_cross_are_one_acceptance(anna, berta):
    ask(anna, "berta")
    answer = ask(berta, "anna")
    assert (answer.status_code, answer.json()["status"]) == (200, "ACCEPTED")
    assert are_contacts(anna.pk, berta.pk)
    assert ContactRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_requests_that_cross_at_the_same_moment_are_one_acceptance(anna, berta):
    for _ in range(5):
        ContactRequest.objects.all().delete()
        at_once(
            lambda: request_contact(sender=anna, username="berta"),
            lambda: request_contact(sender=berta, username="anna"),
        )
        assert [row.status for row in ContactRequest.objects.all()] == ["ACCEPTED"]


@pytest.mark.django_db(transaction=True)
def test_a_block_and_a_request_at_the_same_moment_leave_nothing_that_waits(anna, berta):
    for _ in range(5):
        ContactRequest.objects.all().delete()
        BlockedUser.objects.all().delete()
        at_once(
            lambda: request_contact(sender=anna, username="berta"),
            lambda: block_person(blocker=berta, user_id=anna.pk),
        )
        assert [row.status for row in ContactRequest.objects.all()] == ["BLOCKED"]


@pytest.mark.django_db(transaction=True)
def test_a_block_and_an_acceptance_at_the_same_moment_leave_no_contact(anna, berta):
    for _ in range(5):
        ContactRequest.objects.all().delete()
        BlockedUser.objects.all().delete()
        row, _ = request_contact(sender=anna, username="berta")
        at_once(
            lambda row=row: accept_request(user=berta, request_id=row.pk),
            lambda: block_person(blocker=anna, user_id=berta.pk),
        )
        assert not are_contacts(anna.pk, berta.pk)


def test_a_declined_request_can_be_sent_again(anna, berta):
    row = ask(anna, "berta").json()
    api = Api.of(berta)
    for _ in range(2):
        answer = api.post(f"contacts/requests/{row['id']}/decline")
        assert (answer.status_code, answer.json()["status"]) == (200, "DECLINED")
    answer = api.post(f"contacts/requests/{row['id']}/accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "request_answered")
    assert waiting(berta) == waiting(anna, "out") == []
    assert ask(anna, "berta").status_code == 201


def test_to_accept_twice_is_to_accept_once(anna, berta):
    row = ask(anna, "berta").json()
    for _ in range(2):
        answer = Api.of(berta).post(f"contacts/requests/{row['id']}/accept", {})
        assert (answer.status_code, answer.json()["status"]) == (200, "ACCEPTED")
    assert Api.of(berta).post(f"contacts/requests/{row['id']}/block").status_code == 409


def test_only_who_received_a_request_answers_it_and_only_who_sent_it_takes_it_back(anna, berta, outsider):
    row = ask(anna, "berta").json()
    for call in ("accept", "decline", "block"):
        for user in (anna, outsider):
            assert Api.of(user).post(f"contacts/requests/{row['id']}/{call}").status_code == 404
        assert Api.of(berta).post(f"contacts/requests/{new_cuid()}/{call}").status_code == 404
    for user in (berta, outsider):
        assert Api.of(user).delete(f"contacts/requests/{row['id']}").status_code == 404
    assert Api.of(anna).delete(f"contacts/requests/{row['id']}").status_code == 204
    assert waiting(berta) == waiting(anna, "out") == []
    assert Api.of(anna).delete(f"contacts/requests/{row['id']}").status_code == 404


def test_an_answered_request_is_not_taken_back(anna, berta):
    row = ask(anna, "berta").json()
    Api.of(berta).post(f"contacts/requests/{row['id']}/accept")
    assert Api.of(anna).delete(f"contacts/requests/{row['id']}").status_code == 404
    assert are_contacts(anna.pk, berta.pk)


def test_a_contact_can_be_ended_by_either(anna, berta):
    for one, other in ((anna, berta), (berta, anna)):
        row = ask(anna, "berta").json()
        Api.of(berta).post(f"contacts/requests/{row['id']}/accept")
        assert Api.of(one).delete(f"contacts/{other.pk}").status_code == 204
        assert contacts_of(anna) == contacts_of(berta) == []
        assert Api.of(one).delete(f"contacts/{other.pk}").status_code == 404


def test_who_is_blocked_from_a_request_sees_it_pending_for_ever(anna, berta):
    row = ask(anna, "berta").json()
    for _ in range(2):
        answer = Api.of(berta).post(f"contacts/requests/{row['id']}/block")
        assert (answer.status_code, answer.json()["status"]) == (200, "BLOCKED")
    assert BlockedUser.objects.filter(blocker=berta, blocked=anna).exists()
    assert waiting(berta) == []
    [seen] = waiting(anna, "out")
    assert (seen["id"], seen["status"], seen["responded_at"]) == (row["id"], "PENDING", None)
    answer = ask(anna, "berta")
    assert (answer.status_code, answer.json()["code"]) == (409, "request_pending")
    assert Api.of(anna).delete(f"contacts/requests/{row['id']}").status_code == 204
    assert waiting(anna, "out") == []


def test_a_request_to_who_blocked_the_sender_is_stored_unseen(anna, berta):
    block_person(blocker=berta, user_id=anna.pk)
    answer = ask(anna, "berta")
    assert (answer.status_code, answer.json()["status"]) == (201, "PENDING")
    row = ContactRequest.objects.get()
    assert row.status == ContactRequestStatus.BLOCKED
    assert waiting(berta) == []
    assert [each["id"] for each in waiting(anna, "out")] == [row.pk]
    for call in ("accept", "decline", "block"):
        assert Api.of(berta).post(f"contacts/requests/{row.pk}/{call}").status_code == 404
    # Nothing changes for the sender when the block is lifted; a wish of the other's then meets theirs.
    unblock_person(blocker=berta, user_id=anna.pk)
    assert waiting(berta) == []
    assert [each["status"] for each in waiting(anna, "out")] == ["PENDING"]
    answer = ask(berta, "anna")
    assert (answer.status_code, answer.json()["status"]) == (200, "ACCEPTED")
    assert contacts_of(anna) == ["berta"]


def test_the_answers_to_who_is_blocked_and_to_who_is_not_differ_in_nothing_but_the_person(anna, berta, outsider):
    block_person(blocker=berta, user_id=anna.pk)
    hidden, open_ = ask(anna, "berta"), ask(anna, "otto")
    assert hidden.status_code == open_.status_code
    assert hidden.headers.keys() == open_.headers.keys()
    for answer in (hidden, open_):
        assert answer.json().keys() == open_.json().keys()
        assert (answer.json()["status"], answer.json()["responded_at"]) == ("PENDING", None)
    assert ask(anna, "berta").json() == ask(anna, "otto").json()


def test_who_is_blocked_by_the_sender_of_a_request_finds_it_taken_back(anna, berta):
    row = ask(anna, "berta").json()
    block_person(blocker=anna, user_id=berta.pk)
    for call in ("accept", "decline", "block"):
        assert Api.of(berta).post(f"contacts/requests/{row['id']}/{call}").status_code == 404


def test_who_blocks_somebody_takes_their_own_request_to_them_back(anna, berta):
    ask(anna, "berta")
    block_person(blocker=anna, user_id=berta.pk)
    assert ContactRequest.objects.get().status == ContactRequestStatus.BLOCKED
    assert waiting(anna, "out") == waiting(berta) == []
    answer = ask(anna, "berta")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    unblock_person(blocker=anna, user_id=berta.pk)
    assert waiting(anna, "out") == []
    assert ask(anna, "berta").status_code == 201
    assert len(waiting(berta)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": 5}, "username"),
        ({"username": None}, "username"),
        ({"username": "anna"}, "username"),
        ({"username": "berta", "message": "x" * 281}, "message"),
        ({"username": "berta", "message": ["hi"]}, "message"),
        ({"username": "berta", "note": "hi"}, "note"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(anna, berta, body, field):
    answer = Api.of(anna).post("contacts/requests", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not ContactRequest.objects.exists()


@pytest.mark.parametrize("name", ["nobody_here", "x", "é", "a b", "berta\x7f"])
def test_a_request_to_nobody_is_404(anna, name):
    assert ask(anna, name).status_code == 404


def test_a_direction_that_is_none_is_refused(anna):
    answer = Api.of(anna).get("contacts/requests?direction=sideways")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["direction"])
    assert Api.of(anna).get("contacts/requests").status_code == 200


def test_requests_in_a_day_are_counted_for_the_account_and_for_each_person(anna, settings):
    settings.CONTACT_REQUESTS_PER_DAY = 7
    names = [UserFactory().username for _ in range(3)]
    for _ in range(5):
        row = ask(anna, names[0]).json()
        Api.of(anna).delete(f"contacts/requests/{row['id']}")
    answer = ask(anna, names[0])
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) > 3600
    assert ask(anna, names[1]).status_code == 201
    assert ask(anna, names[2]).status_code == 429


def make_contacts(user, count, **names):
    others = [UserFactory(**names) for _ in range(count)]
    for number, other in enumerate(others):
        pair = (user, other) if number % 2 else (other, user)
        ContactRequest.objects.create(from_user=pair[0], to_user=pair[1], status="ACCEPTED")
    return others


@pytest.mark.parametrize("count", [5, 100])
def test_lists_cost_the_same_however_many_people_stand_in_them(anna, count, django_assert_num_queries):
    for number, other in enumerate(make_contacts(anna, count)):
        ContactRequest.objects.create(from_user=UserFactory(), to_user=anna)
        ContactRequest.objects.create(from_user=anna, to_user=UserFactory(), status=("PENDING", "BLOCKED")[number % 2])
        BlockedUser.objects.create(blocker=anna, blocked=UserFactory())
        other.privacy_settings["exceptions"] = {"phone": {"never": [anna.pk]}}
        other.save()
    api = Api.of(anna)
    api.get("users/me")
    for path in ("contacts", "contacts/requests?direction=in", "contacts/requests?direction=out", "blocks"):
        # The rows, and the people.
        with django_assert_num_queries(2):
            page = api.get(f"{path}{'&' if '?' in path else '?'}limit=100").json()
        assert len(page["results"]) == count


@pytest.mark.parametrize(
    "path", ["contacts", "contacts/requests?direction=in", "contacts/requests?direction=out", "blocks"]
)
def test_lists_page_without_gaps_or_repeats(anna, path):
    for other in make_contacts(anna, 7, display_name="Same Name"):
        ContactRequest.objects.create(from_user=other, to_user=anna)
        ContactRequest.objects.create(from_user=anna, to_user=UserFactory())
        BlockedUser.objects.create(blocker=anna, blocked=UserFactory())
    api, found, cursor = Api.of(anna), [], ""
    while cursor is not None:
        page = api.get(f"{path}{'&' if '?' in path else '?'}limit=3{cursor and f'&cursor={cursor}'}").json()
        found += [each.get("id") or each["user"]["id"] for each in page["results"]]
        assert len(page["results"]) <= 3
        cursor = page["next"]
    assert len(found) == len(set(found)) == 7


def test_contacts_come_by_name_and_without_closed_accounts(anna):
    for name in ("Zoe", "anton", "Berta"):
        make_contacts(anna, 1, display_name=name)
    closed = make_contacts(anna, 1)[0]
    closed.is_active, closed.username, closed.email = False, None, None
    closed.save()
    names = [each["display_name"] for each in Api.of(anna).get("contacts").json()["results"]]
    assert names == ["anton", "Berta", "Zoe"]


def test_cursors_belong_to_their_list_and_their_person(anna, berta):
    make_contacts(anna, 3)
    cursor = Api.of(anna).get("contacts?limit=1").json()["next"]
    for user, path in ((berta, "contacts"), (anna, "blocks"), (anna, "contacts/requests")):
        assert Api.of(user).get(f"{path}?cursor={cursor}").status_code == 400


def test_nobody_is_asked_who_closes_their_account_in_that_moment(anna, berta, monkeypatch):
    def close(*_args, **_limits):
        User.objects.filter(pk=berta.pk).update(is_active=False)

    monkeypatch.setattr(contacts, "hit", close)
    assert ask(anna, "berta").status_code == 404
    assert not ContactRequest.objects.exists()
