"""Pages for a forgotten password: ask for a link, and set a new password with it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import password_reset, policy
from accounts.password_reset import ForgottenForm, NewPasswordForm
from core.client_address import client_address
from core.errors import CoreCode, HeimdexError


@method_decorator(never_cache, name="dispatch")
class Forgotten(PasswordResetView):
    """Ask for a link by mail. The answer does not say whether an account has the address."""

    http_method_names = ["get", "head", "post", "options"]
    template_name = "accounts/forgotten.html"
    email_template_name = "accounts/reset_mail.txt"
    subject_template_name = "accounts/reset_mail_subject.txt"
    form_class = ForgottenForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send the link; a page with 429 for an address that asks too often, 404 where no mail is sent."""
        if not password_reset.is_mail_set_up():
            return self.render_to_response(self.get_context_data(), status=404)
        if not policy.password_resets().allows(client_address(request)):
            error = HeimdexError(CoreCode.THROTTLED)
            return render(request, "refused.html", {"error": error}, status=error.status)
        return super().post(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """The same page, which then says that the link is on its way."""
        return reverse("accounts:forgotten") + "?sent"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The template's context, with whether mail is set up and whether a link was just asked for."""
        state = {
            "is_mail_set_up": password_reset.is_mail_set_up(),
            "is_sent": "sent" in self.request.GET,
        }
        return super().get_context_data(**state, **kwargs)


# The view answers an invalid link before it looks at the method.
@method_decorator([never_cache, require_http_methods(["GET", "HEAD", "POST"])], name="dispatch")
class Reset(PasswordResetConfirmView):
    """Set a new password with a link. The link's token is moved into the session before the page is shown."""

    http_method_names = ["get", "head", "post", "options"]
    template_name = "accounts/reset.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("accounts:login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]
        """Set the password, and confirm it on the page to log in."""
        super().form_valid(form)
        messages.success(self.request, _("Your password is set. Log in with it."))
        return redirect(str(self.success_url))
