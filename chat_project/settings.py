"""Every setting, read from the environment; docs/settings.md has a line for each."""

import os
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from chat_project.embedded.layout import Layout
from chat_project.embedded.secrets import secret_key, vapid_private_key

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
LAYOUT = Layout.from_environment(env.ENVIRON, BASE_DIR)
DATA_DIR = LAYOUT.data_dir

# --- What identifies this copy -----------------------------------------------------------------

_given_secret_key = env.str("SECRET_KEY", default="")
SECRET_KEY = _given_secret_key or secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SITE_NAME = env.str("SITE_NAME", default="Chat")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=sorted({"localhost", "127.0.0.1", "[::1]", HOST, urlsplit(SITE_URL).hostname or HOST})
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
HTTPS = SITE_URL.startswith("https://")

# --- What `manage.py serve` does ---------------------------------------------------------------

WEB_PROCESSES = env.int("WEB_PROCESSES", default=1)
# Whether an empty database gets the demo: on, off, or empty for "where that is safe".
SEED_DEMO = env.str("SEED_DEMO", default="")
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")

# --- Applications ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",  # makes `runserver` speak ASGI, so that sockets work in development too
    "chat_project.apps.ChatProjectConfig",
    "accounts",
    "conversations",
    "attachments",
    "messaging",
    "moderation",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "chat_project.admin_app.GatedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "chat_project.metrics.MetricsMiddleware",
    # The first, so that what the others refuse under /api/ is a problem too.
    "chat_project.core.api.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chat_project.core.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "chat_project.core.maintenance.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LiveSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chat_project.core.db.replica.WritesNotedMiddleware",
    # The last: what it fills, all others have still to see.
    "chat_project.error_pages.NotAllowedMiddleware",
]

ROOT_URLCONF = "chat_project.urls"
ASGI_APPLICATION = "chat_project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- PostgreSQL --------------------------------------------------------------------------------

EMBEDDED_DATABASE = not env.str("DATABASE_URL", default="")
POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=12)


def _database(url: str) -> dict[str, Any]:
    config = environ.Env.db_url_config(url)
    config["CONN_MAX_AGE"] = 0
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        # Given up on after two seconds, a connection is tried anew for the next request: with its pauses doubled, the
        # pool would come back as late after an outage as the outage was long.
        "pool": {"min_size": 2, "max_size": POOL_SIZE, "timeout": 2, "reconnect_timeout": 2},
        "connect_timeout": 2,
    }
    config["ATOMIC_REQUESTS"] = False
    return config


DATABASE_URL = env.str("DATABASE_URL", default="") or LAYOUT.database_url
# Who owns the tables and migrates them; the server itself runs as a role that owns nothing.
MIGRATION_DATABASE_URL = env.str("MIGRATION_DATABASE_URL", default="") or (
    LAYOUT.migration_database_url if EMBEDDED_DATABASE else DATABASE_URL
)
DATABASES = {"default": _database(DATABASE_URL)}
# A streaming replica of it, for reads that can wait for it: see core/db/replica.py.
REPLICA_URL = env.str("REPLICA_URL", default="")
# How long who has written something reads from the primary alone, and how far behind the replica may be.
REPLICA_PIN_SECONDS = env.int("REPLICA_PIN_SECONDS", default=5)
REPLICA_LAG_SECONDS = env.int("REPLICA_LAG_SECONDS", default=5)
if REPLICA_URL:
    DATABASES["replica"] = _database(REPLICA_URL)
    DATABASES["replica"]["OPTIONS"]["pool"]["timeout"] = 1
    DATABASE_ROUTERS = ["chat_project.core.db.replica.Router"]
MIGRATION_DATABASES_DEFAULT = _database(MIGRATION_DATABASE_URL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis -------------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="") or LAYOUT.redis_url
_redis_separator = "&" if "?" in REDIS_URL else "?"


def _redis(number: int) -> str:
    if REDIS_URL.startswith("unix://"):
        return f"{REDIS_URL}{_redis_separator}db={number}"
    return f"{REDIS_URL.rstrip('/')}/{number}"


