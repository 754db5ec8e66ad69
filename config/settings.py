"""Daftar's settings: one file, read from the environment (config.env), in reading order."""

from pathlib import Path

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

from config.delivery.server import mail_server
from config.env import env_bool, env_int, env_list, env_secret, env_text
from invoicing.zatca.environments import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
# Everything the program makes for itself: the embedded database, generated secrets, static files.
DATA_DIR = Path(env_text("DAFTAR_DATA", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- Security ------------------------------------------------------------------------------------
DEBUG = env_bool("DEBUG")
_generate = DATA_DIR if DEBUG or env_bool("DAFTAR_GENERATE_SECRETS") else None
SECRET_KEY = env_secret("SECRET_KEY", generate_in=_generate)
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
# Encrypts private keys and CSID secrets at rest: `id:secret` pairs, the first one encrypts.
KEY_RING = env_secret("DAFTAR_KEY_RING", generate_in=_generate)
# Chains the audit log; kept out of the database so that whoever can edit rows cannot re-chain them.
AUDIT_KEY = env_secret("DAFTAR_AUDIT_KEY", generate_in=_generate)
JWT_SIGNING_KEY = env_secret("JWT_SIGNING_KEY", generate_in=_generate)

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
# On behind TLS; off for a trial on loopback.
HTTPS = env_bool("HTTPS")
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 8 * 60 * 60
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# An invoice of a thousand lines, corrected by hand.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# --- Applications --------------------------------------------------------------------------------
DATABASE_URL = env_text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'daftar.sqlite3'}")
POSTGRES = DATABASE_URL.startswith(("postgres://", "postgresql://"))

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config",
    "config.tenancy",
    "config.idempotency",
    "config.attention",
    "config.jobs",
    "config.delivery",
    "config.printing",
    "invoicing",
    "health",
    "integrations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
]
if POSTGRES:
    # Its migrations are PostgreSQL's own SQL; on SQLite `manage.py work` is a loop (contracts 28).
    INSTALLED_APPS.append("procrastinate.contrib.django")

MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.OfficeLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.RequestLogMiddleware",
    "config.tenancy.middleware.ActiveTenantMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# Routes answer with and without a slash and never redirect (contracts 3).
APPEND_SLASH = False
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
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# db_comment is kept for PostgreSQL; SQLite has no column comments.
SILENCED_SYSTEM_CHECKS = [] if POSTGRES else ["fields.W163", "models.W046"]

# --- Database ------------------------------------------------------------------------------------
_database = environ.Env.db_url_config(DATABASE_URL)
if POSTGRES:
    _database["CONN_HEALTH_CHECKS"] = True
    # Web and worker keep a pool; a short command does not pay for one.
    if env_bool("DATABASE_POOL"):
        _database.setdefault("OPTIONS", {})["pool"] = {
            "min_size": 1,
            "max_size": env_int("DATABASE_POOL_SIZE", 8, at_least=2),
            "timeout": 20,
        }
elif _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # A deferred transaction that turns into a writer fails at once, whatever the timeout.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # FULL: a sealed and sent document that power loss forgets would fork the chain.
        # recursive_triggers: INSERT OR REPLACE would otherwise slip past the append-only triggers.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA recursive_triggers=ON; PRAGMA journal_size_limit=67108864;"
        ),
    }
    # A file: the shared in-memory database locks up under threads (contracts 25).
    _database["TEST"] = {"NAME": env_text("DAFTAR_TEST_DATABASE", str(DATA_DIR / "test.sqlite3"))}
else:
    raise ImproperlyConfigured("DATABASE_URL must be a sqlite:// or a postgresql:// address.")
_database["ATOMIC_REQUESTS"] = False
DATABASES = {"default": _database}

# --- People and language -------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية")]
USE_I18N = True
# ISO dates, a 24-hour clock and a decimal point, whatever the language.
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True
TIME_ZONE = "UTC"
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

# --- REST ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # This order makes a missing credential 401 (contracts 4).
        "config.tenancy.authentication.ApiKeyAuthentication",
        "config.tenancy.authentication.JWTAuthentication",
        "config.tenancy.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["config.tenancy.permissions.TenantPermission"],
    "DEFAULT_PARSER_CLASSES": ["config.json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["config.json.ExactJSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.problem_response",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": False,
    # Instants reach the renderer as they are; it writes them in whole seconds (contracts 12).
    "DATETIME_FORMAT": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Daftar",
    "DESCRIPTION": "A back office that gets invoices through.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "EnvironmentEnum": "config.tenancy.models.Environment",
        "InvoiceStatusEnum": "invoicing.models.InvoiceStatus",
        "JobStateEnum": "config.jobs.models.JobState",
        "MailStateEnum": "config.delivery.models.MailState",
        "LogStatusEnum": "invoicing.models.LogStatus",
        "ModeEnum": "invoicing.models.Phase",
        "PhaseEnum": ["PHASE_1", "PHASE_2"],
        "SupplyTypeEnum": "health.models.SupplyType",
        "TestInvoiceStatusEnum": "health.models.Status",
        "NewTestInvoiceStatusEnum": ["DRAFT", "POSTED"],
        "PaymentModeEnum": "health.models.Mode",
        "DiscountModeEnum": "health.models.DiscountMode",
        "PaymentStateEnum": "health.models.PaymentState",
        "TransactionStatusEnum": "integrations.models.Status",
        "IMSProcessingStatusEnum": "integrations.models.IMSStatus",
        "IMSInvoiceStatusEnum": "integrations.models.InvoiceStatus",
    },
    "PREPROCESSING_HOOKS": ["config.openapi.without_trailing_slash"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.empty_text_is_one_of_any",
    ],
}

