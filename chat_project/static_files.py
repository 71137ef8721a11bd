"""How static files are collected: scripts and styles made small, compressed, under names that follow their content."""

import hashlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import minify
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_KINDS = {".js": "text/javascript", ".css": "text/css"}
# Packages bring theirs as they are to be served.
_OURS = ("js", "css")


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts our modules together into a folder that is named by the content of them all.

    They import each other by their plain names, and no page mixes two versions of the script. Django's own switch for
    modules names each by its content: no two may then import each other, not even when they are wanted.
    """

    _version = ""

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        digest = hashlib.sha256()
        for name in sorted(filter(_is_module, paths)):
            storage, path = paths[name]
            with storage.open(path) as script:
                digest.update(_minified(name, script.read()))
        self._version = digest.hexdigest()[:12]
        yield from super().post_process(paths, *args, **options)

    def hashed_name(self, name: str, *args: Any, **options: Any) -> str:
        if not _is_module(name):
            return str(super().hashed_name(name, *args, **options))
        path = PurePosixPath(name)
        return str(path.parent / self._version / path.name)

    def _save(self, name: str, content: Any) -> str:
        path = PurePosixPath(name)
        if path.parts[0] in _OURS and path.suffix in _KINDS:
            # What was hashed stands at its end; chunks begin at the start.
            content = ContentFile(_minified(name, b"".join(content.chunks())))
        return super()._save(name, content)


def _is_module(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parent == PurePosixPath("js") and path.suffix == ".js"


def _minified(name: str, source: bytes) -> bytes:
    return minify.string(_KINDS[PurePosixPath(name).suffix], source.decode()).encode()
