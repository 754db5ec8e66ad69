from django.apps import AppConfig


class AttentionConfig(AppConfig):
    name = "config.attention"
    label = "attention"
    verbose_name = "To do"
