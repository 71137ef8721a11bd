"""What goes wrong with servers and their places, each worded to be shown as the one line that it is."""


class ServerError(Exception):
    """A server can't start or be used here; the text says why and what would help."""
