"""Settings of mail, which is sent for forgotten passwords only. Without HEIMDEX_EMAIL_HOST none is sent."""

from core import env

EMAIL_HOST = env.text("HEIMDEX_EMAIL_HOST")
_SECURITY = env.choice("HEIMDEX_EMAIL_SECURITY", "starttls", choices=("starttls", "tls", "none"))
EMAIL_USE_TLS = _SECURITY == "starttls"
EMAIL_USE_SSL = _SECURITY == "tls"
# RFC 8314 and RFC 6409; 25 between servers.
EMAIL_PORT = env.integer(
    "HEIMDEX_EMAIL_PORT", {"starttls": 587, "tls": 465, "none": 25}[_SECURITY], min_value=1
)
EMAIL_HOST_USER = env.text("HEIMDEX_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.secret("HEIMDEX_EMAIL_PASSWORD")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("HEIMDEX_EMAIL_FROM", "heimdex@localhost")
PASSWORD_RESET_TIMEOUT = 24 * 3600
