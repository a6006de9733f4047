"""Values of columns of accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenScope(models.TextChoices):
    """The scope of an access token."""

    WRITE = "write", _("Read and change everything of mine")
    READ = "read", _("Read only")
