"""What the database should look like, and whether it does: `manage.py db_validate`, docs/schema.md."""
