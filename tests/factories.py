"""Makers of rows for tests."""

from typing import Any

import factory

from accounts.models import User

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    """A person with PASSWORD, cheap to hash under the tests' settings."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number}")
    email = factory.LazyAttribute(lambda person: f"{person.username}@example.org")
    display_name = factory.LazyAttribute(lambda person: person.username.capitalize())

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        user = model_class(*args, **kwargs)
        user.set_password(PASSWORD)
        user.save()
        return user