# --- ZATCA ---------------------------------------------------------------------------------------
# Only the sandbox may be elsewhere: a stand-in on loopback (a system check).
ZATCA_URLS = {
    environment.value: env_text(f"ZATCA_{environment}_URL", environment.base_url)
    for environment in Environment
}
# The official rules on a draft before an ICV is spent (contracts 17).
ZATCA_DEEP_GATE = env_bool("ZATCA_DEEP_GATE", default=True)
ZATCA_CALL_DEADLINE = env_int("ZATCA_CALL_DEADLINE", 30, at_least=1)
ZATCA_CONNECT_TIMEOUT = env_int("ZATCA_CONNECT_TIMEOUT", 5, at_least=1)
ZATCA_LEASE = env_int("ZATCA_LEASE", 90, at_least=2)
ZATCA_FIRST_RESEND = env_int("ZATCA_FIRST_RESEND", 30, at_least=1)
# The circuit breaker: calls in a row without an answer, and the first pause in seconds.
ZATCA_BREAKER_FAILURES = env_int("ZATCA_BREAKER_FAILURES", 5, at_least=1)
ZATCA_BREAKER_PAUSE = env_int("ZATCA_BREAKER_PAUSE", 120, at_least=1)

# --- IMS -----------------------------------------------------------------------------------------
# Hosts that an environment of IMS may name, by https; a stand-in on loopback always may be named.
IMS_HOSTS = env_list("IMS_HOSTS")
# When a synchronous caller is answered, whatever the state: Triton gives up after 30 s.
IMS_SYNC_DEADLINE = env_int("IMS_SYNC_DEADLINE", 25, at_least=1)
# New transactions of a tenant before it is told to wait (429); 0: no limit.
IMS_MINUTE_LIMIT = env_int("IMS_MINUTE_LIMIT", 100)
IMS_HOUR_LIMIT = env_int("IMS_HOUR_LIMIT", 1000)
IMS_CONNECT_TIMEOUT = env_int("IMS_CONNECT_TIMEOUT", 5, at_least=1)
# Longer than the longest call, a bind's 90 s.
IMS_LEASE = env_int("IMS_LEASE", 150, at_least=1)
IMS_FIRST_RETRY = env_int("IMS_FIRST_RETRY", 15)
# How long IMS may still be at work on a call whose answer was lost.
IMS_REPEAT_AFTER = env_int("IMS_REPEAT_AFTER", 30)
IMS_BREAKER_FAILURES = env_int("IMS_BREAKER_FAILURES", 5, at_least=1)
IMS_BREAKER_PAUSE = env_int("IMS_BREAKER_PAUSE", 60, at_least=1)
# Threads of a worker; 1 works everything off in the worker's own.
IMS_WORKERS = env_int("IMS_WORKERS", 4, at_least=1)

# --- Mail ----------------------------------------------------------------------------------------
# smtp://, smtp+tls:// (STARTTLS) or smtps://user:password@host:port; empty: no mail is sent.
MAIL = mail_server(env_text("MAIL_URL"), sender=env_text("MAIL_FROM"))

# --- Admin ---------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "Daftar",
    "SITE_HEADER": "Daftar",
    "SITE_SUBHEADER": "دفتر — invoices, all the way",
    "SITE_URL": "/admin/",
    "SITE_SYMBOL": "menu_book",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "config.tenancy.admin.environment_badge",
    "STYLES": [lambda request: static("daftar/admin.css")],
    "SCRIPTS": [lambda request: static("daftar/names.js")],
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("daftar/icon.svg"),
        }
    ],
    "DASHBOARD_CALLBACK": "config.dashboard.dashboard",
    "SIDEBAR": {"navigation": "config.dashboard.navigation"},
    "COLORS": {
        "primary": {
            "50": "#f0fdfa", "100": "#ccfbf1", "200": "#99f6e4", "300": "#5eead4",
            "400": "#2dd4bf", "500": "#14b8a6", "600": "#0d9488", "700": "#0f766e",
            "800": "#115e59", "900": "#134e4a", "950": "#042f2e",
        },
    },
}  # fmt: skip

# --- Logs: one JSON line per event, with request id and tenant -----------------------------------
LOG_LEVEL = env_text("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
_processors: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _processors,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "propagate": False},
        # Every look of every chore is a job; what came of it is logged by config.work.
        "procrastinate": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[*_processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
