"""The forms by which people are chosen: all by their usernames."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models.contacts import CONTACT_MESSAGE_MAX_LENGTH
from accounts.privacy import AUDIENCES, EXCEPTION_LISTS
from accounts.services.blocks import REASON_MAX_LENGTH
from accounts.web.forms import TEXT_MAX_LENGTH, AccountForm

_USERNAME = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "placeholder": "@name"}


class PersonForm(AccountForm):
    """Somebody, by username."""

    username = forms.CharField(label=_("Username"), max_length=TEXT_MAX_LENGTH, widget=forms.TextInput(attrs=_USERNAME))


class ContactForm(PersonForm):
    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=TEXT_MAX_LENGTH,
        help_text=_("What they read beside your request, at most %(n)d characters.")
        % {"n": CONTACT_MESSAGE_MAX_LENGTH},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class BlockForm(PersonForm):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=TEXT_MAX_LENGTH,
        help_text=_("A note for yourself, at most %(n)d characters.") % {"n": REASON_MAX_LENGTH},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ExceptionForm(PersonForm):
    """Somebody for whom a key of the privacy settings holds otherwise."""

    list = forms.ChoiceField(choices=[(name, name) for name in EXCEPTION_LISTS], widget=forms.HiddenInput)


class AudienceForm(AccountForm):
    """Who may, but for the exceptions."""

    audience = forms.ChoiceField(choices=[(name, name) for name in AUDIENCES])


class SwitchesForm(AccountForm):
    read_receipts = forms.BooleanField(
        label=_("Read receipts"),
        required=False,
        help_text=_("Others see how far you have read, and you see how far they have. Off, neither."),
    )
    discoverable = forms.BooleanField(
        label=_("Found by search"),
        required=False,
        help_text=_("People find you by the beginning of your name. By your whole username they find you in any case."),
    )
