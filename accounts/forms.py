"""Forms of the accounts pages."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, PasswordChangeForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessToken, User, looks_taken
from accounts.usernames import is_invisible, is_mixed

if TYPE_CHECKING:
    _UserCreationForm = BaseUserCreationForm[User]
    _UserForm = forms.ModelForm[User]
    _TokenForm = forms.ModelForm[AccessToken]
else:  # generic for the type checker only
    _UserCreationForm, _UserForm, _TokenForm = (
        BaseUserCreationForm,
        forms.ModelForm,
        forms.ModelForm,
    )


PASSWORD_HELP = _("At least 8 characters; not a common password, not only digits, not your name.")


class NoColonForm(forms.BaseForm):
    """A form whose labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class LoginForm(NoColonForm, AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": _("That user name and password do not belong together."),
        "inactive": _("This account is switched off."),
    }


NAME_TAKEN = _("Somebody has that user name already.")


class SignupForm(NoColonForm, _UserCreationForm):
    """A new account: a unique user name, and a password twice."""

    class Meta:
        model = User
        fields = ("username", "email")
        help_texts = {
            "username": _("Letters, digits and @ . + - _"),
            "email": _("Not required."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.fields["password1"].help_text = PASSWORD_HELP
        self.fields["password2"].help_text = ""

    def clean_username(self) -> str:
        """The user name; names that differ only in case, or look the same, count as the same."""
        username: str = self.cleaned_data["username"]
        if is_invisible(username):
            raise forms.ValidationError(_("Use letters that can be seen."))
        if is_mixed(username):
            raise forms.ValidationError(_("Use letters of one script only."))
        if looks_taken(username):
            raise forms.ValidationError(NAME_TAKEN)
        return username


class ProfileForm(NoColonForm, _UserForm):
    """A user's name, email address and language."""

    class Meta:
        model = User
        fields = ("first_name", "email", "language")
        labels = {"first_name": _("Name"), "email": _("Email"), "language": _("Language")}
        help_texts = {"language": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each language is named in itself, so that its speakers find it on a page in any other.
        self.fields["language"].widget.choices = [
            ("", _("As the browser asks")),
            ("en", "English"),
            ("ko", "한국어"),
        ]
        self.fields["first_name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class PasswordForm(NoColonForm, PasswordChangeForm):
    """The current password, a new one twice, and whether access tokens end with the old one."""

    end_tokens = forms.BooleanField(
        label=_("End my access tokens too: scripts need new ones"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HELP
        self.fields["new_password2"].help_text = ""


class TokenForm(NoColonForm, _TokenForm):
    """A new access token: its name, scope and expiry. Requires the password."""

    days = forms.TypedChoiceField(
        label=_("How long is it valid?"),
        coerce=int,
        initial=90,
        choices=[
            (7, _("7 days")),
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("A year")),
            (0, _("Until it is revoked")),
        ],
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    class Meta:
        model = AccessToken
        fields = ("name", "scope")
        labels = {"name": _("What is it for?"), "scope": _("What may it do?")}
        widgets = {
            "name": forms.TextInput(
                attrs={"autocomplete": "off", "placeholder": _("Upload script on the studio PC")}
            )
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        """The user's password."""
        password: str = self.cleaned_data["password"]
        if not self._user.check_password(password):
            raise forms.ValidationError(_("That is not your password."))
        return password

    def clean(self) -> dict[str, Any]:
        """Refuse more than TOKENS_PER_USER valid tokens."""
        tokens = AccessToken.objects.valid(at=timezone.now()).filter(user=self._user)
        if tokens.count() >= settings.TOKENS_PER_USER:
            raise forms.ValidationError(_("You have as many tokens as you may: revoke one first."))
        return self.cleaned_data

    def expires_at(self, at: datetime) -> datetime | None:
        """Return the time at which the token expires; None when it does not expire."""
        days: int = self.cleaned_data["days"]
        return at + timedelta(days=days) if days else None
