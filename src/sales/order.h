/* order.h -- what a customer bought: made in the transaction in which its deal is won, from the
 * quote that was accepted; of a deal without one, from its amount. What comes again and again
 * becomes a subscription each. A deal that is no longer won takes its order back. */
#pragma once
#include "kit/kit.h"

enum order_field {
    ORDER_NUMBER, ORDER_STATUS, ORDER_DEAL, ORDER_QUOTE, ORDER_COMPANY, ORDER_CONTACT, ORDER_OWNER,
    ORDER_ON, ORDER_NET, ORDER_TAX, ORDER_TOTAL, ORDER_MONTHLY, ORDER_TAX_CHOSEN,
    ORDER_NOTE,
    ORDER_FIELDS
};
enum order_line_field {
    ORDER_LINE_ORDER, ORDER_LINE_POSITION, ORDER_LINE_NAME, ORDER_LINE_PRODUCT,
    ORDER_LINE_QUANTITY, ORDER_LINE_MONTHS, ORDER_LINE_AMOUNT, ORDER_LINE_TAX,
    ORDER_LINE_SUBSCRIPTION,
    ORDER_LINE_FIELDS
};
extern const struct record_type order_type, order_line_type;
