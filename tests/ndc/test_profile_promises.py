"""The two promises of schemas/README.md, against IATA's official schemas where those are at hand.

1. A request that is valid there is accepted by the profile.
2. A reply that is valid in the profile is valid there.
"""

from functools import cache

import pytest
from lxml import etree
from tests.ndc.containment import Containment
from tests.ndc.generate import Generator
from tests.ndc.grammar import Grammar
from tests.ndc.profile import PROFILE, REPLIES, REQUESTS, examples, official

COUNT = 200  # documents a message


@cache
def profile_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(PROFILE / "ndc.xsd"))


@cache
def profile_grammar() -> Grammar:
    return Grammar.read(PROFILE / "ndc.xsd")


@cache
def official_grammar() -> Grammar:
    return Grammar.read(*(official() / f"{name}.xsd" for name in (*REQUESTS, *REPLIES)))


def official_schema(message: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(official() / f"{message}.xsd"))


def refusals(schema: etree.XMLSchema, document: etree._Element) -> str:
    """What the schema says against the document; empty where it is valid."""
    schema.validate(document)
    return "\n".join(f"{e.path}: {e.message}" for e in schema.error_log)


@pytest.mark.parametrize("message", REQUESTS)
def test_requests_of_the_official_schemas_are_accepted(message: str) -> None:
    generator = Generator(official_grammar(), seed=1)
    theirs = official_schema(message)
    for document in generator.documents(message, COUNT):
        assert refusals(theirs, document) == ""
        assert refusals(profile_schema(), document) == ""
    assert generator.unseen(message) == set()


@pytest.mark.parametrize("message", REPLIES)
def test_replies_of_the_profile_are_official(message: str) -> None:
    generator = Generator(profile_grammar(), seed=2)
    theirs = official_schema(message)
    for document in generator.documents(message, COUNT):
        assert refusals(profile_schema(), document) == ""
        assert refusals(theirs, document) == ""
    assert generator.unseen(message) == set()


@pytest.mark.parametrize("message", REQUESTS)
def test_every_official_request_is_within_the_profile(message: str) -> None:
    assert Containment(profile_grammar(), official_grammar()).differences(message) == []


@pytest.mark.parametrize("message", REPLIES)
def test_every_reply_of_the_profile_is_within_the_official_schemas(message: str) -> None:
    assert Containment(official_grammar(), profile_grammar()).differences(message) == []


def test_example_requests_are_accepted() -> None:
    roots = [etree.parse(path).getroot() for path in sorted(examples().rglob("*.xml"))]
    requests = [root for root in roots if etree.QName(root).localname in REQUESTS]
    assert len(requests) > 15
    for root in requests:
        assert refusals(profile_schema(), root) == ""


def test_annotations_are_our_own_words() -> None:
    def texts(grammar: Grammar) -> set[str]:
        path = "{http://www.w3.org/2001/XMLSchema}documentation"
        found = (node.text or "" for root in grammar.files.values() for node in root.iter(path))
        return {" ".join(text.lower().split()).rstrip(".") for text in found}

    alike = texts(profile_grammar()) & texts(official_grammar())
    assert {text for text in alike if len(text.split()) > 3} == set()
