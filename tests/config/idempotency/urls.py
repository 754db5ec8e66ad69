"""One POST that counts its runs (each leaves a Group) and then does what the body says."""

import os
import time
import uuid

from django.contrib.auth.models import Group
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.api import idempotent
from config.problems import Conflict, InvalidRequest, Unavailable
from config.routing import both

RAISED = {
    "refused": InvalidRequest("No."),
    "duplicate": Conflict("Already exists."),
    "busy": Conflict("In progress.", retry_after=3),
    "throttled": Throttled(wait=3),
    "unavailable": Unavailable(),
    "bug": ZeroDivisionError(),
}


class Orders(APIView):
    scope = "invoices"

    @idempotent
    def post(self, request):
        run = Group.objects.create(name=str(uuid.uuid4()))
        then = request.data.get("then", "")
        if then == "hang" and "HANGS" in os.environ:
            print("running", flush=True)
            time.sleep(60)
        if then == "slow":
            time.sleep(0.5)
        if then in RAISED:
            raise RAISED[then]
        headers = {"Location": f"/api/v1/orders/{run.pk}", "X-Other": "not kept"}
        return Response({"run": run.pk, "name": "شركة"}, status=201, headers=headers)


urlpatterns = both("api/v1/orders", Orders.as_view(), "orders")
