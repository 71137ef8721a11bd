"""The comments that stand above keys, checks and indexes in the models: what each is for."""

import ast
import inspect
import sys

from django.db import models


def purposes(model: type[models.Model]) -> dict[str, str]:
    """Return the comment above each declaration with a `name=` in the model's module, by that name."""
    source = inspect.getsource(sys.modules[model.__module__])
    lines = source.splitlines()
    named = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    named[str(keyword.value.value)] = _comment_above(lines, node.lineno)
    return named


def _comment_above(lines: list[str], number: int) -> str:
    comment: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            break
        comment.insert(0, line.strip().lstrip("# "))
    return " ".join(comment)
