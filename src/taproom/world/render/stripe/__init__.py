"""Stripe, as its connector delivers it."""

from taproom.world.render.stripe import (
    catalog,
    customers,
    events,
    invoices,
    payments,
    subscriptions,
)
from taproom.world.render.stripe.defects import LEDGERS

__all__ = ["LEDGERS", "RENDERERS", "WORLD"]

RENDERERS = {
    "product": catalog.product,
    "price": catalog.price,
    "coupon": catalog.coupon,
    "customer": customers.customer,
    "subscription_history": subscriptions.subscription_history,
    "subscription_item": subscriptions.subscription_item,
    "subscription_discount": subscriptions.subscription_discount,
    "discount": subscriptions.discount,
    "invoice": invoices.invoice,
    "invoice_line_item": invoices.invoice_line_item,
    "charge": payments.charge,
    "refund": payments.refund,
    "dispute": payments.dispute,
    "credit_note": payments.credit_note,
    "balance_transaction": payments.balance_transaction,
    "event": events.event,
}
WORLD = {"product", "price", "coupon"}
