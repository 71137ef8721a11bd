"""The forms of second factors, and of giving the password once more."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models.second_factors import PASSKEY_NAME_MAX_LENGTH
from accounts.web.forms import TEXT_MAX_LENGTH, AccountForm

_CODE_MAX_LENGTH = 64
# A device's proof of its make can bring certificates along.
_ANSWER_MAX_LENGTH = 65_536


class PasswordForm(AccountForm):
    password = forms.CharField(
        label=_("Password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(AccountForm):
    code = forms.CharField(
        label=_("Code of your authenticator app"),
        max_length=_CODE_MAX_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "placeholder": "000 000", "class": "code"}
        ),
    )


class RecoveryCodeForm(AccountForm):
    recovery_code = forms.CharField(
        label=_("Recovery code"),
        max_length=_CODE_MAX_LENGTH,
        help_text=_("One of the ten that you were shown. Each works once."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "placeholder": "xxxx-xxxx-xxxx-xxxx",
                "class": "code",
            }
        ),
    )


class NewPasskeyForm(PasswordForm):
    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=PASSKEY_NAME_MAX_LENGTH,
        help_text=_("What you will know it by, like “Laptop” or “Blue key”."),
    )
    field_order = ("name", "password")


class AddPasskeyForm(AccountForm):
    """What the page's script fills in."""

    name = forms.CharField(max_length=PASSKEY_NAME_MAX_LENGTH)
    token = forms.CharField(max_length=TEXT_MAX_LENGTH)
    credential = forms.CharField(max_length=_ANSWER_MAX_LENGTH)


class PasskeyNameForm(AccountForm):
    name = forms.CharField(label=_("Name"), max_length=PASSKEY_NAME_MAX_LENGTH)
