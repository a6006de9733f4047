"""Error codes of background jobs."""

from django.utils.translation import gettext_lazy as _

from core.errors import ErrorCode


class JobCode(ErrorCode):
    """Why a job ended without its work being done."""

    WORKER_LOST = 500, _("The work was interrupted %(attempts)s times and was given up.")
