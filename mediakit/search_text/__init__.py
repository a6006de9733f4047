"""The text side of search: tokens of texts and queries, places of matches, ranking, corrections. No database."""
