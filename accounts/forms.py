"""Forms of the accounts pages."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessToken, User

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


class _Plain(forms.BaseForm):
    """Labels without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class LoginForm(_Plain, AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": _("That user name and password do not belong together."),
        "inactive": _("This account is switched off."),
    }


class SignupForm(_Plain, _UserCreationForm):
    """A new account: a user name that nobody else has, and a password twice."""

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
        """Names that differ only in capitals are the same name."""
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("Somebody has that user name already."))
        return username


class ProfileForm(_Plain, _UserForm):
    """How a person is called, reached and spoken to."""

    class Meta:
        model = User
        fields = ("first_name", "email", "language")
        labels = {"first_name": _("Name"), "email": _("Email"), "language": _("Language")}
        help_texts = {"language": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each language is named in its own words, so that somebody who landed in the wrong one finds theirs.
        self.fields["language"].widget.choices = [
            ("", _("As the browser asks")),
            ("en", "English"),
            ("ko", "한국어"),
        ]
        self.fields["first_name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class PasswordForm(_Plain, PasswordChangeForm):
    """The present password, and a new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HELP
        self.fields["new_password2"].help_text = ""


class TokenForm(_Plain, _TokenForm):
    """What a new access token is for."""

    class Meta:
        model = AccessToken
        fields = ("name",)
        labels = {"name": _("What is it for?")}
        widgets = {
            "name": forms.TextInput(
                attrs={"autocomplete": "off", "placeholder": _("Upload script on the studio PC")}
            )
        }
