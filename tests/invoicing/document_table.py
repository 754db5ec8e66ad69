from datetime import timedelta
from django.utils import timezone
from invoicing.zatca import exemptions
_now = timezone.now().replace(microsecond=0)
ISSUED_AT=_now.isoformat()
TODAY=(_now+timedelta(hours=3)).date().isoformat()
HIJAZ_VAT="310122393500003"
ADDRESS={"street": "شارع الأمير سلطان","building_number": "3242","district": "الزهراء","city": "جدة","postal_code": "23423"}
ABROAD={"street":"High Street","city":"Houston","country_code":"US"}
SUPPLIER = {"name": "مزرعة القصيم | Qassim Farm","tax_number": HIJAZ_VAT,"id": {"scheme": "CRN", "number": "1131012345"},"address": ADDRESS}
EXEMPTIONS={c: exemptions.codes_of(c) for c in "ZEO"}
