"""Tables as files: what somebody wrote stays a text, whatever it begins with, and no file grows without end."""

import csv
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from tempfile import TemporaryFile
from typing import IO
from unicodedata import category, normalize
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.export import MOST_ROWS, WRITERS, Cell, Row, TooMany, defused, write_csv, write_xlsx

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BITING = [
    "=1+1",
    '=cmd|"/C calc"!A0',
    "+86 23 1234",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\nhello",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "﹦1+1",
    "  =1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u3000＝1",
    "\x00=1",
]
HARMLESS = ["", "卡丢了", "1+1=2", "a=b", "'=1", "身份证", "6-8岁", " 卡 ", "。", '"=1+1"', "é", "…"]
TEXTS = st.text() | st.builds("{}{}".format, st.sampled_from(BITING), st.text())


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def written(write: Callable[[IO[bytes], Iterable[Row]], None], rows: Iterable[Row]) -> bytes:
    file = BytesIO()
    write(file, rows)
    return file.getvalue()


def cells(content: bytes) -> list[ET.Element]:
    with ZipFile(BytesIO(content)) as book:
        assert not [name for name in book.namelist() if "link" in name.lower() or "macro" in name.lower()]
        return list(ET.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{SHEET}c"))


def text_of(cell: ET.Element) -> str:
    return "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))


@pytest.mark.parametrize("text", BITING)
def test_what_a_spreadsheet_might_take_for_a_formula_gets_an_apostrophe(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_any_text_comes_back_from_csv_and_no_cell_begins_with_a_sign(texts: list[str]) -> None:
    row = read_csv(written(write_csv, [texts]))[0]
    assert [cell if cell == text else cell[1:] for cell, text in zip(row, texts, strict=True)] == texts
    for cell in row:
        seen = normalize("NFKC", "".join(one for one in cell if category(one)[0] not in "CZ"))
        assert seen[:1] not in {"=", "+", "-", "@"}
        assert not cell.startswith(("\t", "\r", "\n"))


def test_csv_is_what_excel_reads_as_chinese_and_every_cell_is_quoted() -> None:
    content = written(write_csv, [("问题", "次数"), ('他说"卡丢了";=1+1', 3)])
    assert content == b"\xef\xbb\xbf" + '"问题","次数"\r\n"他说""卡丢了"";=1+1","3"\r\n'.encode()


def test_a_text_that_cannot_be_written_does_not_stop_the_file() -> None:
    assert read_csv(written(write_csv, [("\ud83d",), ("卡",)])) == [["?"], ["卡"]]


@pytest.mark.parametrize("text", [*BITING, *HARMLESS, "http://example.com/", "{=1+1}", "_x003D_1"])
def test_xlsx_holds_texts_that_stay_texts_and_neither_formulas_nor_links(text: str) -> None:
    found = cells(written(write_xlsx, [("头",), (text,)]))
    assert all(cell.find(f"{SHEET}f") is None for cell in found)
    assert [cell.get("t") for cell in found if text_of(cell)] == ["inlineStr"] * (2 if text else 1)
    if text and text.isprintable() and "_x" not in text:
        assert text_of(found[1]) == text


def test_a_text_in_xlsx_stays_one_when_somebody_edits_it() -> None:
    content = written(write_xlsx, [("头",), ("=1+1",)])
    with ZipFile(BytesIO(content)) as book:
        forms = ET.fromstring(book.read("xl/styles.xml")).find(f"{SHEET}cellXfs")
    assert forms is not None
    assert forms[int(cells(content)[1].get("s", "0"))].get("quotePrefix") == "1"


def test_numbers_in_xlsx_can_be_added_up() -> None:
    number = cells(written(write_xlsx, [("次数",), (3,)]))[1]
    assert (number.get("t"), number.findtext(f"{SHEET}v")) == (None, "3")


def test_a_text_too_long_for_a_cell_is_cut_and_shows_it() -> None:
    assert text_of(cells(written(write_xlsx, [("头",), ("长" * 40_000,)]))[1]) == "长" * 32_766 + "…"


def counted(rows: int, taken: list[int]) -> Iterator[Sequence[Cell]]:
    yield "问题", "次数"
    for number in range(rows):
        taken[0] = number + 1
        yield f"第{number}个问题，一句不长不短的话", number


@pytest.mark.parametrize("ending", WRITERS)
def test_a_million_rows_are_refused_after_the_first_hundred_thousand(ending: str) -> None:
    taken = [0]
    with TemporaryFile() as file:
        with pytest.raises(TooMany):
            WRITERS[ending](file, counted(1_000_000, taken))
        assert not file.closed
    assert taken == [MOST_ROWS + 1]


def peak(ending: str, rows: int) -> int:
    """The most memory that writing so many rows takes, in bytes."""
    with TemporaryFile() as file:
        tracemalloc.start()
        WRITERS[ending](file, counted(rows, [0]))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


@pytest.mark.parametrize("ending", WRITERS)
def test_many_rows_take_no_more_memory_than_few(ending: str) -> None:
    few = max(peak(ending, 1_000), peak(ending, 1_000))
    assert peak(ending, 10_000) < few + 400_000


def test_as_many_rows_as_a_file_takes_are_all_in_it() -> None:
    assert len(read_csv(written(write_csv, counted(MOST_ROWS, [0])))) == MOST_ROWS + 1
