"""The programs that a wheel brought. They are executed; the package itself is never imported."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from chat_project.embedded.errors import ServerError


@dataclass(frozen=True)
class Installation:
    """What of a wheel its programs need: parts of the tree below `root`, which find each other by relative paths."""

    root: Path
    parts: tuple[Path, ...]


def find(package: str, *patterns: str, instead: str) -> Installation:
    """Find a package's programs by patterns below its site-packages.

    Raises: ServerError where it is not installed, naming the variable to set instead.
    """
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        root = Path(place).parent
        parts = tuple(path.relative_to(root) for pattern in patterns for path in root.glob(pattern))
        if parts:
            return Installation(root, parts)
    raise ServerError(f"{package} is not installed: install the requirements, or set {instead}")
