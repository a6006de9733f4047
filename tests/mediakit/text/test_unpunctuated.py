"""Sentence ends in automatic captions, which have neither full stops nor capitals."""

import random

import pytest

from mediakit.scenes.scene_building import build_scenes
from mediakit.text.transcript import SentenceEnd, Word, sentence_ends
from mediakit.text.unpunctuated import spoken_sentence_ends

TALK = """
Welcome back to the workshop everybody. Today we are going to build a small wooden shelf for the kitchen.
You need four boards and a handful of screws. I bought mine at the old timber yard near the river.
First measure the wall very carefully with a long ruler. Then mark every point with a soft pencil.
It does not matter if the line is slightly crooked. But the holes have to be at the same height.
Now take the drill and choose a bit for concrete. When the dust starts to come out you can slow down.
My neighbour always forgets to wear his glasses. He spent a whole afternoon at the doctor because of that.
So please protect your eyes before you begin. The next step is to cut the boards to the right length.
We use a simple hand saw since it is quiet. Let's sand the edges until they feel smooth.
And that is already half of the work. If you want a darker colour you can add some oil.
I like walnut because it smells wonderful. Wait for one night until everything is dry.
What about the brackets that hold the shelf? They should be made of steel and not too thin.
You can hide them behind the boards with a little trick. Here is how my grandfather used to do it.
"""


def spoken(text: str, seed: int, *, rolled: bool) -> tuple[list[Word], set[int]]:
    """Words of a talk without punctuation and capitals, and the indices that begin a sentence.

    `rolled`: as YouTube writes them, each word lasting until the next one in its line of about seven words.
    """
    luck = random.Random(seed)
    words, starts, at = [], set(), 1000
    for token in text.split():
        bare = token.strip(".?").lower()
        length = 90 + 55 * len(bare) + luck.randint(-40, 40)
        words.append(Word(at, at + length, bare))
        ends = token[-1] in ".?"
        at += length + (luck.randint(250, 750) if ends else luck.randint(0, 120))
        if ends:
            starts.add(len(words))
    if rolled:
        words = [
            Word(
                w.start_ms,
                words[i + 1].start_ms if (i + 1) % 7 and i + 1 < len(words) else w.end_ms,
                w.text,
            )
            for i, w in enumerate(words)
        ]
    return words, starts


@pytest.mark.parametrize("rolled", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_scenes_of_automatic_captions_begin_where_sentences_do(seed, rolled):
    words, starts = spoken(TALK * 2, seed, rolled=rolled)
    scenes = build_scenes(
        duration_ms=words[-1].end_ms + 500, words=words, shots_ms=[], silences_ms=[]
    )
    cuts = [scene.first_word for scene in scenes[1:]]
    assert len(cuts) >= 3
    assert all(scene.end_ms - scene.start_ms <= 60_000 for scene in scenes)
    assert sum(cut in starts for cut in cuts) >= len(cuts) - 1


def word(at_ms: int, text: str) -> Word:
    return Word(at_ms, at_ms + 300, text)


FILL = [f"word{n}" for n in range(60)]


@pytest.mark.parametrize(
    ("said", "pause_ms", "ends"),
    [
        (["stone", "wall", "oak"], 400, False),
        (["stone", "so", "oak"], 400, True),  # a word that likes to begin
        (["the", "so", "oak"], 500, False),  # an article that cannot end
        (["wall", "Wall", "oak"], 200, True),  # a capital that the word lacks elsewhere
        (["stone", "Anna", "oak"], 200, False),  # a name
        (["stone", "wall", "oak"], 800, True),
    ],
)
def test_pauses_capitals_and_kinds_of_words_are_weighed(said, pause_ms, ends):
    texts = [*FILL[:30], *said, *FILL[30:]]
    at, words = 0, []
    for index, text in enumerate(texts):
        at += pause_ms if index == 31 else 20
        words.append(Word(at, at + 200, text))
        at += 200
    found = dict(spoken_sentence_ends(words))
    assert (found.get(31) == SentenceEnd.PAUSE) is ends


def test_punctuated_text_ends_where_it_says():
    words = [word(400 * at, text) for at, text in enumerate(TALK.split())]
    assert spoken_sentence_ends(words) == sentence_ends(words)
