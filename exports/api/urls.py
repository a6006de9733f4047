"""API routes of the exports app, under `/v1/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
