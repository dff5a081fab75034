"""The mailbox: what is sent is kept, in order, and leaves nowhere."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from taproom import settings
from taproom.services import mail


@pytest.fixture
def mailbox():
    """A running mailbox: its status."""
    yield mail.start()
    mail.stop()


def letter(subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = mail.address("superset"), mail.address("executive")
    message["Subject"] = subject
    message.set_content(body)
    return message


def test_messages_are_kept_in_order_whatever_is_in_them(mailbox):
    before = len(mail.messages())
    with smtplib.SMTP(settings.HOST, mailbox["port"], timeout=10) as sender:
        sender.send_message(letter("first", "a line\n.\n.and a dot in front\nend\n"))
        sender.send_message(letter("second", "ä"))
    new = mail.messages()[before:]
    assert [m["Subject"] for m in new] == ["first", "second"]
    assert new[0].get_content() == "a line\n.\n.and a dot in front\nend\n"
    assert new[1].get_content() == "ä\n"


def test_an_unknown_command_ends_nothing(mailbox):
    with smtplib.SMTP(settings.HOST, mailbox["port"], timeout=10) as sender:
        assert sender.docmd("BEER")[0] == 502
        assert sender.noop()[0] == 250


def test_superset_is_told_of_the_mailbox_or_of_a_real_server(mailbox, monkeypatch):
    assert mail.settings_for_superset()["port"] == mailbox["port"]
    monkeypatch.setenv("TAPROOM_SMTP_HOST", "mail.example")
    monkeypatch.setenv("TAPROOM_SMTP_STARTTLS", "1")
    told = mail.settings_for_superset()
    assert (told["host"], told["port"], told["starttls"]) == ("mail.example", 25, True)
