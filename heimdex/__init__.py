"""Wiring: settings, URLs, the Celery application, startup, web server, observability."""
