"""What ends links that were handed out: logging out, and switching an account off."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models import F
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User


@receiver(user_logged_out)
def end_links_at_logout(user: User | None, **_: Any) -> None:
    """Links made for this person's browsers are worth nothing from now on."""
    if user is not None:
        _end_links(user)


@receiver(post_save, sender=User)
def end_links_of_switched_off(instance: User, *, created: bool, **_: Any) -> None:
    """Switching the account on again does not bring old links back."""
    if not created and not instance.is_active:
        _end_links(instance)


def _end_links(user: User) -> None:
    User.objects.filter(pk=user.pk).update(link_epoch=F("link_epoch") + 1)
