"""The OpenAPI schema as the server gives it out."""

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client: Client):
    return client.get(
        "/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json", "Host": "localhost"}
    ).json()


def test_it_is_valid_and_names_the_server_that_was_asked(schema):
    validate_schema(schema)

    assert schema["servers"] == [{"url": "http://localhost"}]


def test_every_operation_has_a_short_summary_and_an_id_of_its_own(schema):
    operations = [
        operation for operations in schema["paths"].values() for operation in operations.values()
    ]

    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids)) > 30
    lengths = {each["operationId"]: len(each["summary"]) for each in operations}
    assert {name: n for name, n in lengths.items() if not 5 <= n <= 120} == {}


def test_resumable_uploads_are_described_with_their_headers(schema):
    begin = schema["paths"]["/uploads"]["post"]
    item = schema["paths"]["/uploads/{upload_id}"]

    assert {"Tus-Resumable", "Upload-Length", "Upload-Metadata"} == {
        parameter["name"] for parameter in begin["parameters"]
    }
    assert "Location" in begin["responses"]["201"]["headers"]
    assert set(item) == {"head", "patch", "delete"}
    assert list(item["patch"]["requestBody"]["content"]) == ["application/offset+octet-stream"]
    assert {"accessToken": []} in begin["security"]


def test_what_a_request_may_leave_out_has_its_default_in_words(schema):
    """A field with a `default` is required in requests of clients that are generated for TypeScript."""
    components = schema["components"]["schemas"]

    with_default = [
        (name, field)
        for name, component in components.items()
        for field, described in component.get("properties", {}).items()
        if "default" in described
    ]
    quality = components["ExportRequestRequest"]["properties"]["output_quality"]
    assert with_default == []
    assert quality["description"].endswith("By default `high`.")


def test_every_list_of_a_request_says_how_long_it_may_be(schema):
    unlimited = {
        field: described
        for name, component in schema["components"]["schemas"].items()
        for field, described in component.get("properties", {}).items()
        if name.endswith("Request")
        and described.get("type") == "array"
        and "maxItems" not in described
    }
    # Of lists of objects the limit stands in words only.
    assert set(unlimited) == {"ranges", "items", "shots"}
    assert unlimited["shots"]["description"] == "Up to 200."
