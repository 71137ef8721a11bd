"""`python -m chat_project.serving.healthcheck`: whether the web of this machine answers. It loads nothing of it."""

import http.client
import os
import sys

_SECONDS = 4


def answers(port: int) -> bool:
    """Tell whether /healthz says 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if answers(int(os.environ.get("PORT", "8000"))) else 1)
