"""From one instalment to a document, without any HTTP."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.systems.ixpole.instalment import code_of, read_instalment, state_of
from invoice_bridge_core.documents import Address, Document, DocumentKind, SourceState
from invoice_bridge_core.documents.reference_text import reference_text
from invoice_bridge_core.errors import UnreadableError
from sandbox.ixpole.tenants import oddly
from tests.systems.ixpole.instalments import credit, customer, instalment, line, product

if TYPE_CHECKING:
    from collections.abc import Mapping

D = Decimal


class Registers:
    """One customer and one product, whatever is asked for; says what was asked."""

    def __init__(self, customer: Mapping[str, Any], product: Mapping[str, Any]) -> None:
        self._customer, self._product = customer, product
        self.asked: list[str] = []

    def customer(self, customer_id: str) -> Mapping[str, Any]:
        self.asked.append(f"customer {customer_id}")
        return self._customer

    def product(self, product_id: str) -> Mapping[str, Any]:
        self.asked.append(f"product {product_id}")
        return self._product


def read(
    told: dict[str, Any] | None = None,
    *,
    whose: dict[str, Any] | None = None,
    of: dict[str, Any] | None = None,
    with_code: bool = False,
) -> Document:
    registers = Registers(customer() if whose is None else whose, product() if of is None else of)
    told = instalment() if told is None else told
    return read_instalment(
        told, registers, conn_id="ixpole_default", code=str(code_of(told)), with_customer_code=with_code
    )


def test_every_field_finds_its_place() -> None:
    document = read()
    assert str(document.ref) == "ixpole:ixpole_default:INST-2026-0042"
    assert (document.number, document.kind, document.state) == (
        "INST-2026-0042",
        DocumentKind.INSTALMENT,
        SourceState.WAITING,
    )
    assert (document.invoice_date, document.due_date) == (dt.date(2026, 11, 15), dt.date(2026, 12, 15))
    assert (document.currency, document.purchase_order) == ("EUR", "Season 2026-27")
    assert (document.project_id, document.project_name) == ("77", "Home match 12")
    assert (document.total_excl_vat, document.vat_amount, document.total_incl_vat) == (D("600"), D("36"), D("636"))
    assert dict(document.custom_fields) == {"SaleNumber": "S-1188", "EventName": "Home match 12"}

    [sold] = document.lines
    assert (sold.description, sold.article_number, sold.ledger_account) == ("VIP seat, row B", "VIP-SEAT", "207")
    assert (sold.quantity, sold.unit_price_excl_vat, sold.vat_percentage) == (D(4), D("150"), D("6"))
    assert (sold.total_excl_vat, sold.vat_amount, sold.total_incl_vat) == (D("600"), D("36"), D("636"))
    assert sold.product is not None
    assert (sold.product.code, sold.product.name, sold.product.unit_price) == ("VIP-SEAT", "VIP seat", D("150"))

    assert document.party is not None
    assert (document.party.key, document.party.name, document.party.is_person) == (
        "311",
        "Brouwerij De Kroon 311 NV",
        False,
    )
    assert (document.party.tax_numbers, document.party.email) == (("BE0000000311",), "facturen311@dekroon.example")
    assert (document.party.phone, document.party.language) == ("+3235550000", "nl")
    assert document.party.address == Address(line1="Meir 1", postal_code="2000", city="Antwerpen", country_code="BE")


def test_keys_are_read_in_any_case() -> None:
    assert read(oddly(instalment()), whose=oddly(customer()), of=oddly(product())) == read()


def test_a_negative_instalment_is_a_credit_note_with_positive_amounts() -> None:
    document = read(credit())
    assert document.kind is DocumentKind.CREDIT_NOTE
    assert (document.total_incl_vat, document.total_excl_vat, document.vat_amount) == (D("636"), D("600"), D("36"))
    [given_back] = document.lines
    assert (given_back.quantity, given_back.unit_price_excl_vat, given_back.total_incl_vat) == (
        D(4),
        D("150"),
        D("636"),
    )
    assert document.label.endswith("-636.00 EUR")


def test_a_credit_with_negative_prices_says_the_same() -> None:
    amounts = {"AmountExclVat": D("-600"), "VatAmount": D("-36"), "AmountInclVat": D("-636")}
    assert read(credit(Lines=[line(UnitPrice=D("-150"), **amounts)])).lines == read(credit()).lines


def test_a_line_that_is_deducted_keeps_its_sign() -> None:
    amounts = {"AmountExclVat": D("-100"), "VatAmount": D("-6"), "AmountInclVat": D("-106")}
    deducted = line(LineNumber=2, Quantity=-1, UnitPrice=D("100"), **amounts)
    document = read(instalment(Lines=[line(), deducted], AmountExclVat=500, VatAmount=30, AmountInclVat=530))
    assert document.kind is DocumentKind.INSTALMENT
    assert [each.total_incl_vat for each in document.lines] == [D("636"), D("-106")]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (None, SourceState.WAITING),
        ("ToDo", SourceState.WAITING),
        ("to do", SourceState.WAITING),
        ("Planned", SourceState.WAITING),
        ("PENDING", SourceState.PROCESSED),
        ("Open", SourceState.PROCESSED),
        ("Overdue", SourceState.PROCESSED),
        ("received", SourceState.PAID),
    ],
)
def test_what_is_listed_waits_unless_its_status_says_that_it_was_invoiced(
    status: str | None, state: SourceState
) -> None:
    assert state_of(instalment(Status=status)) is state
    assert read(instalment(Status=status)).state is state


def test_an_instalment_without_a_customer_has_no_party() -> None:
    assert read(instalment(CustomerId=None)).party is None


def test_a_person_and_a_sparse_customer() -> None:
    person = read(whose={"CustomerId": 311, "Name": "Żaneta O'Neill 🎿", "Type": "person"}).party
    assert person is not None
    assert (person.is_person, person.name, person.tax_numbers, person.email) == (True, "Żaneta O'Neill 🎿", (), None)
    assert person.address.is_empty


@pytest.mark.parametrize(("with_code", "number"), [(True, "K-77"), (False, None)])
def test_ixpoles_own_customer_code_travels_only_where_ixpole_gives_them_out(
    with_code: bool, number: str | None
) -> None:
    party = read(whose=customer(CustomerCode="K-77"), with_code=with_code).party
    assert party is not None
    assert party.customer_number == number


def test_what_a_tenant_knows_besides_becomes_a_custom_field() -> None:
    whose = customer(GLN="7300009012345", FMI=5000, IsVip=True, Parent={"Id": 1}, Blank=" ")
    told = instalment(CustomFields=[{"Name": "Ref", "Value": "R-7"}, {"Name": "None", "Value": None}, 5])
    assert dict(read(told, whose=whose).custom_fields) == {
        "GLN": "7300009012345",
        "FMI": "5000",
        "SaleNumber": "S-1188",
        "EventName": "Home match 12",
        "Ref": "R-7",
    }
    written_otherwise = read(instalment(CustomFields={"Ref": "R-7"}), whose=whose)
    assert written_otherwise.custom_fields == read(told, whose=whose).custom_fields


@pytest.mark.parametrize(("written", "code"), [("Belgium", "BE"), ("België", "BE"), ("BEL", "BE"), ("Korea", None)])
def test_a_country_that_is_no_code_stays_a_name_and_gets_its_code(written: str, code: str | None) -> None:
    party = read(whose=customer(CountryCode=written)).party
    assert party is not None
    assert (party.address.country_code, party.address.country) == (code, written)


def test_the_third_amount_follows_from_the_other_two() -> None:
    told = instalment(AmountInclVat=None, Lines=[line(VatAmount=None)])
    document = read(told)
    assert (document.total_incl_vat, document.lines[0].vat_amount) == (D("636"), D("36"))


def test_a_line_is_described_by_its_product_where_it_says_nothing_itself() -> None:
    [sold] = read(instalment(Lines=[line(Description=None, ProductCode=None)])).lines
    assert (sold.description, sold.article_number) == ("Seat in the VIP area, with dinner", "VIP-SEAT")


def test_a_line_without_a_product_is_read_all_the_same() -> None:
    [sold] = read(instalment(Lines=[line(ProductId=None, ProductCode=None)])).lines
    assert (sold.product, sold.article_number) == (None, None)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"AmountInclVat": None, "VatAmount": None}, "AmountInclVat is missing"),
        ({"AmountInclVat": "a lot"}, "AmountInclVat is not an amount: 'a lot'"),
        ({"Lines": None}, "Lines is missing"),
        ({"Lines": "none"}, "Lines is not a list"),
        ({"Lines": [line(AmountInclVat=None, VatAmount=None)]}, "AmountInclVat is missing"),
        ({"Lines": [line(Quantity="four")]}, "Quantity is not an amount: 'four'"),
        ({"Currency": "EURO"}, "Currency is not a currency: 'EURO'"),
        ({"InvoiceDate": "11/10/2026"}, "InvoiceDate may be two dates: '11/10/2026'"),
        ({"CustomerId": {"Id": 1}}, "CustomerId is not a text"),
    ],
    ids=str,
)
def test_nothing_is_guessed(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(UnreadableError, match=text) as error:
        read(instalment(**changes))
    assert "iXpole instalment INST-2026-0042" in str(error.value)


def test_the_payload_hash_follows_instalment_customer_and_product_and_not_the_state() -> None:
    known = read().payload_hash
    assert read(instalment(Status="Pending")).payload_hash == known
    assert read(instalment(AmountExclVat=D("600.0"))).payload_hash == known
    others = [read(instalment(DueDate=None)), read(whose=customer(Email=None)), read(of=product(LedgerAccount="200"))]
    assert known not in {other.payload_hash for other in others}


@pytest.mark.parametrize("entry", [None, 5, "I-1", [], {}, {"InstalmentCode": " "}, {"InstalmentCode": "x" * 101}])
def test_an_entry_without_a_usable_code(entry: object) -> None:
    assert code_of(entry) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
fields_of_instalment = st.sampled_from([*instalment(), "CustomFields"])
fields_of_line = st.sampled_from([*line()])


@given(
    st.dictionaries(fields_of_instalment, json_values, max_size=4),
    st.dictionaries(fields_of_line, json_values, max_size=3),
    st.dictionaries(st.sampled_from([*customer()]), json_values, max_size=3),
    st.dictionaries(st.sampled_from([*product()]), json_values, max_size=3),
)
def test_any_json_is_a_document_or_unreadable(
    head: dict[str, Any], row: dict[str, Any], whose: dict[str, Any], of: dict[str, Any]
) -> None:
    told = {**instalment(Lines=[line(**row)]), **head}
    registers = Registers(customer(**whose), product(**of))
    try:
        document = read_instalment(told, registers, conn_id="c", code="I-1", with_customer_code=True)
    except UnreadableError:
        return
    assert document.is_credit_note or document.total_incl_vat >= 0
    assert document.payload_hash


@pytest.mark.parametrize(
    "stated",
    [
        {"Kostnads-sted": " 41  7/Å ", "Salg": 7},
        [{"Name": "Kostnads-sted", "Value": "41  7/Å"}, {"Key": "Salg", "Value": "7"}],
    ],
)
def test_a_field_that_a_reference_names_keeps_its_inner_blanks(stated: object) -> None:
    told = read(instalment(InvoiceReference=None, CustomFields=stated))
    assert reference_text(told, "{field:kostnadssted} / {field:Salg}") == "41  7/Å / 7"
    assert reference_text(told, None) == "41  7/Å"
    assert dict(told.custom_fields)["Kostnads-sted"] == "41 7/Å"
