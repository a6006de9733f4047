"""Pages: log in, sign up, log out, settings, password, access tokens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from accounts import policy, services
from accounts.choices import TokenScope
from accounts.errors import AccountCode
from accounts.forms import LoginForm, PasswordForm, ProfileForm, SignupForm, TokenForm
from accounts.http import request_user
from accounts.models import AccessToken, User
from core.client_address import client_address
from core.errors import CoreCode, HeimdexError
from core.http import error_response, is_api_request

require_form = require_http_methods(["GET", "HEAD", "POST"])


class Login(LoginView):
    """Log in. The session gets a new key; `next` is followed only inside this site."""

    http_method_names = ["get", "head", "post", "options"]
    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The template's context, with whether sign-up is open."""
        return super().get_context_data(signup_open=settings.SIGNUP_OPEN, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Log in; 429 for an address with too many failed logins, counted over all user names."""
        if policy.failed_logins().is_spent(client_address(request)):
            return locked_out(request)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count the failure for the address."""
        policy.failed_logins().allows(client_address(self.request))
        return super().form_invalid(form)


class ChangePassword(PasswordChangeView):
    """Change the password. Other sessions end; this one continues under a new key."""

    http_method_names = ["get", "head", "post", "options"]
    template_name = "accounts/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("accounts:settings")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change the password; 429 for a user whose password was entered too often."""
        if not policy.password_entries().allows(request_user(request).pk):
            return locked_out(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Change the password, revoke the access tokens if requested, and confirm it with a message."""
        if form.cleaned_data["end_tokens"]:
            services.revoke_all_tokens(request_user(self.request), at=timezone.now())
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)


@require_form
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """Create an account and log in; where sign-up is closed, a page with status 403."""
    if request.user.is_authenticated:
        return redirect(_next_url(request))
    if not settings.SIGNUP_OPEN:
        return render(request, "accounts/signup_closed.html", status=403)
    form = SignupForm(request.POST or None)
    if form.is_valid():
        if not policy.signups().allows(client_address(request)):
            error = HeimdexError(AccountCode.SIGNUP_THROTTLED)
            return render(request, "refused.html", {"error": error}, status=error.status)
        user = services.sign_up(form)
        if user is not None:
            start_session(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(_next_url(request))
    context = {"form": form, "next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "accounts/signup.html", context, status=422 if form.is_bound else 200)


@require_form
@login_required
@never_cache
def settings_page(request: HttpRequest) -> HttpResponse:
    """Name, email and language; the password; access tokens."""
    user = request_user(request)
    # A form changes its instance while validating; the page's header shows the stored user.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if not form.is_valid():
        return _settings_response(request, profile=form, status=422 if form.is_bound else 200)
    saved = form.save()
    with translation.override(saved.language or translation.get_language()):
        messages.success(request, _("Saved."))
    response = redirect("accounts:settings")
    services.set_language_cookie(response, language=saved.language)
    return response


@require_form
@login_required
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """POST: create an access token and show it once. GET: redirect to the list on the settings page."""
    if request.method != "POST":
        return redirect(_token_list_url())
    user = request_user(request)
    if not policy.password_entries().allows(user.pk):
        return locked_out(request)
    form = TokenForm(request.POST, user=user)
    if not form.is_valid():
        return _settings_response(request, token_form=form, status=422)
    token, plain = AccessToken.make(
        user=user,
        name=form.cleaned_data["name"],
        scope=form.cleaned_data["scope"],
        expires_at=form.expires_at(timezone.now()),
    )
    return _settings_response(request, new_token=token, plain_token=plain, status=201)


@require_safe
@never_cache
def may_send(request: HttpRequest) -> HttpResponseBase:
    """Whether a large body is read: 204 for a signed-in person or a valid token, otherwise the login page or a 401."""
    if request.headers.get("X-Asked-Method") in {"GET", "HEAD", "OPTIONS"}:  # nginx asks for all
        return HttpResponse(status=204)
    scheme, _space, plain = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = services.authenticate_token(plain.strip(), at=timezone.now())
        is_known = token is not None and token.scope == TokenScope.WRITE
    else:
        is_known = request.user.is_authenticated
    if is_known:
        return HttpResponse(status=204)
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        return redirect("accounts:login")
    return error_response(HeimdexError(CoreCode.UNAUTHENTICATED))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """The language switch of every page: sets the cookie, and saves a signed-in user's choice."""
    services.save_language(request.user, language=request.POST.get("language", ""))
    return set_language(request)


@require_POST
@login_required
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke one of the user's tokens; an unknown or revoked one changes nothing."""
    if services.revoke_token(request_user(request), token_id, at=timezone.now()):
        messages.success(request, _("The token is revoked. Scripts that use it are refused now."))
    return redirect(_token_list_url())


def locked_out(request: HttpRequest, *_details: object) -> HttpResponse:
    """The response of the login throttle: 429 with a page, or with the error JSON for programs."""
    wait_s = int(settings.AXES_COOLOFF_TIME * 3600)
    minutes = -(-wait_s // 60)
    response: HttpResponse
    if is_api_request(request) or not request.accepts("text/html"):
        response = error_response(HeimdexError(AccountCode.LOGIN_THROTTLED, {"minutes": minutes}))
    else:
        response = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _settings_response(request: HttpRequest, *, status: int, **changes: Any) -> HttpResponse:
    """The settings page; `changes` replace parts of its context, such as a form with errors."""
    user = request_user(request)
    context = {
        "profile": ProfileForm(instance=user),
        "token_form": TokenForm(user=user),
        "tokens": AccessToken.objects.valid(at=timezone.now()).filter(user=user),
        "new_token": None,
        "plain_token": "",
        **changes,
    }
    return render(request, "accounts/settings.html", context, status=status)


def _token_list_url() -> str:
    """The address of the tokens on the settings page."""
    return resolve_url("accounts:settings") + "#tokens"


def _next_url(request: HttpRequest) -> str:
    """The URL after signing up: `next` when it is on this site, else the library."""
    url = request.POST.get("next", request.GET.get("next", ""))
    is_safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_safe else resolve_url(settings.LOGIN_REDIRECT_URL)
