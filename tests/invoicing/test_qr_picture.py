"""The picture of a QR code stands alone: a browser shows it, and its namespace says what it is."""

from lxml import etree

from tests.invoicing.payloads import phase_1
from tests.invoicing.traces import URL


def test_a_qr_picture_is_an_svg_document(api, najd):
    pk = api.post(URL, phase_1()).json()["id"]

    response = api.get(f"{URL}/{pk}/qr")

    assert response["Content-Type"] == "image/svg+xml"
    assert etree.fromstring(response.content).tag == "{http://www.w3.org/2000/svg}svg"
