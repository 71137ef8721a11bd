from io import BytesIO

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.avatars import read_avatar
from accounts.models import User
from chat_project.demo.cast import SIGN_IN_WITH
from chat_project.demo.load import Seeded
from conversations.models import Conversation


def test_the_five_sign_in_with_the_password_of_the_demo_and_nobody_else_does(demo: Seeded) -> None:
    can_sign_in = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert can_sign_in == {"alice", "bob", "carol", "dave", "erin"}
    assert check_password(SIGN_IN_WITH, User.objects.get(username="alice").password)


def test_a_second_seed_refuses_in_one_line(demo: Seeded) -> None:
    with pytest.raises(CommandError, match="has people already"):
        call_command("seed")


def test_every_picture_is_a_small_webp_whose_key_tells_nothing(demo: Seeded) -> None:
    people = list(User.objects.values_list("username", "avatar_key"))
    rooms = list(Conversation.objects.exclude(type="DM").values_list("handle", "avatar_key"))
    keys = [key for _, key in people + rooms]
    pictures = set()
    for name, key in people + rooms:
        assert name is None or name not in key
        data = read_avatar(key)
        assert data is not None
        with Image.open(BytesIO(data)) as image:
            image.load()
            assert (image.format, image.size) == ("WEBP", (256, 256))
        assert len(data) < 40_000
        pictures.add(data)
    assert len(pictures) == len(keys), "two of them look alike"
