"""All that Quiddly would refuse in a document, found without asking it, in words for people (seed 001)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.debtor import (
    ADDRESS_PARTS,
    debtor_type,
    delivery_address,
    invoice_address,
    may_stand_elsewhere,
)
from invoice_bridge.systems.quiddly.invoice_body import (
    DISTRIBUTIONS,
    delivery_date,
    distribution,
    exchange_rate,
    tax_reduction,
)
from invoice_bridge.systems.quiddly.settings import QuiddlySettings, custom_field
from invoice_bridge.systems.quiddly.totals import total_problems
from invoice_bridge.systems.quiddly.vat import split_lines
from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.countries import is_country_code
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.documents.problems import author_should, final_problem, we_must
from invoice_bridge_core.documents.reading.emails import usable_email

if TYPE_CHECKING:
    from invoice_bridge.systems.quiddly.settings import CustomField
    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.routes.model import Route

_WORDS = {"address": "street address", "zip": "postal code", "city": "city", "countryCode": "country code"}


def quiddly_problems(document: Document, route: Route) -> list[Problem]:
    """The problems of a document beyond those that every finance system has with it."""
    settings = route.finance_as(QuiddlySettings)
    splits, vat_problems = split_lines(document, route.policy.total_tolerance)
    # Where a line has no VAT the sums are wrong too, and saying so would not help anybody.
    amounts = vat_problems or total_problems(document, splits, route.policy.total_tolerance)
    return [
        *_party_problems(document, settings),
        *_credit_problems(document),
        *_currency_problems(document, settings),
        *_custom_field_problems(document, route),
        *amounts,
    ]


def _party_problems(document: Document, settings: QuiddlySettings) -> list[Problem]:
    party = document.party
    if party is None:
        return []  # invoice_bridge_core.transfer.checks names it
    return [
        *_address_problems(party, settings),
        *_delivery_problems(document, party, settings),
        *_distribution_problems(document, party, settings),
    ]


def _address_problems(party: Party, settings: QuiddlySettings) -> list[Problem]:
    address = invoice_address(party, settings)
    if party.is_booker and not set(ADDRESS_PARTS) & set(address):
        # Sources have no address of bookers, so there is nothing that the author could mend.
        return [
            we_must(f"Booker '{party.name}' has no address, and Quiddly needs one: set booker_address in the route")
        ]
    named = _named(party)
    whose = f"{named[0].upper()}{named[1:]} has"
    if (unread := party.address.unread_country or party.address.country) and "countryCode" not in address:
        message = f"{whose} country '{unread[:40]}', which is no country or may be several: a code of two letters is"
        return [
            author_should(f"{message} certain"),
            *map(author_should, _missing_parts(address, whose, but_country=True)),
        ]
    may_be_there = party.address.has_another or may_stand_elsewhere(address)
    return [
        *(
            author_should(message) if may_be_there else final_problem(FinalProblem.ADDRESS_INCOMPLETE, message)
            for message in _missing_parts(address, whose)
        ),
        *map(author_should, _wrong_country(address, whose)),
    ]


def _delivery_problems(document: Document, party: Party, settings: QuiddlySettings) -> list[Problem]:
    address = delivery_address(document, party, settings)
    if address is None:
        return []
    whose = f"Delivery address of {document.number} has"
    return [author_should(message) for message in (*_missing_parts(address, whose), *_wrong_country(address, whose))]


def _missing_parts(address: dict[str, str], whose: str, *, but_country: bool = False) -> list[str]:
    wanted = [part for part in ADDRESS_PARTS if not (but_country and part == "countryCode")]
    missing = [_WORDS[part] for part in wanted if part not in address]
    return [f"{whose} no {' and no '.join(missing)}, but Quiddly needs the whole address"] if missing else []


def _wrong_country(address: dict[str, str], whose: str) -> list[str]:
    country = address.get("countryCode")
    if country is None or is_country_code(country):
        return []
    return [f"{whose} country code '{country[:20]}', which is not a country of ISO 3166-1"]


def _distribution_problems(document: Document, party: Party, settings: QuiddlySettings) -> list[Problem]:
    """Held, not rejected: the document is right in itself; the route or the customer's data can be mended."""
    try:
        code = distribution(document, settings)
    except ValueError as error:
        return [_wrong_field(settings, "distribution_code", error, f"one of {', '.join(DISTRIBUTIONS)}")]
    if party.is_booker and not party.email:
        return []  # invoice_bridge_core.transfer.checks names it
    if code == "EMAIL" and usable_email(party.email) is None:
        fault = f"'{party.email}', which is not valid" if party.email else "missing"
        return [we_must(f"E-mail address of {_named(party)} is {fault}, and the route sends invoices by e-mail")]
    if code == "ELECTRONIC_INVOICE":
        is_company = debtor_type(party) == "COMPANY"
        if custom_field(document, settings, "gln" if is_company else "fmi") is None:
            number = "GLN" if is_company else "FMI"
            return [we_must(f"{number} of {_named(party)} is missing, and the route sends electronic invoices")]
    return []


def _credit_problems(document: Document) -> list[Problem]:
    if not document.is_credit_note or document.credited_number is not None or document.credited_source_id is not None:
        return []
    # Which invoice is meant is for a person to decide; a source may have no field for it (contract ixpole.md).
    return [we_must(f"Credit note {document.number} does not name the invoice that it credits, but Quiddly needs it")]


def _currency_problems(document: Document, settings: QuiddlySettings) -> list[Problem]:
    currency = document.currency
    if currency is None or exchange_rate(document, settings) is not None:
        return []
    return [
        we_must(f"Exchange rate of {currency} into {settings.base_currency} is missing in the route's exchange_rates")
    ]


def _custom_field_problems(document: Document, route: Route) -> list[Problem]:
    settings = route.finance_as(QuiddlySettings)
    problems = []
    try:
        delivery_date(document, route)
    except ValueError:
        written = custom_field(document, settings, "delivery_date")
        problems.append(_wrong_field(settings, "delivery_date", written, "a date such as 2026-11-30"))
    try:
        reduction = tax_reduction(document, settings)
    except ValueError as error:
        return [*problems, _wrong_field(settings, "tax_reduction", error, "an amount such as 1500.00")]
    if reduction is not None and reduction > document.total_incl_vat:
        problems.append(
            author_should(
                f"Tax reduction {format_amount(reduction)} is more than the total "
                f"{format_amount(document.total_incl_vat)} of {document.number}"
            )
        )
    return problems


def _wrong_field(settings: QuiddlySettings, field: CustomField, value: object, wanted: str) -> Problem:
    return author_should(
        f"Custom field '{settings.custom_fields[field]}' is '{str(value)[:60]}', but it has to be {wanted}"
    )


def _named(party: Party) -> str:
    return f"booker '{party.name}'" if party.is_booker else f"customer '{party.name}' (ref: {party.key})"
