"""`manage.py serve`: a small production in one terminal, from nothing."""
