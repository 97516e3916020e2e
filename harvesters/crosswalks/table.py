"""A row of a table: a JSON object from column to cell, mapped by what the source file says of its columns."""

from pyoxigraph import NamedNode

from harvesters.crosswalks.building import GraphBuilder
from harvesters.crosswalks.flat import mapped, read_object
from hub.errors import Rejected
from hub.model import Mapped, RawRecord, Source


class TableCrosswalk:
    """`[options.fields]` gives columns their flat keys; `[options.constants]` gives flat keys a value for every row."""

    def __call__(self, raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped:
        row = read_object(raw)
        fields = {" ".join(column.split()): key for column, key in source.options.get("fields", {}).items()}
        if not any(column in row for column in fields):
            raise Rejected(
                f"The row has none of the columns that the source file maps ({', '.join(sorted(fields)[:10])}); "
                f"it has {', '.join(sorted(map(str, row))[:10])}. Check [options.fields] in the source file."
            )
        pairs = [(key, row[column]) for column, key in fields.items() if column in row]
        builder = GraphBuilder(raw, source, record, base)
        return mapped(builder, [*source.options.get("constants", {}).items(), *pairs], raw.identifier)
