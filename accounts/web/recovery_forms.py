"""The forms of proving an address and of getting back in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.web.forms import TEXT_MAX_LENGTH, AccountForm


class AddressForm(AccountForm):
    email = forms.CharField(
        label=_("E-mail"),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.EmailInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "email", "autofocus": True}
        ),
    )


class NewPasswordForm(AccountForm):
    password = forms.CharField(
        label=_("New password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        help_text=_("At least 8 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )


class ChangeEmailForm(AccountForm):
    email = forms.CharField(
        label=_("New address"),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.EmailInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ChangePasswordForm(AccountForm):
    current = forms.CharField(
        label=_("Present password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        help_text=_("At least 8 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
