"""Pages of the report: figures drawn from data, nothing from a network, no way out of a script."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from taproom.instructor import report

pytestmark = pytest.mark.filterwarnings("default")  # nbconvert's own deprecations


@pytest.fixture
def page(tmp_path):
    """The page of a notebook with one figure whose labels try to break out."""
    figure = {
        "data": [{"type": "bar", "x": ["</script><b>"], "y": [1]}],
        "layout": {"title": {"text": "T"}, "meta": {"alt": 'bars of "all" plans'}},
    }
    notebook = nbformat.v4.new_notebook()
    output = nbformat.v4.new_output("display_data", data={report.PLOTLY: figure})
    cell = nbformat.v4.new_code_cell("fig", execution_count=1, outputs=[output])
    notebook.cells = [nbformat.v4.new_markdown_cell("# T"), cell]
    copy = tmp_path / "notebooks" / "01-t.ipynb"
    copy.parent.mkdir()
    nbformat.write(notebook, copy)
    report.write_notebook(copy, tmp_path)
    return copy.with_suffix(".html")


def test_a_figure_is_drawn_by_the_plotly_beside_the_report(page):
    text = page.read_text()
    [picture] = BeautifulSoup(text, "html.parser").select("[role=img]")
    assert picture["aria-label"] == 'bars of "all" plans'
    assert "Plotly.newPlot" in text and "</script><b>" not in text
    [library] = re.findall(r'<script src="([^"]+)"', text)
    assert (page.parent / library).exists()


def test_a_page_asks_the_network_for_nothing(page):
    text = page.read_text()
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)
    assert not re.search(r"@import|url\(['\"]?https?:", text)


def test_the_library_is_kept_once_a_report(page, tmp_path):
    assert len(list(tmp_path.rglob("plotly.min.js"))) == 1
