"""The data sets that IMS's procedures answer with: XML inside a string, several tables of rows."""

from dataclasses import dataclass

from lxml import etree

from config.xml import XMLRefused, parse
from integrations.ims.errors import Outcome
from integrations.ims.faults import Fault, FaultKind, classify
from integrations.ims.rows import Row

SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
ACCEPTED = frozenset({"1", "success"})
WARNED = frozenset({"warning"})


@dataclass(frozen=True, slots=True)
class DataSet:
    """All rows in the order IMS sent them, each with the name of its table (Table, Table1, …)."""

    tables: tuple[tuple[str, Row], ...]

    @property
    def first(self) -> Row | None:
        """The first row, for procedures that answer one row or none."""
        return self.tables[0][1] if self.tables else None

    @property
    def verdict(self) -> Row | None:
        """The last row with a Result or Status: nested procedures answer theirs before it."""
        judging = [row for _, row in self.tables if "Result" in row or "Status" in row]
        return judging[-1] if judging else None

    def rows(self, table: str = "Table") -> tuple[Row, ...]:
        return tuple(row for name, row in self.tables if name == table)


@dataclass(frozen=True, slots=True)
class ProcedureAnswer:
    """What a procedure that changes something says of itself.

    `accepted` when it did it, or had done it before and only warns (`warned`). `fault` is None
    then, else its message classified. `row` is empty where no row judges.
    """

    accepted: bool
    warned: bool
    message: str
    row: Row
    fault: Fault | None

    @property
    def outcome(self) -> Outcome:
        """A procedure that says no did nothing, whatever its words, unless its database broke."""
        if self.accepted:
            return Outcome.DONE
        broken = self.fault is not None and self.fault.kind is FaultKind.TRANSIENT
        return Outcome.UNKNOWN if broken or not self.row else Outcome.REFUSED


def read_data_set(text: str) -> DataSet:
    """The tables in the string of ExecuteDataSetResult; empty for `<Results />` and for "".

    The SOAP answer was parsed before, so `text` has been unescaped once, and never is again.
    Raises ValueError for what is not XML.
    """
    if not text.strip():
        return DataSet(())
    try:
        root = parse(text.encode())
    except XMLRefused as error:
        raise ValueError(f"The data set is not readable ({error.code}).") from None
    elements = [e for e in root if isinstance(e.tag, str) and not e.tag.startswith(SCHEMA)]
    return DataSet(tuple((local_name(element), read_row(element)) for element in elements))


def read_row(element: etree._Element) -> Row:
    """A row from an element whose children are its columns."""
    columns = [child for child in element if isinstance(child.tag, str)]
    return Row({local_name(column): "".join(map(str, column.itertext())) for column in columns})


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def read_verdict(data: DataSet) -> ProcedureAnswer:
    """The answer in the row that judges; a data set without one is not accepted."""
    row = data.verdict or Row({})
    word = (row.text("Result") if "Result" in row else row.text("Status")).lower()
    message = row.text("Message")
    accepted = word in ACCEPTED | WARNED
    fault = None if accepted else classify(message)
    return ProcedureAnswer(accepted, word in WARNED, message, row, fault)
