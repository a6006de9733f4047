"""A real English Whisper model in CTranslate2's format that always returns the same sentence.

It has one layer, and weights that make each token follow the one before it, so everything that
loads and runs a model is exercised in a second and without a download.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from ctranslate2.specs import common_spec, whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH = 32
MELS = 80
TEXT_TOKENS = 50_257
LANGUAGES = _LANGUAGE_CODES
SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{code}|>" for code in LANGUAGES),
    *("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>"),
    "<|notimestamps|>",
    *(f"<|{step * 0.02:.2f}|>" for step in range(1501)),
]


def write_fake_model(folder: Path, *, says: str, seconds: float = 3) -> str:
    """Write a model that returns `says` for the first `seconds` of any audio with voice. Return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [f"Ġ{word}" for word in says.split()]
    vocabulary = _vocabulary(words)
    _write_tokenizer(folder / "tokenizer.json", vocabulary)
    spec = _spec(_chains(words, vocabulary, seconds))
    spec.register_vocabulary(vocabulary)
    first_language = vocabulary.index(f"<|{LANGUAGES[0]}|>")
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = list(range(first_language, first_language + len(LANGUAGES)))
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.save(str(folder))
    return str(folder)


def _vocabulary(words: list[str]) -> list[str]:
    text = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *words]
    filler = [f"unused{number}" for number in range(TEXT_TOKENS - len(text))]
    return [*text, *filler, *SPECIAL]


def _write_tokenizer(path: Path, vocabulary: list[str]) -> None:
    ids = {token: number for number, token in enumerate(vocabulary[:TEXT_TOKENS])}
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    assert tokenizer.token_to_id("<|0.00|>") == vocabulary.index("<|0.00|>")
    tokenizer.save(str(path))


def _chains(words: list[str], vocabulary: list[str], seconds: float) -> list[tuple[int, int]]:
    """(token, the token that follows it)."""
    said = ["<|0.00|>", *words, f"<|{seconds:.2f}|>", "<|endoftext|>"]
    pairs = [*pairwise(said)]
    # Both ways to begin: with times, and to find the times of what is known to be said.
    pairs += [("<|startoftranscript|>", "<|0.00|>"), ("<|notimestamps|>", words[0])]
    return [(vocabulary.index(a), vocabulary.index(b)) for a, b in pairs]


def _spec(chains: list[tuple[int, int]]) -> whisper_spec.WhisperSpec:
    random = np.random.default_rng(1)

    def weights(*shape: int, scale: float = 0.2) -> np.ndarray:
        return (random.standard_normal(shape) * scale).astype(np.float32)

    spec = whisper_spec.WhisperSpec(1, 1, 1, 1)
    size = TEXT_TOKENS + len(SPECIAL)
    embedded, projected = (weights(size, WIDTH, scale=1e-3) for _ in range(2))
    positions = {
        token: position for position, token in enumerate(dict.fromkeys(a for a, _ in chains))
    }
    for token, following in chains:
        embedded[token, positions[token]] = 10
        projected[following, positions[token]] = 5
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = weights(WIDTH, MELS, 3), weights(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = weights(WIDTH, WIDTH, 3), weights(WIDTH)
    encoder.position_encodings.encodings = weights(1500, WIDTH)
    decoder.position_encodings.encodings = np.zeros((448, WIDTH), np.float32)
    decoder.embeddings.weight = embedded
    decoder.projection.weight = projected
    _fill(encoder.layer_norm, encoder.layer[0].self_attention, encoder.layer[0].ffn, make=weights)
    layer = decoder.layer[0]
    _fill(decoder.layer_norm, layer.self_attention, layer.ffn, make=weights)
    _fill(common_spec.LayerNormSpec(), layer.attention, common_spec.LayerNormSpec(), make=weights)
    for quiet in (layer.self_attention.linear[-1], layer.attention.linear[-1], layer.ffn.linear_1):
        # Nothing may disturb the chain. Not zero: rows of zeros cannot be quantised.
        quiet.weight *= 1e-3
        quiet.bias *= 1e-3
    return spec


def _fill(norm, attention, ffn, *, make) -> None:
    """Random weights for a norm, an attention and a feed-forward block."""
    norms = [norm, *(part.layer_norm for part in (attention, ffn) if hasattr(part, "layer_norm"))]
    for one in norms:
        one.gamma, one.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)
    sizes = {1: [WIDTH], 2: [3 * WIDTH, WIDTH], 3: [WIDTH, 2 * WIDTH, WIDTH]}
    for linear, out in zip(attention.linear, sizes[len(attention.linear)], strict=True):
        linear.weight, linear.bias = make(out, WIDTH), make(out)
    if hasattr(ffn, "linear_0"):
        ffn.linear_0.weight, ffn.linear_0.bias = make(4 * WIDTH, WIDTH), make(4 * WIDTH)
        ffn.linear_1.weight, ffn.linear_1.bias = make(WIDTH, 4 * WIDTH), make(WIDTH)
