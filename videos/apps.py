"""Videos, their scenes and their transcript."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideosConfig(AppConfig):
    """The videos app."""

    name = "videos"
    verbose_name = _("Videos")
