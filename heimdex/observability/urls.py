"""URLs of the health checks and metrics."""

from django.urls import path

from heimdex.observability import health

app_name = "health"
urlpatterns = [
    path("health", health.alive, name="alive"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
