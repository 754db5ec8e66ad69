"""Routes below /api/v1/."""

from config.jobs import api
from config.routing import both

urlpatterns = [
    *both("jobs/<int:pk>", api.JobView.as_view(), "job"),
    *both("jobs/<int:pk>/file", api.JobFileView.as_view(), "job-file"),
    *both("jobs/<int:pk>/cancel", api.JobCancelView.as_view(), "job-cancel"),
]
