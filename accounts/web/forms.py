"""The forms of signing in and registering: what is asked, while services judge it."""

import math
from datetime import datetime

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat_project.core.errors import ApplicationError

_NAME = {"autocapitalize": "none", "spellcheck": "false"}
TEXT_MAX_LENGTH = 1024


class AccountForm(forms.Form):
    """A form whose errors come from a service."""

    def refuse(self, error: ApplicationError) -> None:
        """Show what a service refused, beside the fields that it names."""
        if error.retry_after is not None:
            minutes = math.ceil(error.retry_after / 60)
            text = ngettext(
                "Too many attempts. Try again in a minute.", "Too many attempts. Try again in %(n)d minutes.", minutes
            )
            self.add_error(None, text % {"n": minutes})
            return
        if until := error.extra.get("suspended_until"):
            day = date_format(datetime.fromisoformat(until), "DATETIME_FORMAT")
            self.add_error(None, _("This account is suspended until %(day)s (UTC).") % {"day": day})
            return
        for field, messages in (error.errors or {"": [error.detail]}).items():
            self.add_error(field if field in self.fields else None, messages)


class LoginForm(AccountForm):
    login = forms.CharField(
        label=_("Username, e-mail or phone"),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.TextInput(attrs={**_NAME, "autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class RegisterForm(AccountForm):
    username = forms.CharField(
        label=_("Username"),
        max_length=TEXT_MAX_LENGTH,
        help_text=_("3 to 32 letters a to z, digits and underscores. Others find you by it."),
        widget=forms.TextInput(attrs={**_NAME, "autocomplete": "username", "autofocus": True}),
    )
    display_name = forms.CharField(
        label=_("Name"),
        max_length=TEXT_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=TEXT_MAX_LENGTH,
        widget=forms.EmailInput(attrs={**_NAME, "autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        help_text=_("At least 8 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ProfileForm(AccountForm):
    display_name = forms.CharField(
        label=_("Name"), max_length=TEXT_MAX_LENGTH, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=TEXT_MAX_LENGTH,
        help_text=_("3 to 32 letters a to z, digits and underscores. A name that you give up is kept for you 90 days."),
        widget=forms.TextInput(attrs={**_NAME, "autocomplete": "username"}),
    )
    bio = forms.CharField(
        label=_("Bio"),
        required=False,
        max_length=TEXT_MAX_LENGTH,
        help_text=_("A few words about you, at most 280 characters."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=TEXT_MAX_LENGTH,
        required=False,
        help_text=_("With the code of its country, like +49 30 1234567. Your privacy settings say who sees it."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class AvatarForm(AccountForm):
    file = forms.FileField(
        label=_("A new picture"),
        help_text=_("JPEG, PNG, GIF, WebP, AVIF, HEIC or BMP, at most 10 MiB. The middle of it is shown."),
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/gif,image/webp,image/avif,image/heic,image/heif,image/bmp"}
        ),
    )


class PasswordForm(AccountForm):
    """What is asked before something that can't be undone, or shows much."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=TEXT_MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CloseForm(PasswordForm):
    is_sure = forms.BooleanField(label=_("Yes, close my account for good."))
