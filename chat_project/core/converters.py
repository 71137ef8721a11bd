"""Path converters."""


class CuidConverter:
    """An id in an address. What has not its form is no address here, hence 404."""

    regex = "c[0-9a-z]{24}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
