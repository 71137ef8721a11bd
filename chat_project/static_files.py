"""How static files are collected: scripts and styles made small, compressed, under names that follow their content."""

from pathlib import PurePosixPath
from typing import Any

import minify
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_KINDS = {".js": "text/javascript", ".css": "text/css"}
# Packages bring theirs as they are to be served.
_OURS = ("js", "css")


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names the modules that a module of ours imports by their content too: no page mixes two versions of the script.

    Django's own switch for this rewrites whatever looks like an import in any package's comments.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (
            "js/*.js",
            (
                (r"""(?P<matched>from"(?P<url>\./[a-z]+\.js)";)""", """from"%(url)s";"""),
                (r"""(?P<matched>import\("(?P<url>\./[a-z]+\.js)"\))""", """import("%(url)s")"""),
            ),
        ),
    )

    def _save(self, name: str, content: Any) -> str:
        path = PurePosixPath(name)
        kind = _KINDS.get(path.suffix)
        if kind is not None and path.parent.name in _OURS and len(path.parts) == len(_OURS):
            # What was hashed stands at its end; chunks begin at the start.
            script = b"".join(content.chunks()).decode()
            content = ContentFile(minify.string(kind, script).encode())
        return super()._save(name, content)
