#!/usr/bin/env python3
"""Django's command line, with the copy's embedded servers behind the commands that need them."""

import sys

SUPPORTED = ((3, 11), (3, 13))


def main():
    # Older Pythons have to get as far as this line: it is all that they can read here.
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        sys.exit("manage.py: Python 3.11, 3.12 or 3.13 is needed, and this is " + sys.version.split()[0])
    import importlib.util

    if importlib.util.find_spec("django") is None:
        sys.exit("manage.py: Django is not installed for this Python: use .venv/bin/python, which `make run` makes")
    try:
        from chat_project.management.main import run

        run(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
