"""Base serializers and fields of the API: times in UTC, milliseconds as seconds, why a job failed."""

import math
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

M = TypeVar("M", bound=models.Model)


class UtcDateTimeField(serializers.DateTimeField):
    """A time as ISO 8601 in UTC with the offset written out: `2026-11-22T09:30:00.250000+00:00`."""

    def to_representation(self, value: datetime) -> str:
        """The aware time in UTC."""
        return value.astimezone(UTC).isoformat()


class SecondsField(serializers.FloatField):
    """A time in seconds, kept to the millisecond; in Python it is integer ms."""

    def to_internal_value(self, data: Any) -> int:
        """Return milliseconds. Refuses booleans, infinities and values that are not numbers."""
        if isinstance(data, bool):
            self.fail("invalid")
        value_ms = super().to_internal_value(data) * 1000
        if not math.isfinite(value_ms):  # a huge number becomes infinite here
            self.fail("invalid")
        return round(value_ms)

    def to_representation(self, value: Any) -> Any:
        """Seconds."""
        return float(value) / 1000


class ModelSerializer(serializers.ModelSerializer[M]):
    """The base of our model serializers: date-time columns are shown in UTC with their offset."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }


class JobSerializer(ModelSerializer[M]):
    """The base for rows that are jobs: why it failed, null unless it did."""

    error_code = serializers.SerializerMethodField()
    error_message = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "nullable": True})
    def get_error_code(self, row: Any) -> str | None:
        """Why it failed, for programs."""
        return row.error_code or None

    @extend_schema_field({"type": "string", "nullable": True, "maxLength": 500})
    def get_error_message(self, row: Any) -> str | None:
        """Why it failed, for people."""
        return row.error_message or None


def validated(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """Return the serializer's validated data. Raises ValidationError (INVALID_INPUT) with the problems by field."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
