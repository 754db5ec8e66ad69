"""The smallest API that goes over the whole edge: one table, one list, one POST."""

import django_filters
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny

from config.json import JSONTextField
from config.numbers import ExactDecimalField
from config.pagination import InvoicePagination
from config.preferences import StrictQuery
from config.text import TextField, search_words


class Probe(models.Model):
    name = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    count = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField(null=True)
    data = JSONTextField(null=True)
    kind = models.CharField(max_length=10, default="A")

    class Meta:
        app_label = "edge"

    def __str__(self) -> str:
        return self.name


class LineSerializer(serializers.Serializer):
    tax_rate = ExactDecimalField(min_value=0, max_value=100, decimal_places=2)


class ProbeSerializer(serializers.ModelSerializer):
    name = TextField(max_length=200)
    amount = ExactDecimalField(decimal_places=4)
    data = serializers.JSONField(required=False, encoder=DjangoJSONEncoder)
    lines = LineSerializer(many=True, required=False, max_length=100)

    class Meta:
        model = Probe
        fields = ("id", "name", "amount", "count", "seen_at", "data", "kind", "lines")

    def create(self, validated_data):
        validated_data.pop("lines", None)
        return super().create(validated_data)


class ProbeFilter(django_filters.FilterSet):
    since = django_filters.IsoDateTimeFilter(field_name="seen_at", lookup_expr="gte")
    kind = django_filters.ChoiceFilter(choices=[("A", "A"), ("B", "B")])
    search = django_filters.CharFilter(method="find")

    def find(self, rows, name, value):
        for word in search_words(value):
            rows = rows.filter(name__icontains=word)
        return rows


class ProbePagination(InvoicePagination):
    rows_key = "probes"


class Open:
    authentication_classes = ()
    permission_classes = (AllowAny,)


class Probes(StrictQuery, Open, generics.ListCreateAPIView):
    queryset = Probe.objects.all()
    serializer_class = ProbeSerializer
    filterset_class = ProbeFilter
    pagination_class = ProbePagination


class ProbeDetail(Open, generics.RetrieveAPIView):
    queryset = Probe.objects.all()
    serializer_class = ProbeSerializer
