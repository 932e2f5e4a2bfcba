# makes: a monthly cost budget on the subscription that writes an e-mail before it is spent
# assumes: The warning comes at eighty percent of the limit, in the currency of the subscription.
# asks: Who should be warned?
# output: budget_id | azurerm_consumption_budget_subscription.recipe_name.id | Id of the budget
resource "azurerm_consumption_budget_subscription" "recipe_name" {
  name            = var.name
  subscription_id = "/subscriptions/${var.subscription_id}"
  amount          = var.budget_amount
  time_grain      = "Monthly"

  time_period {
    start_date = var.budget_start
  }

  notification {
    operator       = "GreaterThan"
    threshold      = 80
    contact_emails = [var.email]
  }
}
