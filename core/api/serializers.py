"""Base serializers and fields of the API: times in UTC, milliseconds as seconds, why a job failed."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _
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
    """Return the validated data of a request's body.

    Raises ValidationError (INVALID_INPUT) with the problems by field; a field that the serializer does not know is
    one, at any depth, because a misspelt option would otherwise be ignored without a word.
    """
    unknown = _unknown_fields(serializer, serializer.initial_data)
    if unknown:
        raise serializers.ValidationError(unknown)
    return validated_parameters(serializer)


def validated_parameters(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """Return the validated query parameters; others are ignored. Raises ValidationError (INVALID_INPUT)."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _unknown_fields(field: Any, data: Any) -> dict[str, Any]:
    """The names in `data` that a serializer has no field for, each with its error, nested as they are in `data`."""
    if isinstance(field, serializers.ListSerializer) and isinstance(data, list):
        found = {str(at): _unknown_fields(field.child, item) for at, item in enumerate(data)}
    elif isinstance(field, serializers.Serializer) and isinstance(data, Mapping):
        found = {str(name): _problems(field, name, value) for name, value in data.items()}
    else:
        found = {}
    return {name: problems for name, problems in found.items() if problems}


def _problems(serializer: "serializers.Serializer[Any]", name: str, value: Any) -> Any:
    if name not in serializer.fields:
        return [_("There is no field of this name.")]
    return _unknown_fields(serializer.fields[name], value)
