"""The forms that begin a conversation."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.avatars import make_avatar
from accounts.errors import PersonNotFoundError
from accounts.models import User
from accounts.services.avatars import AVATAR_MAX_BYTES
from chat_project.core.errors import ApplicationError, InvalidError
from conversations.enums import ConversationType
from conversations.models.conversations import DESCRIPTION_MAX_LENGTH, TITLE_MAX_LENGTH
from conversations.services import change_picture, create_conversation, open_dm
from conversations.services.members import USER_IDS_MAX
from messaging.web.naming import id_of, names_in

_PICKER = {"data-picker": "many", "data-hint": gettext_lazy("Search people")}
_NAME = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}


class PictureField(forms.FileField):
    """A picture that may be given, and that can be read."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Picture"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the file at its beginning. Raises ValidationError for what is too large or no picture."""
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > AVATAR_MAX_BYTES:
            raise forms.ValidationError(
                _("Give a picture of at most %(count)d MiB.") % {"count": AVATAR_MAX_BYTES >> 20}
            )
        try:
            make_avatar(file)
        except InvalidError as error:
            raise forms.ValidationError([said for each in error.errors.values() for said in each]) from error
        file.seek(0)
        return file


class NewConversationForm(forms.Form):
    """What is asked before a conversation begins."""

    tab: ClassVar[Promise]
    heading: ClassVar[Promise]
    action: ClassVar[Promise]

    def __init__(self, *args: Any, creator: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.creator = creator
        # The usernames of whom could not be added, once it is created.
        self.left_out: list[str] = []

    def create(self) -> str | None:
        """Return the conversation's id; None where it is refused, and the form says why."""
        try:
            return self._create()
        except ApplicationError as error:
            for field, messages in (error.errors or {"": [error.detail]}).items():
                self.add_error(field if field in self.fields else None, messages)
            return None

    def _create(self) -> str:
        raise NotImplementedError

    def _with_picture(self, conversation_id: str) -> str:
        """Give a new conversation its picture. It stands without one where that is refused: it can be given later."""
        picture = self.cleaned_data["picture"]
        if picture is not None:
            with suppress(ApplicationError):
                change_picture(actor=self.creator, conversation_id=conversation_id, file=picture, size=picture.size)
        return conversation_id

    def _person_id(self, name: str, *, field: str) -> str:
        """Return the id of the person of a username. Notes an error and returns an empty text for nobody's."""
        try:
            return id_of(viewer=self.creator, name=name.removeprefix("@"))
        except PersonNotFoundError as error:
            self.add_error(field, error.errors["username"])
            return ""


class MessageForm(NewConversationForm):
    """A message to one person."""

    tab = gettext_lazy("Message")
    heading = gettext_lazy("Write to somebody")
    action = gettext_lazy("Open the conversation")

    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=33,
        help_text=gettext_lazy("Your own opens your saved messages: notes that only you see."),
        widget=forms.TextInput(attrs={**_NAME, "placeholder": "@name", "autofocus": True, "data-picker": "one"}),
    )

    def clean_username(self) -> str:
        return self._person_id(self.cleaned_data["username"], field="username")

    def _create(self) -> str:
        conversation_id, _is_new = open_dm(creator=self.creator, user_id=self.cleaned_data["username"])
        return conversation_id


class GroupForm(NewConversationForm):
    """A group of people."""

    tab = gettext_lazy("Group")
    heading = gettext_lazy("New group")
    action = gettext_lazy("Create the group")

    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=TITLE_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    usernames = forms.CharField(
        label=gettext_lazy("People"),
        required=False,
        help_text=gettext_lazy("More can join later."),
        widget=forms.Textarea(attrs={**_NAME, "rows": 2, "placeholder": "@bob @carol", **_PICKER}),
    )
    picture = PictureField()

    def clean_usernames(self) -> dict[str, str]:
        """Return the usernames by the ids of their people."""
        names = names_in(self.cleaned_data["usernames"])
        if len(names) > USER_IDS_MAX:
            raise forms.ValidationError(_("Add at most %(count)d people at once.") % {"count": USER_IDS_MAX})
        return {self._person_id(name, field="usernames"): name for name in names}

    def _create(self) -> str:
        people = self.cleaned_data["usernames"]
        conversation_id, left_out = create_conversation(
            creator=self.creator,
            type=ConversationType.GROUP,
            title=self.cleaned_data["title"],
            member_ids=list(people),
        )
        self.left_out = [people[user_id] for user_id in left_out]
        return self._with_picture(conversation_id)


class ChannelForm(NewConversationForm):
    """A channel: few write, many read."""

    tab = gettext_lazy("Channel")
    heading = gettext_lazy("New channel")
    action = gettext_lazy("Create the channel")

    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=TITLE_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    handle = forms.CharField(
        label=gettext_lazy("Handle"),
        required=False,
        max_length=32,
        help_text=gettext_lazy("A public name, by which anybody finds and joins it. Leave it empty for a private one."),
        widget=forms.TextInput(attrs=_NAME),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=DESCRIPTION_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    picture = PictureField()

    def _create(self) -> str:
        conversation_id, _not_added = create_conversation(
            creator=self.creator,
            type=ConversationType.CHANNEL,
            title=self.cleaned_data["title"],
            description=self.cleaned_data["description"],
            handle=self.cleaned_data["handle"].removeprefix("@") or None,
        )
        return self._with_picture(conversation_id)


FORMS: Mapping[str, type[NewConversationForm]] = {"message": MessageForm, "group": GroupForm, "channel": ChannelForm}
