"""Users and their access tokens in the admin."""

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import AccessToken, User
from accounts.password_reset import reset_path
from accounts.services import revoke_token
from core.admin import BoundedListMixin, ObjectActionsMixin, ReadOnlyAdmin, apply_to_each, display
from core.errors import CoreCode, HeimdexError
from jobs.clock import database_now

MAX_LINKS = 20


@admin.register(User)
class UserAdmin(ObjectActionsMixin, BoundedListMixin, DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg] # unfold has no types
    """Users: who may log in, their language and their export limit."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "is_active", "is_staff", "language", "export_limit"]
    list_filter = ["is_active", "is_staff", "language", "date_joined"]
    fieldsets = [
        *(DjangoUserAdmin.fieldsets or ())[:1],
        (_("Heimdex"), {"fields": ["export_limit", "storage_limit_gib", "language"]}),
        *(DjangoUserAdmin.fieldsets or ())[1:],
    ]
    actions = ["make_reset_link"]
    object_actions = (("make_reset_link", _("Make a link for a new password")),)

    @admin.action(description=_("Make a link for a new password"), permissions=["change"])
    def make_reset_link(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """Show a link for each active user; only superusers get one for a superuser."""
        for user in rows[:MAX_LINKS]:
            if not user.is_active or (user.is_superuser and not request.user.is_superuser):
                self.message_user(
                    request, f"{user}: {HeimdexError(CoreCode.FORBIDDEN).message}", messages.ERROR
                )
                continue
            link = request.build_absolute_uri(reset_path(user))
            text = gettext("%(user)s sets a new password here, within a day: %(link)s")
            self.message_user(request, text % {"user": user, "link": link})


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc] # unfold has no types
    """Groups, in the same theme."""


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnlyAdmin):
    """Access tokens: their owners and when they were used. The tokens themselves are not stored."""

    list_display = [
        *("name", "user", "begins_with", "scope"),
        *("created_at", "last_used_at", "expires_at", "revoked_at"),
    ]
    list_filter = ["scope", "created_at", "last_used_at", "revoked_at"]
    list_select_related = ["user"]
    search_fields = ["name", "hint", "user__username"]
    fields = list_display
    actions = ["revoke"]
    object_actions = (("revoke", _("Revoke")),)

    @display(description=_("begins with"))
    def begins_with(self, token: AccessToken) -> str:
        """The first characters, kept so that the owner can recognise it."""
        return f"{token.hint}…"

    @admin.action(description=_("Revoke"), permissions=["operate"])
    def revoke(self, request: HttpRequest, rows: QuerySet[AccessToken]) -> None:
        """Revoke tokens."""
        at = database_now()

        def revoke(token: AccessToken) -> None:
            if not revoke_token(token.user, token.pk, at=at):
                raise HeimdexError(CoreCode.CONFLICT)

        apply_to_each(request, rows.select_related("user"), revoke, done=gettext("revoked"))
