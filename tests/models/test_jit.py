"""Compiled kernels are kept per state of all the sources they are made of."""

from parkrisk.models import _jit


def test_a_change_in_a_called_kernel_makes_a_new_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(_jit, "_PACKAGE", tmp_path)
    monkeypatch.setattr(_jit, "CACHE_ROOT", tmp_path / "cache")
    outer, inner, other = (tmp_path / f"{name}.py" for name in ("outer", "inner", "other"))
    outer.write_text("from parkrisk import inner, nowhere\n")
    inner.write_text("one = 1\n")
    other.write_text("one = 1\n")
    folders = []
    for path, text in ((inner, "two = 2\n"), (other, "two = 2\n"), (outer, "from parkrisk.other import two\n")):
        _jit._read.cache_clear()
        _jit._cache_folder.cache_clear()
        folders.append(_jit._cache_folder("outer", str(outer)))
        path.write_text(text)
    assert folders[0] != folders[1], "what the kernel calls has changed"
    assert folders[1] == folders[2], "a file that it does not use has changed"


def test_the_folder_of_an_earlier_state_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(_jit, "CACHE_ROOT", tmp_path)
    old, longer_name = tmp_path / "outer-0123456789abcdef", tmp_path / "outer.more-0123456789abcdef"
    old.mkdir()
    longer_name.mkdir()
    source = tmp_path / "outer.py"
    source.write_text("")
    _jit._cache_folder.cache_clear()
    _jit._cache_folder("outer", str(source))
    assert not old.exists()
    assert longer_name.exists()
