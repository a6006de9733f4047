"""The WSGI application: `gunicorn heimdex.wsgi`, or `manage.py serve`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heimdex.settings")
application = get_wsgi_application()
