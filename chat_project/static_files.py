"""How static files are collected: compressed, and under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names the modules that a module of ours imports by their content too: no page mixes two versions of the script.

    Django's own switch for this rewrites whatever looks like an import in any package's comments.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((r"""(?P<matched>from "(?P<url>\./[a-z]+\.js)";)""", """from "%(url)s";"""),)),
    )
