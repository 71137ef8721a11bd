"""Tests that kill, restart and hold up parts of the whole, and look whether anything was lost or doubled."""

import pytest

# Their assertions tell what they compared.
pytest.register_assert_rewrite("tests.safety.ledger", "tests.safety.model", "tests.safety.people")
