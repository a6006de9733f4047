"""The framework's settings: database, broker, storage, apps, security, logs."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from celery.schedules import schedule
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core import env
from heimdex.observability.logs import logging_config
from heimdex.settings.product import DATA_DIR, WORK_DIR
from heimdex.startup.private_files import make_private_file, make_private_folder
from heimdex.startup.secret_key import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent.parent
make_private_folder(DATA_DIR)
make_private_folder(WORK_DIR)

DEBUG = env.flag("HEIMDEX_DEBUG", default=False)
SECRET_KEY = secret_key(DATA_DIR)
HTTPS = env.flag("HEIMDEX_HTTPS", default=False)
ALLOWED_HOSTS = env.string_list("HEIMDEX_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.string_list("HEIMDEX_ORIGINS")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "heimdex.web.static_files.StaticConfig",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "heimdex.apps.LoginAttemptsConfig",
    "csp",
    "django_prometheus",
    "heimdex.apps.HeimdexConfig",
    "heimdex.standalone.apps.CommandsConfig",
    "accounts.apps.AccountsConfig",
    "videos.apps.VideosConfig",
    "exports.apps.ExportsConfig",
    "workers.apps.WorkersConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "heimdex.web.response_headers.ContentPolicyMiddleware",
    "heimdex.web.response_headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "heimdex.web.trailing_slashes.TrailingSlashMiddleware",
    "heimdex.observability.logs.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.UserLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "heimdex.urls"
WSGI_APPLICATION = "heimdex.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Indexes with further columns are for PostgreSQL; SQLite makes them without.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

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
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
            ],
            "builtins": ["core.templatetags.formatting"],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """Django's settings for a `sqlite:///path` or `postgresql://user:password@host:port/name` address."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        name = unquote(parts.path.removeprefix("/")) if parts.path else ""
        if name not in {"", ":memory:"}:
            make_private_file(Path(name))
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
                ),
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "connect_timeout": 5,
                # Detect within about 15 s that the database's machine no longer answers.
                "keepalives_idle": 5,
                "keepalives_interval": 3,
                "keepalives_count": 3,
                "tcp_user_timeout": 15_000,
                # A process that halts inside a transaction loses its locks, including the sweep's lock.
                "options": "-c idle_in_transaction_session_timeout=10s",
            },
        }
    raise ImproperlyConfigured(
        f"DATABASE_URL must be sqlite: or postgresql:, not {parts.scheme!r}."
    )


DATABASES = {
    "default": _database(env.secret("DATABASE_URL", f"sqlite:///{DATA_DIR / 'heimdex.sqlite3'}"))
}

# Files: private in every case. Nothing stored is publicly readable.
S3_BUCKET = env.text("S3_BUCKET")
_MEDIA: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": DATA_DIR / "media", "base_url": None, "file_permissions_mode": 0o600},
}
if S3_BUCKET:
    _MEDIA = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "region_name": env.text("S3_REGION", "us-east-1"),
            "access_key": env.secret("S3_ACCESS_KEY") or None,
            "secret_key": env.secret("S3_SECRET_KEY") or None,
            "signature_version": "s3v4",
            "addressing_style": env.choice(
                "S3_ADDRESSING", "auto", choices=("auto", "path", "virtual")
            ),
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,
        },
    }
# Where a browser fetches stored files from, when it is not the endpoint the server itself uses.
S3_PUBLIC_ENDPOINT_URL = env.text("S3_PUBLIC_ENDPOINT_URL", env.text("S3_ENDPOINT_URL"))
STORAGES = {
    "default": _MEDIA,
    "staticfiles": {"BACKEND": "heimdex.web.static_files.StaticStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("HEIMDEX_STATIC_ROOT", str(DATA_DIR / "static"))).resolve()
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
FILE_UPLOAD_TEMP_DIR = str(WORK_DIR)
FILE_UPLOAD_HANDLERS = ["heimdex.web.upload_handler.PlainlyNamedUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024**2

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "videos:library"
LOGOUT_REDIRECT_URL = "accounts:login"
AXES_FAILURE_LIMIT = env.integer("HEIMDEX_LOGIN_FAILURES", 10, min_value=1)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = True
# The number of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
PROXIES = env.integer("HEIMDEX_PROXIES", 0)
AXES_CLIENT_IP_CALLABLE = "core.client_address.client_address"

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Security
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS and env.flag("HEIMDEX_HTTPS_REDIRECT", default=True)
# Asked by the machine next door, which speaks plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health(/ready)?$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if env.flag(
    "HEIMDEX_BEHIND_PROXY", default=PROXIES > 0
):  # until 0.3: see heimdex.startup.retired_settings
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# `__Host-`: a browser takes such a cookie only over HTTPS and from this very host, so that no neighbour can plant one.
_HOST_ONLY = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_HOST_ONLY}sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_HOST_ONLY}csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = (
    False  # the upload script sends it as a header; it is no secret to our own pages
)
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
WHITENOISE_ALLOW_ALL_ORIGINS = False


