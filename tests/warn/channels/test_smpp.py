"""Short messages by SMPP, through a message centre that can be told how to behave."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import pytest

from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn.channels import settings
from anlan.warn.channels.smpp import Carrier
from anlan.warn.channels.smpp.pdu import Malformed, read_short
from tests.warn.channels.office import PHONES, Office, wait_for
from tests.warn.channels.smsc import Centre

LONG = "乍浦镇沿海路段预计今晚二十时前后积水，" * 5  # 95 signs: two parts
Bind = Callable[..., Carrier]


@pytest.fixture
def centre() -> Iterator[Centre]:
    """A message centre on a free port."""
    made = Centre()
    yield made
    made.close()


@pytest.fixture
def bind(office: Office, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Bind:
    """Opens the channel and waits until it is bound."""
    monkeypatch.setenv("ANLAN_CHANNEL_SMS_PASSWORD", "secret")

    def opened(more: str = "", wait: bool = True) -> Carrier:
        line = office.configure(
            "sms",
            f"""
            kind = "smpp"
            host = "127.0.0.1"
            port = {centre.port}
            user = "anlan"
            sender = "10690330482"
            time_out_s = 0.5
            {more}
            """,
        )
        assert isinstance(line, Carrier)
        line.start()
        if wait:
            wait_for(lambda: line.session.bound)
        return line

    return opened


def test_a_message_is_submitted_as_the_protocol_says(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind()
    office.plan("sms", "wang", "水位上涨，请转移。")
    assert office.deliver() == {"sent": 1}
    (taken,) = centre.taken
    assert (taken.source, taken.to) == ("10690330482", "8613900000001")
    assert (taken.coding, taken.esm_class, taken.registered) == (8, 0, 1)
    assert taken.octets.decode("utf-16-be") == "水位上涨，请转移。"


def test_plain_english_goes_in_the_gsm_alphabet(office: Office, centre: Centre, bind: Bind) -> None:
    bind()
    office.plan("sms", "wang", "Move up @ once")
    office.deliver()
    assert (centre.taken[0].coding, centre.taken[0].octets) == (0, b"Move up \x00 once")


def test_a_long_text_goes_in_parts_that_belong_together(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind()
    name = office.plan("sms", "wang", LONG)
    office.deliver()
    first, second = centre.taken
    assert (first.esm_class, second.esm_class) == (0x40, 0x40)
    assert first.octets[:3] == second.octets[:3] == b"\x05\x00\x03"
    assert first.octets[3] == second.octets[3]
    assert (first.octets[4:6], second.octets[4:6]) == (b"\x02\x01", b"\x02\x02")
    assert (first.octets[6:] + second.octets[6:]).decode("utf-16-be") == LONG
    names = [f"{int(centre.last_id, 16) - 1:X}", centre.last_id]
    centre.receipt(names[0])
    wait_for(lambda: len(centre.answers) == 1)
    assert office.row(name).state == "sent", "one part is not the message"
    centre.receipt(names[1])
    wait_for(lambda: office.row(name).state == "delivered")


def test_a_long_text_goes_whole_where_the_centre_wants_it_so(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind('long = "payload"')
    office.plan("sms", "wang", LONG)
    assert office.deliver() == {"sent": 1}
    (taken,) = centre.taken
    assert (taken.octets, taken.payload) == (b"", LONG.encode("utf-16-be"))


@pytest.mark.parametrize("options", [False, True], ids=["text", "optional parameters"])
@pytest.mark.parametrize(("word", "state"), [("DELIVRD", "delivered"), ("UNDELIV", "failed")])
def test_a_receipt_settles_a_message(
    office: Office, centre: Centre, bind: Bind, word: str, state: str, options: bool
) -> None:
    bind()
    name = office.plan("sms", "wang")
    office.deliver()
    centre.receipt(centre.last_id, word, options)
    wait_for(lambda: centre.answers == [0])
    assert office.row(name).state == state
    office.forward(seconds=1)
    fallen = [row.channel for row in office.rows(person="wang", state="planned")]
    assert fallen == (["voice"] if state == "failed" else [])


def test_a_receipt_that_overtakes_the_answer_is_not_lost(
    office: Office, centre: Centre, bind: Bind
) -> None:
    centre.receipt_first = True
    bind()
    name = office.plan("sms", "wang")
    office.deliver()
    wait_for(lambda: centre.answers == [0])
    office.forward(seconds=1)
    assert office.row(name).state == "delivered"


def test_receipts_that_name_messages_in_decimal_are_understood(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind('receipt_id = "hex_to_decimal"')
    name = office.plan("sms", "wang")
    office.deliver()
    centre.receipt(str(int(centre.last_id, 16)))
    wait_for(lambda: office.row(name).state == "delivered")


def test_yes_by_message_acknowledges_and_other_words_show_that_it_was_read(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind()
    wang, li = office.plan("sms", "wang"), office.plan("sms", "li")
    office.deliver()
    centre.say("+8613900000001", " 收到。 ")
    centre.say("13900000002", "我在外地，家里老人怎么办？")
    wait_for(lambda: len(centre.answers) == 2)
    assert (office.row(wang).state, office.row(li).state) == ("answered", "read")
    office.forward(minutes=16)
    assert office.row(wang).state == "answered"


def test_what_a_stranger_writes_changes_nothing(office: Office, centre: Centre, bind: Bind) -> None:
    bind()
    name = office.plan("sms", "wang")
    office.deliver()
    centre.say("13700000000", "1")
    centre.say("", "1")
    wait_for(lambda: centre.answers == [0, 0])
    assert office.row(name).state == "sent"


def test_throttled_it_waits_and_goes_unmarked(office: Office, centre: Centre, bind: Bind) -> None:
    bind()
    centre.statuses = [0x58]
    name = office.plan("sms", "wang")
    assert office.deliver() == {"queued": 1}
    assert office.deliver() == {"queued": 1}
    assert centre.taken == []
    office.forward(seconds=6)
    assert office.deliver() == {"sent": 1}
    assert (office.row(name).repeat, len(centre.taken)) == (0, 1)


def test_a_later_part_that_is_throttled_is_asked_again_and_the_first_is_not(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind()
    centre.statuses = [0, 0x58, 0x58, 0]
    office.plan("sms", "wang", LONG)
    assert office.deliver() == {"sent": 1}
    assert [taken.octets[5] for taken in centre.taken] == [1, 2]


def test_a_number_refused_for_good_falls_to_the_next_channel(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind()
    centre.statuses = [0x0B]
    name = office.plan("sms", "wang")
    assert office.deliver() == {"failed": 1}
    assert office.row(name).reason == "refused by the outlet: SMPP 0xb"


def test_a_line_lost_after_the_message_is_unknown_and_repeated_marked(
    office: Office, centre: Centre, bind: Bind
) -> None:
    line = bind()
    centre.drop = True
    name = office.plan("sms", "wang")
    assert office.deliver() == {"unknown": 1}
    centre.drop = False
    wait_for(lambda: line.session.bound)
    office.forward(seconds=61)
    assert office.deliver() == {"sent": 1}
    assert office.row(name).repeat == 1
    assert centre.taken[1].octets.decode("utf-16-be").startswith("【重发】")


def test_an_answer_that_comes_late_settles_what_was_unknown(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind()
    centre.delay_s = 0.8
    name = office.plan("sms", "wang")
    assert office.deliver() == {"unknown": 1}
    wait_for(lambda: office.row(name).state == "sent")
    office.forward(seconds=61)
    assert office.deliver() == {"sent": 1}
    centre.receipt(centre.last_id)
    wait_for(lambda: office.row(name).state == "delivered")
    assert (len(centre.taken), office.row(name).repeat) == (1, 0)


def test_without_a_bind_messages_wait_and_then_take_the_next_channel(
    office: Office, centre: Centre, bind: Bind
) -> None:
    centre.password = "another"
    bind("give_up_s = 60", wait=False)
    wait_for(lambda: centre.binds == 1)
    office.plan("sms", "wang")
    assert office.deliver() == {"queued": 1}
    office.forward(seconds=61)
    assert office.deliver() == {"failed": 1}
    assert centre.taken == []


def test_the_bind_is_made_again_after_a_break(office: Office, centre: Centre, bind: Bind) -> None:
    line = bind()
    centre.hang_up()
    wait_for(lambda: centre.binds == 2 and line.session.bound)
    office.plan("sms", "wang")
    assert office.deliver() == {"sent": 1}


def test_a_silent_centre_is_asked_whether_it_is_there(
    office: Office, centre: Centre, bind: Bind
) -> None:
    bind("enquire_s = 0.1")
    wait_for(lambda: centre.enquiries >= 2)
    assert centre.binds == 1
    centre.deaf = True
    wait_for(lambda: centre.binds == 2)


def test_stopping_unbinds(centre: Centre, bind: Bind) -> None:
    line = bind()
    line.stop()
    wait_for(lambda: centre.unbinds == 1)


@pytest.mark.parametrize(
    "octets",
    [b"\0\0\0\x02xxxx", b"\xff" * 64, struct.pack(">IIII", 16, 0x77, 0, 9)],
    ids=["too short", "too long", "unknown command"],
)
def test_octets_that_are_no_unit_do_no_harm(
    office: Office, centre: Centre, bind: Bind, octets: bytes
) -> None:
    line = bind()
    centre.raw(octets)
    office.plan("sms", "wang")
    wait_for(lambda: line.session.bound)
    office.deliver()
    office.forward(seconds=61)
    wait_for(lambda: line.session.bound)
    wait_for(lambda: office.deliver().get("sent"))


@pytest.mark.parametrize("body", [b"", b"\0", b"\0\1\1139\0\0\0" + b"\0" * 4, b"\0" * 9 + b"\xff"])
def test_a_short_message_cut_short_is_named_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_short(body)


def test_no_number_and_no_answer_stays_readable_on_disk_or_in_the_journal(
    office: Office, centre: Centre, bind: Bind, caplog: pytest.LogCaptureFixture
) -> None:
    bind()
    office.plan("sms", "wang")
    office.plan("sms", "li")
    centre.statuses = [0, 0x0B]
    office.deliver()
    centre.say("13900000001", "独一无二的回复")
    centre.receipt(centre.last_id)
    wait_for(lambda: len(centre.answers) == 2)
    octets = office.everything_on_disk()
    for phone in PHONES.values():
        assert phone.encode() not in octets
        assert phone not in caplog.text
    assert "独一无二的回复".encode() not in octets
    with office.store.read() as conn:
        assert len(conn.execute(schema.hand_off.select()).all()) >= 1


def test_the_doctor_binds_and_leaves(
    office: Office, centre: Centre, bind: Bind, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind(wait=False)
    found = settings.read_channels(office.city)["sms"]
    assert "lets the desk in" in settings.probe(office.city, found)
    monkeypatch.setenv("ANLAN_CHANNEL_SMS_PASSWORD", "wrong")
    with pytest.raises(Refusal, match="status 0xe"):
        settings.probe(office.city, found)
