"""The search index: one document a cluster of records, found in seven languages."""
