"""Vectors of texts by a real server, as helpful or as broken as it likes."""

import pytest

from mediakit.remote.embeddings import EmbeddingServiceError, embed_texts


def ask(service, *texts, **changes):
    options = {"url": service.url, "key": "sk-secret", "model": "m", "timeout_s": 5}
    return embed_texts(texts, **(options | changes))


def test_texts_become_vectors_of_length_one_in_their_order(service):
    service.answer({"data": [{"index": 1, "embedding": [0, 5]}, {"index": 0, "embedding": [3, 4]}]})

    assert ask(service, "one", "two") == [pytest.approx((0.6, 0.8)), (0, 1)]

    (request,) = service.requests
    assert request.path == "/v1/embeddings"
    assert request.headers["Authorization"] == "Bearer sk-secret"
    assert request.json == {"model": "m", "input": ["one", "two"], "encoding_format": "float"}
    assert ask(service) == []
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"data": [{"index": 0, "embedding": [1, 2]}]},
        {"data": [{"index": 0, "embedding": [1]}, {"index": 5, "embedding": [1]}]},
        {"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1]}]},
        {"data": [{"index": 0, "embedding": [0, 0]}, {"index": 1, "embedding": [1, 0]}]},
        {"data": [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": [1]}]},
        {"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]},
        {"data": ["a", "b"]},
        b'{"data": [{"index": 0, "embedding": [NaN]}, {"index": 1, "embedding": [1e400]}]}',
        b"<html>",
    ],
)
def test_what_is_no_answer_is_an_error(service, answer):
    service.answer(answer)

    with pytest.raises(EmbeddingServiceError):
        ask(service, "one", "two")


def test_a_busy_server_is_asked_again_and_a_refusal_is_not(service):
    service.answer({}, status=503)
    service.answer({"data": [{"index": 0, "embedding": [1]}]})
    assert ask(service, "one") == [(1,)]
    service.answers.clear()
    service.answer({"error": "sk-secret"}, status=400)

    with pytest.raises(EmbeddingServiceError) as caught:
        ask(service, "one")

    assert caught.value.status == 400
    assert "sk-secret" not in str(caught.value)
    assert len(service.requests) == 3
