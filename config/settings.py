"""Settings from the environment, with defaults that are safe: production must say what it is.

APP_MODE is `trial` (embedded database, keys made under var/keys), or `production`, which refuses to start without
its keys, with DEBUG, or with a wildcard host.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.database import django_database, running_trial
from config.keys import read_key, read_other_key
from config.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = os.environ.get("APP_MODE", "trial") == "production"
DEBUG = os.environ.get("APP_DEBUG", "") == "1"
ALLOWED_HOSTS = os.environ.get("APP_HOSTS", "127.0.0.1,localhost").split(",")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("APP_DEBUG=1 is not for production.")
if PRODUCTION and ("*" in ALLOWED_HOSTS or "APP_HOSTS" not in os.environ):
    raise ImproperlyConfigured("APP_HOSTS must name the hosts of this installation, without a wildcard.")
# Where the public reaches this installation: what a printed QR code leads to.
PUBLIC_URL = os.environ.get(
    "APP_PUBLIC_URL",
    f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else f"http://127.0.0.1:{os.environ.get('PORT', '8000')}",
).rstrip("/")
# Networks of our own proxies, whose word on where a request came from is believed.
TRUSTED_PROXIES = [
    ip_network(each.strip()) for each in os.environ.get("APP_TRUSTED_PROXIES", "").split(",") if each.strip()
]
# Days for which the log keeps network addresses: at least 180 (网络安全法 art. 21), as the database holds too.
ADDRESS_DAYS = int(os.environ.get("APP_ADDRESS_DAYS", "180"))
if not 180 <= ADDRESS_DAYS <= 3650:
    raise ImproperlyConfigured("APP_ADDRESS_DAYS must be from 180 to 3650.")
DATABASE_URL = os.environ.get("DATABASE_URL") or ("" if PRODUCTION else running_trial(BASE_DIR / "var"))
if not DATABASE_URL:
    raise ImproperlyConfigured("DATABASE_URL is not set, and no trial (`make demo`) is running here.")

KEYS = Path(os.environ.get("APP_KEYS", BASE_DIR / "var" / "keys"))
SECRET_KEY = urlsafe_b64decode(read_key("secret", KEYS, production=PRODUCTION) + "==").hex()
DONOR_KEY = read_key("donor", KEYS, production=PRODUCTION)
# While that key is changed: the next one or the last one, which is read too (manage.py rotate_donor_key).
DONOR_KEY_OTHER = read_other_key("donor")
SIGNING_KEY = read_key("signing", KEYS, production=PRODUCTION)
DATABASES = {"default": django_database(DATABASE_URL)}
# A streaming replica, if there is one, and how old what it shows may be (core.replica).
DATABASE_REPLICA_URL = os.environ.get("DATABASE_REPLICA_URL", "")
PUBLIC_PAGE_SECONDS = float(os.environ.get("APP_PUBLIC_PAGE_SECONDS", "10"))  # kept in each worker's memory
REPLICA_LAG_SECONDS = float(os.environ.get("APP_REPLICA_LAG", "10"))
if DATABASE_REPLICA_URL:
    DATABASES["replica"] = django_database(DATABASE_REPLICA_URL)

# Where `manage.py backup` writes, the public keys it seals for, and the role it reads as (docs/operations.md).
BACKUP_FOLDER = Path(os.environ.get("APP_BACKUP_FOLDER", BASE_DIR / "var" / "backups"))
BACKUP_RECIPIENTS = os.environ.get("APP_BACKUP_RECIPIENTS", "").replace(",", " ").split()
BACKUP_DATABASE_URL = os.environ.get("APP_BACKUP_DATABASE_URL") or DATABASE_URL
BACKUP_DAYS = int(os.environ.get("APP_BACKUP_DAYS", "14"))
BACKUP_WEEKS = int(os.environ.get("APP_BACKUP_WEEKS", "8"))
# A trial loses nothing that matters; whoever sets keys for backups wants to hear when they fail.
BACKUPS_EXPECTED = PRODUCTION or bool(BACKUP_RECIPIENTS)

# What Prometheus shows to read `metrics/`; without it nobody can.
METRICS_TOKEN = os.environ.get("APP_METRICS_TOKEN", "")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_htmx",
    "core",
    "organisation",
    "catalogue",
    "donations",
    "inventory",
    "distribution",
    "reports",
    "config",
]
MIDDLEWARE = [
    "config.observing.Observer",
    # Before all that answers by itself: a static file, a leading on to HTTPS and a refusal bear the policy too.
    "csp.middleware.CSPMiddleware",
    "core.requests.RequestGuard",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "core.wechat.OpenInBrowser",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "organisation.authentication.SessionPerson",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.access.PageGate",
    "config.reading_aside.ReadAside",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "config.menu.frame",
            ]
        },
    }
]

AUTH_USER_MODEL = "organisation.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "organisation.passwords.Guessable"},
]
LOGIN_URL = "sign-in"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
CSRF_FAILURE_VIEW = "core.problems.csrf_failure"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "core" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
# Static files are served from the packages and rooms themselves: nothing to collect, nothing to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# No other site reads even these.
WHITENOISE_ALLOW_ALL_ORIGINS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# The longest form counts the 5,000 lines of a handover, four fields each; its size is bounded above all the same.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 21_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SAMESITE = "Lax"
# The secret of a device on which somebody has set a PIN (organisation.pins).
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"
# The secret of a device on which somebody has signed in (organisation.attempts).
BROWSER_COOKIE_NAME = "__Host-browser" if PRODUCTION else "browser"
# What a page says after the one before it has done something; never a name.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
# The longest a county can let a sign-in last (organisation.sign_ins), which ends it sooner.
SESSION_COOKIE_AGE = 24 * 3600
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    # A program that speaks without encryption is told so (core.requests), or it would never know (ASVS 4.1.2).
    SECURE_REDIRECT_EXEMPT = [r"^api/"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "organisation.authentication.TokenAuthentication",
        "organisation.authentication.PageSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["config.access.RoutePermission"],
    "DEFAULT_PARSER_CLASSES": ["core.json_body.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "core.paging.Pages",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "core.ordering.Ordering",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.negotiation.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "core.schema.Schema",
    "EXCEPTION_HANDLER": "core.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
    # What a route takes stands in the OpenAPI document; OPTIONS is no route of ours (405).
    "DEFAULT_METADATA_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Donated-medicine tracker",
    "DESCRIPTION": "From the household that gives medicines back to the patient who takes them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "TAGS": [
        {"name": room}
        for room in ("organisation", "catalogue", "donations", "inventory", "distribution", "reports")
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.examples.add_examples",
        "reports.content_schema.add_content",
    ],
    "ENUM_NAME_OVERRIDES": {
        "SeenEnum": "donations.models.Seen",
        "WaitingEnum": "inventory.serializers.WAITING",
        "SideEnum": "inventory.models.Side",
        "DecisionEnum": "inventory.models.SortingDecision.Outcome",
        "RecallKindEnum": "catalogue.models.Recall.Kind",
        "HandoverStateEnum": "donations.models.Handover.State",
        "RelabellingStateEnum": "inventory.models.conversions.Relabelling.State",
        "GoodsCollectedByEnum": "donations.models.DonorReturn.CollectedBy",
        "HandOutCollectedByEnum": "distribution.models.Dispensing.CollectedBy",
        "CountStateEnum": "inventory.models.counts.StockCount.State",
        "SpotEnum": "inventory.models.counts.Spot",
        "RhythmEnum": "organisation.models.Rhythm",
        "DeviceUseKindEnum": "inventory.models.devices.DeviceUse.Kind",
        "BulletinKindEnum": "reports.models.Bulletin.Kind",
        "BulletinStateEnum": "reports.models.Bulletin.State",
        "PlaceKindEnum": "organisation.models.Place.Kind",
        "DonorKindEnum": "donations.models.Donor.Kind",
        "ScreeningOutcomeEnum": ["accept", "review", "refuse"],
        "DestructionStateEnum": "inventory.models.destructions.Destruction.State",
    },
    # A string, because it carries a function: the zeros that stand in each Idempotency-Key become a new UUID,
    # and whoever is signed in on the page sends the page's CSRF token along.
    "SWAGGER_UI_SETTINGS": """{
        persistAuthorization: false,
        displayRequestDuration: true,
        docExpansion: "list",
        filter: true,
        tryItOutEnabled: true,
        requestInterceptor: (request) => {
            for (const name of Object.keys(request.headers))
                if (/^[0-]+$/.test(request.headers[name])) request.headers[name] = crypto.randomUUID();
            const token = document.cookie.match(/(?:csrftoken|__Host-csrf)=([^;]+)/);
            if (token) request.headers["X-CSRFToken"] = token[1];
            return request;
        },
    }""",
}

LOGGING = logging_settings(
    os.environ.get("APP_LOG_LEVEL", "WARNING"),
    as_json=os.environ.get("APP_LOG_FORMAT", "json" if PRODUCTION else "text") == "json",
)
