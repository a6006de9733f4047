"""API routes of the accounts app, under `/v1/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
