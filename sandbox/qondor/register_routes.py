"""Qondor's calls for customers, contact persons and sales; no write returns anything."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sandbox.exact_json import read_json
from sandbox.qondor.answers import json_answer, not_found, problem, problems
from sandbox.qondor.bodies import InvalidBodyError, required_parameter
from sandbox.qondor.contact_persons import ContactPersons
from sandbox.qondor.customers import Customers, summary
from sandbox.qondor.payments import RuleBrokenError
from sandbox.qondor.register import UnknownEntryError
from sandbox.qondor.sales import Sales
from sandbox.store import Row

CUSTOMER = "/Customer/v1/Customer"
CONTACT_PERSON = "/ContactPerson/v1/ContactPerson"
SALE = "/Sale/v1/Sale"

_Office = Annotated[str | None, Query(alias="officeId")]
_Number = Annotated[str | None, Query(alias="customerNumber")]
_Reference = Annotated[str | None, Query(alias="externalReference")]
_Project = Annotated[str | None, Query(alias="projectId")]
_Handler = Callable[..., Awaitable[Response]]


def register_routes(customers: Customers, persons: ContactPersons, sales: Sales) -> APIRouter:
    """All three registers."""
    router = APIRouter()
    _add_customers(router, customers)
    _add_contact_persons(router, persons)
    _add_relations(router, customers, persons)
    _add_sales(router, sales)
    return router


def _answered(handler: _Handler) -> _Handler:
    """The handler, with an answer for whatever it refuses."""

    @wraps(handler)
    async def answer(*args: Any, **how: Any) -> Response:
        try:
            return await handler(*args, **how)
        except UnknownEntryError:
            return not_found()
        except InvalidBodyError as invalid:
            return problems(invalid.errors)
        except RuleBrokenError as broken:
            return problem(broken.field, broken.message)
        except ValueError:
            return problem("$", "The body is not valid JSON.")

    return answer


def _add_customers(router: APIRouter, customers: Customers) -> None:
    @router.get(f"{CUSTOMER}/GetAll")
    @_answered
    async def get_all(office: _Office = None) -> Response:
        return json_answer([summary(row) for row in _of_office(customers.all(), office)])

    @router.get(f"{CUSTOMER}/GetAllByCustomerNumber")
    @_answered
    async def get_by_number(number: _Number = None, office: _Office = None) -> Response:
        found = customers.numbered(required_parameter(number, "customerNumber"))
        return json_answer([customers.show(row) for row in _of_office(found, office)])

    @router.get(f"{CUSTOMER}/GetByExternalReference")
    @_answered
    async def get_by_reference(reference: _Reference = None) -> Response:
        found = customers.by_reference(required_parameter(reference, "externalReference"))
        return json_answer(customers.show(found))

    @router.get(f"{CUSTOMER}/{{customer_id}}")
    @_answered
    async def get_one(customer_id: str) -> Response:
        return json_answer(customers.show(customers.by_id(customer_id)))

    _add_writes(router, CUSTOMER, customers.insert, customers.update)


def _add_contact_persons(router: APIRouter, persons: ContactPersons) -> None:
    @router.get(f"{CONTACT_PERSON}/GetByEmail")
    @_answered
    async def get_by_email(email: str | None = None) -> Response:
        return json_answer(persons.show(persons.by_email(required_parameter(email, "email"))))

    @router.get(f"{CONTACT_PERSON}/GetByExternalReference")
    @_answered
    async def get_by_reference(reference: _Reference = None) -> Response:
        found = persons.by_reference(required_parameter(reference, "externalReference"))
        return json_answer(persons.show(found))

    @router.get(f"{CONTACT_PERSON}/{{person_id}}")
    @_answered
    async def get_one(person_id: str) -> Response:
        return json_answer(persons.show(persons.by_id(person_id)))

    @router.delete(f"{CONTACT_PERSON}/{{person_id}}")
    @_answered
    async def delete(person_id: str) -> Response:
        persons.remove(persons.by_id(person_id)["id"])
        return Response(status_code=204)

    _add_writes(router, CONTACT_PERSON, persons.insert, persons.update)


def _add_relations(router: APIRouter, customers: Customers, persons: ContactPersons) -> None:
    @router.put(f"{CONTACT_PERSON}/UpdateCustomerRelation")
    @_answered
    async def relate(request: Request) -> Response:
        body = read_json(await request.body())
        if not isinstance(body, dict):
            raise InvalidBodyError({"$": ["The JSON value could not be converted."]})
        person, customer = persons.named_in(body), _customer_in(customers, body)
        if body.get("deleteRelation"):
            persons.unrelate(customer["id"], person["id"])
        else:
            persons.relate(customer["id"], person["id"], is_active=body.get("isActive") is not False)
        return Response(status_code=204)


def _add_sales(router: APIRouter, sales: Sales) -> None:
    @router.get(f"{SALE}/GetByExternalReference")
    @_answered
    async def get_by_reference(reference: _Reference = None) -> Response:
        return json_answer(sales.show(sales.by_reference(required_parameter(reference, "externalReference"))))

    @router.get(f"{SALE}/GetAllForProject")
    @_answered
    async def get_of_project(project: _Project = None) -> Response:
        found = sales.of_project(required_parameter(project, "projectId"))
        return json_answer([sales.show(row) for row in found])

    @router.get(f"{SALE}/{{sale_id}}")
    @_answered
    async def get_one(sale_id: str) -> Response:
        return json_answer(sales.show(sales.by_id(sale_id)))

    _add_writes(router, SALE, sales.insert, sales.update)


def _add_writes(router: APIRouter, path: str, insert: Callable[[Any], Row], update: Callable[[Any], Row]) -> None:
    @router.post(path)
    @_answered
    async def post(request: Request) -> Response:
        insert(read_json(await request.body()))
        return Response(status_code=200)

    @router.put(path)
    @_answered
    async def put(request: Request) -> Response:
        update(read_json(await request.body()))
        return Response(status_code=204)


def _customer_in(customers: Customers, body: Row) -> Row:
    if body.get("customerId") is not None:
        return customers.by_id(body["customerId"])
    if body.get("customerExternalReference"):
        return customers.by_reference(body["customerExternalReference"])
    raise InvalidBodyError({"CustomerId": ["A customer is required."]})


def _of_office(rows: list[Row], office: str | None) -> list[Row]:
    if office is None or not office.strip():
        return rows
    if not office.isdecimal():
        raise RuleBrokenError("officeId", f"The value '{office}' is not valid.")
    return [row for row in rows if row.get("officeId") == int(office)]
