"""The command run in this process, and a park that may be spoilt."""

import shutil
import sys

import pytest

from parkrisk.api import cli
from parkrisk.api.printed import terminal
from tests.minimal_park import FOLDER


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process: exit code, standard output, standard error."""

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["parkrisk", *map(str, arguments)])
        for console in (terminal.OUT, terminal._err):
            console.width = 300
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def broken(tmp_path):
    """A copy of the park that may be spoilt."""
    folder = tmp_path / "park"
    shutil.copytree(FOLDER, folder)
    return folder
