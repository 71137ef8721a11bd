"""The demo: a cast, what they say to each other, and the loader that writes it into an empty database."""