def _celery_redis(number: int) -> str:
    if REDIS_URL.startswith("unix://"):
        return f"redis+socket://{urlsplit(REDIS_URL).path}?virtual_host={number}"
    return _redis(number)


# The number of the first of three Redis databases: cache and layer, Celery's broker, Celery's results.
REDIS_DATABASE = env.int("REDIS_DATABASE", default=0)
KEY_PREFIX = env.str("REDIS_KEY_PREFIX", default="chat")

CACHES = {
    "default": {
        "BACKEND": "chat_project.core.cache.ProcessRedisCache",
        "LOCATION": _redis(REDIS_DATABASE),
        "KEY_PREFIX": KEY_PREFIX,
        "TIMEOUT": 300,
        "OPTIONS": {
            "serializer": "chat_project.core.cache.JsonSerializer",
            "socket_timeout": 2,
            "socket_connect_timeout": 1,
            "pool_class": "chat_project.core.redis_pool.PatientPool",
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [_redis(REDIS_DATABASE)], "prefix": f"{KEY_PREFIX}:layer"},
    }
}
# Groups of the channel layer over which conversations and people are spread, by hash. A flush is one publish a shard:
# more of them pay where processes are so many that each needs but some, or where Redis has several hosts.
REALTIME_SHARDS = env.int("REALTIME_SHARDS", default=1)

BROKER_REDIS_URL = _redis(REDIS_DATABASE + 1)
CELERY_BROKER_URL = _celery_redis(REDIS_DATABASE + 1)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "accounts.tasks.send_*": {"queue": "mail"},
    "messaging.tasks.push_*": {"queue": "push"},
    "*.tasks.cleanup_*": {"queue": "maintenance"},
    "moderation.tasks.*": {"queue": "maintenance"},
    "attachments.tasks.sweep_*": {"queue": "maintenance"},
    "attachments.tasks.*": {"queue": "media"},
    "chat_project.tasks.*": {"queue": "maintenance"},
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{KEY_PREFIX}:celery:",
    "visibility_timeout": 3600,
    # A request that has something for the worker does not wait for a broker that is down: kombu would for 6 seconds.
    "socket_connect_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "cleanup-sessions": {"task": "accounts.tasks.cleanup_sessions", "schedule": 3600},
    "cleanup-memberships": {"task": "accounts.tasks.cleanup_memberships", "schedule": 3600},
    "cleanup-exports": {"task": "accounts.tasks.cleanup_exports", "schedule": 300},
    "cleanup-objects": {"task": "accounts.tasks.cleanup_objects", "schedule": 3600},
    "cleanup-incoming": {"task": "attachments.tasks.cleanup_incoming", "schedule": 3600},
    "cleanup-names": {"task": "accounts.tasks.cleanup_names", "schedule": 86_400},
    "cleanup-mails": {"task": "accounts.tasks.cleanup_mails", "schedule": 3600},
    "cleanup-limits": {"task": "accounts.tasks.cleanup_limits", "schedule": 3600},
    "send-due-mails": {"task": "accounts.tasks.send_due_mails", "schedule": 60},
    # One that waits longer than the next one gives way to it.
    "expire-messages": {"task": "messaging.tasks.expire_messages", "schedule": 5, "options": {"expires": 5}},
    "sweep-uploads": {"task": "attachments.tasks.sweep_uploads", "schedule": 60},
    "seal-audit-log": {"task": "moderation.tasks.seal_audit_log", "schedule": 300},
    "count-day": {"task": "moderation.tasks.count_day", "schedule": 3600},
    "apply-retention": {"task": "chat_project.tasks.apply_retention", "schedule": 86_400},
    "make-audit-partitions": {"task": "moderation.tasks.make_audit_partitions", "schedule": 86_400},
}

