"""The admin and the routes of tenancy alone, so that these tests need no other app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.tenancy.urls")),
]
