"""The sentences of the request rules, under the ids of the official rule set (238-R3.4.8)."""
