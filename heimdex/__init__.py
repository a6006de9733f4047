"""Wiring: settings, URLs, the Celery application, startup, web server, observability."""

from heimdex.celery import app as celery_app

__all__ = ["celery_app"]
