"""The settings of the tests: those of the server, as the tables' owner, and with cheap passwords."""

from chat_project.settings import *
from chat_project.settings import MIGRATION_DATABASES_DEFAULT, STORAGES

# The tests make and destroy their databases. What runs as the server's own role is the server that `live_chat` starts.
DATABASES = {"default": {**MIGRATION_DATABASES_DEFAULT, "OPTIONS": {}}}
ARGON2_MEMORY_KIB = 64
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected for tests, and WhiteNoise warns of the directory that is not there.
WHITENOISE_AUTOREFRESH = True
# As the server that the tests start has it.
REALTIME_SHARDS = 4
