"""A crowd of any size: people, conversations and messages by the million, written by COPY."""
