"""The Celery application: `celery -A heimdex worker`, or inside `manage.py serve`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heimdex.settings")
app = Celery("heimdex")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
