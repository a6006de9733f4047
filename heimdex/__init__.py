"""Wiring: settings, URLs, the Celery application, errors, health."""

from heimdex.celery import app as celery_app

__all__ = ["celery_app"]
