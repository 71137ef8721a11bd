"""What moderation has to tell on the pages of apps below it, which can't ask it themselves."""

from typing import Any

from django import template

from moderation.selectors.warnings import get_standing_warning

register = template.Library()


@register.inclusion_tag("moderation/_warning.html", takes_context=True)
def standing_warning(context: dict[str, Any]) -> dict[str, Any]:
    """Return what shows a warning that whoever is signed in has not read."""
    user_id = context["request"].user.pk
    return {"warning": get_standing_warning(user_id=user_id), "csrf_token": context.get("csrf_token")}
