"""How partners describe things: one metadata format a file, each a function from a raw record to our graph.

`flat`, `ckan`, `dcat` and `table` read a format into drafts (`drafts`), and `building` writes the drafts as a graph by
what the Profile knows of each field. `words`, `values`, `licences` and `tongues` hold the written rules for values.
"""
