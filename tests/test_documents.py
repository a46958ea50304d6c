"""The documentation says what the code does."""

from tests.documents import ROOT, readme


def test_the_readme_has_the_settings_and_the_states_of_the_code() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == readme(text), "write it anew: make readme"


def test_every_file_that_the_readme_links_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert not missing
