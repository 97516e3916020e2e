"""Bilingual lexicons as files: how each format is recognised and read, and where their words are kept."""