# --- Sign-in -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.LoginBackend"]
PASSWORD_HASHERS = ["accounts.hashers.ChatArgon2Hasher"]
ARGON2_MEMORY_KIB = env.int("ARGON2_MEMORY_KIB", default=65_536)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
ACCESS_TOKEN_SECONDS = env.int("ACCESS_TOKEN_SECONDS", default=900)
REFRESH_GRACE_SECONDS = env.int("REFRESH_GRACE_SECONDS", default=10)
SESSION_IDLE_DAYS = env.int("SESSION_IDLE_DAYS", default=30)
SESSION_MAX_DAYS = env.int("SESSION_MAX_DAYS", default=180)
SESSIONS_PER_ACCOUNT = env.int("SESSIONS_PER_ACCOUNT", default=50)
# How long a session's row outlives the session: till then a dead refresh token is still recognised.
SESSION_RETENTION_DAYS = env.int("SESSION_RETENTION_DAYS", default=30)
# How long what people asked to have of theirs can be fetched.
EXPORT_RETENTION_DAYS = env.int("EXPORT_RETENTION_DAYS", default=7)
# On: everybody is told to come again in a minute, but for who watches the copy.
MAINTENANCE = env.bool("MAINTENANCE", default=False)
REGISTRATION = env.str("REGISTRATION", default="open")
# A reserved domain, by which the demo's accounts are told: they sign in from this machine alone.
DEMO_EMAIL_DOMAIN = "demo.example"
# New accounts from one address.
REGISTRATIONS_PER_HOUR = env.int("REGISTRATIONS_PER_HOUR", default=1000)
# How many people one account may ask to be contacts in a day.
CONTACT_REQUESTS_PER_DAY = env.int("CONTACT_REQUESTS_PER_DAY", default=50)
# How long the links in mails are good: to prove an address, and to reset a password.
EMAIL_LINK_SECONDS = env.int("EMAIL_LINK_SECONDS", default=259_200)
RESET_LINK_SECONDS = env.int("RESET_LINK_SECONDS", default=3600)
# Links that may be asked for in an hour: from one address of the net, and to one address of mail.
MAIL_REQUESTS_PER_CLIENT = env.int("MAIL_REQUESTS_PER_CLIENT", default=100)
MAIL_REQUESTS_PER_ADDRESS = env.int("MAIL_REQUESTS_PER_ADDRESS", default=10)
# Whether the admin asks staff for a second factor, and leads those who have none to set one up.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=False)
RATE_LIMITS = env.bool("RATE_LIMITS", default=True)
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

SESSION_ENGINE = "accounts.session_store"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
# Not in a cookie: copies on one host would read each other's.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = SESSION_IDLE_DAYS * 86_400
# Copies on one host share its cookies whatever their ports: each has names of its own.
_cookie = f"chat_{urlsplit(SITE_URL).port or 'site'}"
SESSION_COOKIE_NAME = f"__Host-{_cookie}_session" if HTTPS else f"{_cookie}_session"
CSRF_COOKIE_NAME = f"__Host-{_cookie}_csrf" if HTTPS else f"{_cookie}_csrf"
# By it a browser is known again after signing out.
DEVICE_COOKIE_NAME = f"__Host-{_cookie}_device" if HTTPS else f"{_cookie}_device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Not no-referrer: under that, browsers send "Origin: null" with our own forms, and we take our own Origin alone.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Of an operator's whole domain nothing is known here: its other hosts may speak HTTP (W005, W021). The proxy that ends
# TLS leads from http to https; what comes from it is HTTP, and would be led in a circle (W008).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# --- The API -----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["chat_project.core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["chat_project.core.api.renderers.OrjsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "chat_project.core.api.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "chat_project.core.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    # Unknown query parameters are ignored, "format" too.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chat API",
    "DESCRIPTION": "People, conversations and messages over REST. The WebSocket at /ws/v1/ stands in docs/api.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "Audience": "accounts.privacy.AUDIENCES",
        "ConversationType": "conversations.enums.ConversationType",
        "LastSeen": "accounts.api.schemas.LAST_SEEN_WORDS",
        "MessageType": "messaging.enums.MessageType",
        "Role": "conversations.enums.Role",
    },
}

# --- Conversations and messages ------------------------------------------------------------------

