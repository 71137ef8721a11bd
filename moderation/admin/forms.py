"""What moderators fill in. Shapes only: the rules are the services'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chat_project.core.errors import ApplicationError
from moderation.models.actions import NOTE_MAX_LENGTH, TOLD_MAX_LENGTH

_LOCAL = "%Y-%m-%dT%H:%M"


class StepForm(forms.Form):
    """A step that asks for nothing: a button."""

    def refuse(self, error: ApplicationError) -> None:
        """Show what a service refused, beside its fields where it names them."""
        for field, messages in error.errors.items():
            self.add_error(field if field in self.fields else None, messages)


class NoteForm(StepForm):
    """A reason, for other moderators."""

    note = forms.CharField(
        label=_("Note"),
        max_length=NOTE_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Why; other moderators read it, and nobody else."),
    )


class DecisionForm(NoteForm):
    """What to do about a report."""

    kind = forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect)
    until = forms.DateTimeField(
        label=_("Suspended until (UTC)"),
        required=False,
        input_formats=[_LOCAL],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=_LOCAL),
        help_text=_("For a suspension alone."),
    )
    told = forms.CharField(
        label=_("What the person is told"),
        required=False,
        max_length=TOLD_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "For a warning alone; it is sent by mail, and stands on their page until they have read it. "
            "Do not say who reported."
        ),
    )
    closes = forms.BooleanField(label=_("Resolve the report with this"), required=False, initial=True)

    field_order = ("kind", "until", "told", "note", "closes")

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = kinds
