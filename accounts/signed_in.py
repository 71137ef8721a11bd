"""The person who is calling, as requests carry them."""

from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.services.authentication import Identity
from chat_project.core.errors import NotAuthenticatedError


class SignedInUser(SimpleLazyObject):
    """A `User` who is read from the database once more than the id is asked of them.

    Many calls need only to know who is calling; a cached session says that without a query.
    """

    __class__ = property(lambda _self: User)

    def __init__(self, identity: Identity) -> None:
        super().__init__(lambda: _loaded(identity.user_id))
        self.__dict__["identity"] = identity

    def __bool__(self) -> bool:
        return True

    @property
    def identity(self) -> Identity:
        found: Identity = self.__dict__["identity"]
        return found

    @property
    def id(self) -> str:
        return self.identity.user_id

    @property
    def pk(self) -> str:
        return self.identity.user_id

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_anonymous(self) -> bool:
        return False


def _loaded(user_id: str) -> User:
    try:
        return User.objects.get(id=user_id)
    except User.DoesNotExist:
        raise NotAuthenticatedError from None
