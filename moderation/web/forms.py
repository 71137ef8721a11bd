"""What somebody fills in who reports."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.web.forms import AccountForm
from messaging.web.parts import REASONS

DETAILS_MAX_LENGTH = 1000


class ReportForm(AccountForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose one")), *REASONS])
    details = forms.CharField(
        label=_("What happened?"),
        required=False,
        max_length=DETAILS_MAX_LENGTH,
        widget=forms.Textarea({"rows": 4}),
    )
