"""Signal receivers that end a user's download links: at logout and when the account is deactivated."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models import F
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User


@receiver(user_logged_out)
def end_links_at_logout(user: User | None, **_: Any) -> None:
    """End the download links of the user who logs out."""
    if user is not None:
        _end_links(user)


@receiver(post_save, sender=User)
def end_links_of_deactivated(instance: User, *, created: bool, **_: Any) -> None:
    """End the links of a deactivated user for good: activating the account again does not restore them."""
    if not created and not instance.is_active:
        _end_links(instance)


def _end_links(user: User) -> None:
    User.objects.filter(pk=user.pk).update(link_epoch=F("link_epoch") + 1)
