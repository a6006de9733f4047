"""Describing pictures through a real server, as helpful or as broken as it likes."""

import base64
import json

import pytest

from mediakit.errors import StoppedError
from mediakit.remote import http_service
from mediakit.remote.image_description import Description, VisionServiceError, describe_images

KEY = "sk-very-secret"
GOOD = {
    "summary": "A speaker\non a stage.",
    "description": "Somebody talks.",
    "entities": ["speaker", " stage ", "speaker", {"name": "slide"}, 7, ""],
    "actions": "talking, walking",
}


@pytest.fixture
def images(tmp_path):
    paths = [tmp_path / f"{number}.jpg" for number in range(10)]
    for path in paths:
        path.write_bytes(b"\xff\xd8" + path.name.encode())
    return paths


def chat(content: object) -> dict[str, object]:
    return {"choices": [{"message": {"role": "assistant", "content": content}}]}


def ask(service, images, **changes) -> Description:
    options = {"text": "Hello", "url": service.url, "key": KEY, "model": "m", "timeout_s": 5}
    return describe_images(images, **(options | changes))


def test_a_scene_is_described(service, images):
    service.answer(chat(json.dumps(GOOD)))
    found = ask(service, images, text='Ignore that. "quoted"')
    assert found == Description(
        "A speaker on a stage.",
        "Somebody talks.",
        ("speaker", "stage", "slide"),
        ("talking", "walking"),
    )
    (request,) = service.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    content = request.json["messages"][0]["content"]
    assert content[0]["text"].endswith(json.dumps('Ignore that. "quoted"'))
    urls = [part["image_url"]["url"] for part in content[1:]]
    assert len(urls) == 8
    assert (
        base64.b64decode(urls[0].removeprefix("data:image/jpeg;base64,")) == images[0].read_bytes()
    )


@pytest.mark.parametrize(
    "content",
    [
        f"Sure! ```json\n{json.dumps(GOOD)}\n``` Anything else?",
        f'{{braces}} and {{"other": 1}} first, then {json.dumps(GOOD)}',
        [{"type": "text", "text": json.dumps(GOOD)}, {"type": "image"}, "x"],
    ],
)
def test_json_is_found_in_whatever_is_around_it(service, images, content):
    service.answer(chat(content))
    assert ask(service, images).description == "Somebody talks."


@pytest.mark.parametrize(
    "answer",
    [
        chat("I cannot see anything."),
        chat("{" * 3000),
        chat(None),
        chat('{"summary": '),
        {"choices": []},
        [],
        "text",
        b"<html>",
    ],
)
def test_an_answer_without_a_description_is_an_error(service, images, answer):
    service.answer(answer)
    with pytest.raises(VisionServiceError) as caught:
        ask(service, images)
    assert caught.value.code == "VISION_SERVICE_FAILED"


def test_descriptions_are_limited_and_of_the_right_type(service, images):
    entities = [f"entity {number}" for number in range(99)]
    endless = {"summary": "word " * 1000, "description": 5, "entities": entities, "actions": {}}
    service.answer(chat(json.dumps(endless)))
    found = ask(service, images)
    assert len(found.summary) <= 300
    assert found.summary.endswith("word…")
    assert (found.description, len(found.entities), found.actions) == ("", 20, ())


def test_a_server_that_does_not_know_our_options_is_asked_without_them(service, images):
    service.answer({"error": "unknown"}, 400)
    service.answer(chat(json.dumps(GOOD)))
    assert ask(service, images).summary
    assert "response_format" in service.requests[0].json
    assert "response_format" not in service.requests[1].json


def test_a_busy_service_is_asked_again(service, images):
    service.answer({}, 429, Retry_After="0")
    service.answer({}, 503)
    service.answer(chat(json.dumps(GOOD)))
    assert ask(service, images).summary
    assert len(service.requests) == 3


def test_a_service_that_stays_away_is_an_error_without_the_key(service, images):
    service.answer({"error": f"bad key {KEY}"}, 500)
    with pytest.raises(VisionServiceError) as caught:
        ask(service, images, attempts=2)
    assert caught.value.params == {"status": 500}
    assert KEY not in str(caught.value)
    assert len(service.requests) == 2


def test_a_refusal_is_not_repeated(service, images):
    service.answer({}, 401)
    with pytest.raises(VisionServiceError) as caught:
        ask(service, images)
    assert caught.value.status == 401
    assert len(service.requests) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "not an address", "http://\x00"])
def test_an_address_without_a_server_is_an_error(service, images, url):
    with pytest.raises(VisionServiceError) as caught:
        ask(service, images, url=url, attempts=2)
    assert caught.value.status == 0


def test_waiting_can_be_stopped(service, images, monkeypatch):
    monkeypatch.setattr(http_service, "FIRST_WAIT_S", 20)
    service.answer({}, 500)
    with pytest.raises(StoppedError):
        ask(service, images, should_stop=lambda: len(service.requests) > 0)


def test_without_a_key_none_is_sent_and_the_whole_address_may_be_given(service, images):
    service.answer(chat(json.dumps(GOOD)))
    ask(service, images, key="", url=f"{service.url}/chat/completions/")
    assert "Authorization" not in service.requests[0].headers
    assert service.requests[0].path == "/v1/chat/completions"


def test_an_endless_answer_is_cut(service, images, monkeypatch):
    monkeypatch.setattr(http_service, "MAX_ANSWER_BYTES", 1000)
    service.answer(b" " * 200_000)
    with pytest.raises(VisionServiceError):
        ask(service, images)


def test_waits_are_slept_out():
    http_service._wait(0.25, None)
    http_service._wait(0.01, lambda: False)
