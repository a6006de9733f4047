"""Addresses of the health checks and metrics."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