GROUP_MAX_MEMBERS = env.int("GROUP_MAX_MEMBERS", default=10_000)
# What one account may do in a day or an hour: new groups and channels, new invites, attempts to join.
GROUPS_PER_DAY = env.int("GROUPS_PER_DAY", default=100)
INVITES_PER_HOUR = env.int("INVITES_PER_HOUR", default=100)
JOINS_PER_HOUR = env.int("JOINS_PER_HOUR", default=100)
# Searches of one account: of messages, of its list, of people and of what is public.
SEARCHES_PER_MINUTE = env.int("SEARCHES_PER_MINUTE", default=120)
# What the audit log is sealed with; where it is empty, a key derived from SECRET_KEY.
AUDIT_SEAL_KEY = env.str("AUDIT_SEAL_KEY", default="")
# How much one account may report in a day.
REPORTS_PER_DAY = env.int("REPORTS_PER_DAY", default=50)
RECEIPTS_MAX_MEMBERS = env.int("RECEIPTS_MAX_MEMBERS", default=100)
MESSAGE_EDIT_WINDOW_SECONDS = env.int("MESSAGE_EDIT_WINDOW_SECONDS", default=172_800)
# Off: each socket send is a statement of its own, to measure what the group commit brings.
MESSAGE_WRITER = env.bool("MESSAGE_WRITER", default=True)

# --- Retention: days, by chat_project/retention.py; 0 keeps for ever ---------------------------------

DELETED_MESSAGE_RETENTION_DAYS = env.int("DELETED_MESSAGE_RETENTION_DAYS", default=30)
EDIT_RETENTION_DAYS = env.int("EDIT_RETENTION_DAYS", default=90)
RECEIPT_RETENTION_DAYS = env.int("RECEIPT_RETENTION_DAYS", default=90)
UPLOAD_RETENTION_DAYS = env.int("UPLOAD_RETENTION_DAYS", default=1)
REPORT_RETENTION_DAYS = env.int("REPORT_RETENTION_DAYS", default=365)
AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", default=730)

# --- Files, mail, texts, logs ----------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
# What a name's hash stands for never changes: a file's own, or that of the folder of modules.
WHITENOISE_IMMUTABLE_FILE_TEST = r"[./][0-9a-f]{12}[./]"
MEDIA_ROOT = LAYOUT.media_dir
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "chat_project.core.storage.local.LocalStorage"},
    "staticfiles": {"BACKEND": "chat_project.static_files.ModuleStaticFilesStorage"},
}
# A bucket of S3, or of what speaks like it; without one, files lie in DATA_DIR/media.
S3_BUCKET = env.str("AWS_STORAGE_BUCKET_NAME", default="")
S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="")
# Where clients reach the bucket, where that is another address than the server's own.
S3_PUBLIC_ENDPOINT_URL = env.str("AWS_S3_PUBLIC_ENDPOINT_URL", default="")
S3_REGION = env.str("AWS_S3_REGION_NAME", default="")
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "chat_project.core.storage.bucket.BucketStorage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "public_endpoint_url": S3_PUBLIC_ENDPOINT_URL,
            "region_name": S3_REGION or None,
            # Without keys boto3 looks where it always does: the role of the machine.
            "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
            "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
        },
    }
    # Pictures and films are shown from there: a redirect is held against the policy too.
    _public = urlsplit(S3_PUBLIC_ENDPOINT_URL or S3_ENDPOINT_URL)
    _own = (f"https://{S3_BUCKET}.s3.amazonaws.com", f"https://{S3_BUCKET}.s3.{S3_REGION or 'us-east-1'}.amazonaws.com")
    for _directive in ("img-src", "media-src", "connect-src"):
        CONTENT_SECURITY_POLICY["DIRECTIVES"][_directive] += (
            [f"{_public.scheme}://{_public.netloc}"] if _public.netloc else _own
        )
