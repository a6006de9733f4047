"""Users, and the access tokens with which scripts act for them."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import TokenScope
from accounts.usernames import MAX_LENGTH, skeleton

TOKEN_PREFIX = "hdx_"  # noqa: S105 - so that secret scanners know ours


class User(AbstractUser):
    """An owner of videos. `export_limit` and `storage_limit_gib` override the general limits; 0 forbids."""

    language = models.CharField(
        _("language"),
        max_length=8,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Empty: the browser's language."),
    )
    export_limit = models.PositiveIntegerField(
        _("exports in 24 hours"),
        null=True,
        blank=True,
        help_text=_("Empty: the general limit of this installation."),
    )
    storage_limit_gib = models.PositiveIntegerField(
        _("room for source files (GiB)"),
        null=True,
        blank=True,
        help_text=_("Empty: the general limit of this installation."),
    )
    learns_suggestions = models.BooleanField(
        _("suggestions follow what is kept"),
        default=True,
        db_default=True,
        help_text=_(
            "After 12 answers, suggested clips are ordered by what was kept and dismissed."
        ),
    )
    # Session grants in download links carry it; incrementing it ends them all.
    link_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # What the name looks like, so that a new one which looks the same is found. Not unique: old ones may look the same.
    skeleton = models.CharField(max_length=MAX_LENGTH, default="", db_default="", editable=False)
    # Set with `is_active` False; `exports.retention.users` removes the user with everything of theirs.
    delete_requested_at = models.DateTimeField(null=True, editable=False)

    class Meta(AbstractUser.Meta):
        indexes = [models.Index(fields=["skeleton"], name="user_skeleton")]

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save, with the skeleton of the name that is saved."""
        if update_fields is not None and "username" in update_fields:
            update_fields = {*update_fields, "skeleton"}
        if "username" not in self.get_deferred_fields():
            self.skeleton = skeleton(self.username)
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def export_quota(self) -> int:
        """How many exports the user may start in the sliding window."""
        return settings.EXPORT_LIMIT if self.export_limit is None else self.export_limit

    @property
    def storage_limit_bytes(self) -> int:
        """How many bytes the user's source files may take in all."""
        own = self.storage_limit_gib
        return settings.USER_MAX_BYTES if own is None else own * 1024**3


def looks_taken(username: str) -> bool:
    """Whether somebody has that name, in any case, or one that looks the same."""
    # A Greek capital may look like another letter than its small one does.
    looks = {skeleton(name) for name in (username, username.lower(), username.upper())}
    is_same = models.Q(username__iexact=username) | models.Q(skeleton__in=looks)
    return User.objects.filter(is_same).exists()


def token_hash(plain: str) -> str:
    """The SHA-256 of a token in hex. Tokens are 256 random bits, so no salt and no slow hash is needed."""
    return hashlib.sha256(plain.encode()).hexdigest()


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    """Access tokens."""

    def valid(self, *, at: datetime) -> "AccessTokenQuerySet":
        """Those that are neither revoked nor expired at a time."""
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=at)
        return self.filter(unexpired, revoked_at=None)


class AccessToken(models.Model):
    """A personal access token. Only its hash is stored; the plain token is shown once, when it is made."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="access_tokens",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=100)
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(
        _("scope"),
        max_length=8,
        choices=TokenScope,
        default=TokenScope.WRITE,
        db_default=TokenScope.WRITE,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="token_created"),
            models.Index(
                fields=["user", "-created_at"],
                condition=models.Q(revoked_at=None),
                name="token_user_current",
            ),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def make(
        cls,
        *,
        user: User,
        name: str,
        scope: str = TokenScope.WRITE,
        expires_at: datetime | None = None,
    ) -> tuple["AccessToken", str]:
        """A new token for a user: the row, and the plain token, which is not stored."""
        plain = TOKEN_PREFIX + secrets.token_urlsafe(32)
        row = cls.objects.create(
            user=user,
            name=name,
            hint=plain[:8],
            hash=token_hash(plain),
            scope=scope,
            expires_at=expires_at,
        )
        return row, plain
