"""Pages of the accounts app."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import password_views, views

app_name = "accounts"
urlpatterns = [
    path("login", views.Login.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("signup", views.sign_up, name="signup"),
    path("settings", views.settings_page, name="settings"),
    path("password", views.ChangePassword.as_view(), name="password"),
    path("forgotten", password_views.Forgotten.as_view(), name="forgotten"),
    path("reset/<uidb64>/<token>", password_views.Reset.as_view(), name="reset"),
    path("tokens", views.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke", views.revoke_token, name="revoke_token"),
]
