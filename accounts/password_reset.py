"""Forgotten passwords: links that set a new one, by mail or from an administrator.

A link is good for `settings.PASSWORD_RESET_TIMEOUT` and once: it ends with the password that it was made for.
"""

import logging
import threading
from typing import Any

from axes.utils import reset as forget_failed_logins
from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from accounts.forms import PASSWORD_HELP, NoColonForm
from accounts.models import User
from accounts.services import revoke_all_tokens

logger = logging.getLogger(__name__)


def is_mail_set_up() -> bool:
    """Whether links can be sent by mail."""
    return bool(settings.EMAIL_HOST)


def reset_path(user: User) -> str:
    """The path of a page on which a new password is set for the user, who need not be logged in."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("accounts:reset", args=[uid, default_token_generator.make_token(user)])


class ForgottenForm(NoColonForm, PasswordResetForm):
    """An email address; every active user who has it is sent a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Email")

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send it from a thread: an address that is known must not be answered later than one that is not."""
        threading.Thread(target=self._send, args=args, kwargs=kwargs, daemon=True).start()

    def _send(self, *args: Any, **kwargs: Any) -> None:
        super().send_mail(*args, **kwargs)  # Django logs what the mail server refuses


class NewPasswordForm(NoColonForm, SetPasswordForm):  # type: ignore[type-arg]  # generic for the type checker only
    """A new password twice, and whether access tokens end with the old one."""

    end_tokens = forms.BooleanField(
        label=_("End my access tokens too: scripts need new ones"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HELP
        self.fields["new_password2"].help_text = ""

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - its signature
        """Save it, which ends all sessions, forget failed logins, and end the tokens if that was asked for."""
        user = super().save(commit=commit)
        forget_failed_logins(username=user.get_username())
        if self.cleaned_data["end_tokens"]:
            revoke_all_tokens(user, at=timezone.now())
        return user