def _storage_origins() -> list[str]:
    """The origins that a browser loads stored files from: the bucket's server, by path and by name."""
    if not S3_BUCKET:
        return []
    server = urlsplit(
        S3_PUBLIC_ENDPOINT_URL or f"https://s3.{env.text('S3_REGION', 'us-east-1')}.amazonaws.com"
    )
    hosts = [server.netloc, f"{S3_BUCKET}.{server.netloc}"]
    if not S3_PUBLIC_ENDPOINT_URL:
        hosts.append(f"{S3_BUCKET}.s3.amazonaws.com")
    return [f"{server.scheme}://{host}" for host in hosts]


# No inline script or style, no eval: a NONCE stands in the header only for a page whose template asks for one.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", *_storage_origins()],
        "media-src": [SELF, *_storage_origins()],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": HTTPS,
    },
}

# The module with the tables between error codes, for `core.errors`, which knows no app.
ERROR_CODES = "heimdex.error_codes"

# Background jobs: the row is the job, a message is a wake-up. Without REDIS_URL everything runs in this process.
REDIS_URL = env.secret("REDIS_URL")
EMBEDDED = not REDIS_URL
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "exports"
CELERY_TASK_ROUTES = {
    # A long video's proxy takes an hour and more, which no other video should wait for; nor for text on screen.
    "videos.tasks.make_proxies": {"queue": "proxies"},
    "videos.tasks.read_screens": {"queue": "proxies"},
    "videos.tasks.*": {"queue": "videos"},
    "exports.tasks.*": {"queue": "exports"},
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away may stay away for hours
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # Redis without memory refuses commands; that passes
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "socket_timeout": 3,
        "socket_connect_timeout": 2,
        # A wake-up that cannot be sent at once is not sent: the sweep finds the row.
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "visibility_timeout": 24 * 3600,
        "health_check_interval": 10,
    }
    if REDIS_URL
    else {"polling_interval": 0.1}
)
CELERY_TIMEZONE = "UTC"


def _every(seconds: int, task: str) -> dict[str, object]:
    """A task of the schedule; its message expires when the next one is due."""
    return {"task": task, "schedule": schedule(seconds), "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE = {
    "expire-exports": _every(60, "exports.tasks.expire_exports"),
    "delete-users": _every(60, "exports.tasks.delete_users"),
    "remove-abandoned-uploads": _every(120, "videos.tasks.remove_abandoned_uploads"),
    "delete-videos": _every(60, "videos.tasks.delete_videos"),
    "adopt-transcripts": _every(60, "videos.tasks.adopt_transcripts"),
    "suggest-clips": _every(60, "videos.tasks.suggest_clips"),
    "draw-scene-pictures": _every(10, "videos.tasks.draw_scene_pictures"),
    "measure-speech": _every(60, "videos.tasks.measure_speech"),
    "index-for-search": _every(60, "videos.tasks.index_for_search"),
    "ask-for-screen-text": _every(60, "videos.tasks.ask_for_screen_text"),
    "embed-scenes": _every(60, "videos.tasks.embed_scenes"),
    "remove-orphaned-files": _every(240, "exports.tasks.remove_orphaned_files"),
}


def _cache(redis_url: str) -> dict[str, Any]:
    """The cache that web processes share for `core.throttles`. It waits at most one second for Redis."""
    if not redis_url:
        backend = "django.core.cache.backends.locmem.LocMemCache"
        return {"BACKEND": backend, "OPTIONS": {"MAX_ENTRIES": 10_000}}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": "heimdex",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }


CACHES = {"default": _cache(REDIS_URL)}

LOGGING_CONFIG = None
LOG_FORMAT = env.choice("HEIMDEX_LOG_FORMAT", "console", choices=("console", "json"))
LOG_LEVEL = env.choice(
    "HEIMDEX_LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)
logging_config(log_format=LOG_FORMAT, level=LOG_LEVEL)