# The proxy's internal location of DATA_DIR/media, as /_media/: it then sends files in the server's stead.
X_ACCEL_LOCATION = env.str("X_ACCEL_LOCATION", default="")
# On the storage's disk: a large upload is moved there, not copied.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "chat_project.spooling.TidyUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=100 * 1024 * 1024)
# What one person's files may take in all, and how many they may upload in an hour.
UPLOAD_QUOTA_BYTES = env.int("UPLOAD_QUOTA_BYTES", default=10 * 1024 * 1024 * 1024)
UPLOADS_PER_HOUR = env.int("UPLOADS_PER_HOUR", default=600)
# What the files of one conversation may take in all.
CONVERSATION_QUOTA_BYTES = env.int("CONVERSATION_QUOTA_BYTES", default=100 * 1024 * 1024 * 1024)
# Uploads that one person may have open at once, and how long the address of one that was begun is good.
OPEN_UPLOADS = env.int("OPEN_UPLOADS", default=5)
UPLOAD_SECONDS = env.int("UPLOAD_SECONDS", default=3600)
# Below so many free bytes no more files are taken; messages go on.
STORAGE_RESERVE = env.int("STORAGE_RESERVE", default=1024 * 1024 * 1024)
# The scanner: unix:///run/clamav/clamd.ctl or tcp://host:3310. Without one files are served unscanned.
CLAMD_URL = env.str("CLAMD_URL", default="")
REQUEST_MAX_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = REQUEST_MAX_BYTES

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail://")
EMAIL_FILE_PATH = LAYOUT.mail_dir
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
if EMAIL_BACKEND.endswith("filebased.EmailBackend"):
    EMAIL_BACKEND = "chat_project.core.mail.FileMailBackend"
vars().update({key: value for key, value in EMAIL_CONFIG.items() if key not in ("EMAIL_BACKEND", "EMAIL_FILE_PATH")})
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="chat@localhost")

# --- Web Push ----------------------------------------------------------------------------------------

# 32 bytes in base64url. Browsers are subscribed under it: with another one, all of them have to be subscribed anew.
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="") or vapid_private_key(
    DATA_DIR, shared_secret=_given_secret_key
)
# How push services reach whoever runs this server: a mailto: or an https: address.
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default="") or (
    SITE_URL if HTTPS else f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}"
)
# Those of Chrome, Firefox, Safari and Edge.
PUSH_SERVICES = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
]
# Where notifications go: hosts, by https on port 443; or whole origins, which are taken as they are.
PUSH_HOSTS = env.list("PUSH_HOSTS", default=PUSH_SERVICES)
# How long a push service keeps what it can't deliver yet.
PUSH_TTL_SECONDS = env.int("PUSH_TTL_SECONDS", default=86_400)
# Who has the chat open somewhere hears on their other devices after so long, of what is still unread then.
PUSH_ONLINE_DELAY_SECONDS = env.int("PUSH_ONLINE_DELAY_SECONDS", default=30)

# A copy speaks one language: what sockets tell is rendered once, for all who hear it.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Read by eyes, or by a program: line or json.
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
# Queries that take longer stand in the log, without their values; 0 is never.
SLOW_QUERY_MILLISECONDS = env.int("SLOW_QUERY_MILLISECONDS", default=500)
# Who may see /metrics and the details of /readyz from other machines, by a bearer header.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# The processes of one machine add up their numbers in files here.
METRICS_DIR = Path(env.str("PROMETHEUS_MULTIPROC_DIR", default="") or DATA_DIR / "metrics")
METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
# Its library asks the environment, as it is imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
SENTRY_DSN = env.str("SENTRY_DSN", default="")
RELEASE = env.str("RELEASE", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "chat_project.core.logs.LineFormatter", "format": "%(levelname)s %(name)s %(message)s"},
        "json": {"()": "chat_project.core.logs.JsonFormatter"},
    },
    "filters": {
        "secrets": {"()": "chat_project.core.logs.AddressSecretsHidden"},
        "origin": {"()": "chat_project.core.logs.OriginNoted"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["secrets", "origin"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        # Where a mail is that went into a file: Celery sets the root's level to its own.
        "chat_project.core.mail": {"level": "INFO"},
        # The hash of each seal: a witness outside of the database.
        "moderation.services.sealing": {"level": "INFO"},
    },
}
