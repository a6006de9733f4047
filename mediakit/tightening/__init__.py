"""Cuts in speech: where one may begin and end beside words, and what may go: pauses, fillers, repeated starts."""
